"""Every control has a name for screen readers and is reached by Tab, at every size, and nothing catches the Tab key."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from all_pages import PAGES
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QScrollArea,
    QScrollBar,
    QTextBrowser,
    QWidget,
)

from ui.window import Window

MOST_TABS = 400
MOST_LINKS = 80


@pytest.fixture
def each_page(window, support_project, qtbot) -> Callable[[], Iterator[tuple[str, Window]]]:
    """Goes through all pages in one window: those that need no project first."""

    def go() -> Iterator[tuple[str, Window]]:
        shown = window()
        for name in ("welcome", "importing", *PAGES):
            if name not in ("welcome", "importing") and shown.session is None:
                assert shown.open_project(str(support_project))
            shown.go(name)
            qtbot.wait(200)
            yield name, shown

    return go


def controls(inside: QWidget) -> list[QWidget]:
    """What a person can work with: all that takes the focus by Tab, and every button."""
    return [
        widget
        for widget in inside.findChildren(QWidget)
        if widget.isVisible()
        and widget.isEnabled()
        and (widget.focusPolicy() & Qt.FocusPolicy.TabFocus or isinstance(widget, QAbstractButton))
        and not isinstance(widget, QScrollBar)
        and widget.objectName() not in ("qt_spinbox_lineedit", "qt_toolbar_ext_button")
        and not (
            type(widget.parent()).__name__ in ("QLineEdit", "SearchField", "QTableView")
            and isinstance(widget, QAbstractButton)
        )
    ]


def spoken(widget: QWidget) -> str:
    face = QAccessible.queryAccessibleInterface(widget)
    return face.text(QAccessible.Text.Name) if face is not None else widget.accessibleName()


def told(widget: QWidget) -> str:
    return f"{type(widget).__name__} in {type(widget.parent()).__name__} at {widget.geometry().getRect()} {widget.toolTip()!r}"


def test_every_control_has_a_name_and_tab_reaches_it_and_is_never_caught(each_page):
    for name, shown in each_page():
        nameless = [
            told(widget)
            for widget in controls(shown)
            if not spoken(widget).strip() and not isinstance(widget, QScrollArea)
        ]
        assert nameless == [], name
        assert _missed_by_tab(shown) == [], name


def _missed_by_tab(shown: Window) -> list[str]:
    shown.activateWindow()
    shown._page_buttons["guide"].setFocus()
    visited: list[QWidget] = []
    stayed = 0
    for _ in range(MOST_TABS):
        focus = QApplication.focusWidget()
        if focus is None or (len(visited) > 1 and focus is visited[0]):
            break
        # Texts go from link to link before they are left.
        stayed = stayed + 1 if visited and focus is visited[-1] else 0
        assert stayed < (MOST_LINKS if isinstance(focus, QTextBrowser) else 1), f"Tab does not leave {told(focus)}"
        visited.append(focus)
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    return [
        told(widget)
        for widget in controls(shown)
        if widget not in visited
        and not isinstance(widget, QAbstractScrollArea)
        # Of exclusive choices one takes the focus, and arrows move between them.
        and not (isinstance(widget, QAbstractButton) and (widget.autoExclusive() or widget.group() is not None))
    ]


def test_at_twice_the_size_a_page_fits_the_window(each_page, qtbot, settings):
    settings.set("scale", 2.0)
    for name, shown in each_page():
        shown.resize(1440, 900)
        qtbot.wait(100)
        area = shown.stack.currentWidget()
        assert (shown.width(), shown.height()) == (1440, 900), name
        assert area.horizontalScrollBar().maximum() == 0, name


def test_at_three_times_the_size_everything_is_reached_by_scrolling(each_page, qtbot, settings):
    settings.set("scale", 3.0)
    for name, shown in each_page():
        shown.resize(1440, 900)
        qtbot.wait(100)
        area, page = shown.stack.currentWidget(), shown.pages[name]
        assert (shown.width(), shown.height()) == (1440, 900), name
        reach = area.viewport().width() + area.horizontalScrollBar().maximum()
        assert page.minimumSizeHint().width() <= reach, name
