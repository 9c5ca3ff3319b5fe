"""Starts the window: `curator-gui`, and behind `curator open`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from ctypes.util import find_library
from pathlib import Path

from PySide6.QtCore import QLibraryInfo, QLocale, QTimer, QTranslator
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from curator.errors import CuratorError, EnvironmentFailure
from curator.resources import resource
from ui import i18n, theme
from ui.crash import Reports
from ui.garbage import Collector
from ui.settings import Settings

SWITCH_S = 0.001


def main(data: Sequence[str] = ()) -> int:
    """Open the window, on a project or with data files to import; returns when it is closed."""
    if "--worker" in data:
        from ui.worker.__main__ import main as work

        work()
        return 0
    _refuse_no_screen()
    # Reading threads hand the interpreter back sooner, or the next card would wait for them.
    sys.setswitchinterval(SWITCH_S)
    app = QApplication.instance() or QApplication(["curator"])
    assert isinstance(app, QApplication)
    app.setApplicationName("curator")
    app.setApplicationDisplayName("Curator")
    app.setDesktopFileName("curator")
    app.setWindowIcon(QIcon(str(resource("icons/curator.svg"))))
    settings = Settings()
    apply_settings(app, settings)
    crashes = reports(settings)
    earlier = crashes.pending()
    from ui.window import Window

    window = Window(settings)
    crashes.install(lambda path: window.trouble(fault(path)))
    collector = Collector(app)
    window.show()

    def started() -> None:
        # After the first paint: the window is there at once, and fills a moment later.
        begin(window, list(data))
        if earlier:
            show_crash(window, crashes, earlier)

    QTimer.singleShot(0, window, started)
    code = app.exec()
    collector.stop()
    crashes.close()
    return code


def gui() -> None:
    """The entry point `curator-gui`."""
    try:
        sys.exit(main(sys.argv[1:]))
    except CuratorError as error:
        print(f"curator: {error}", file=sys.stderr)
        sys.exit(error.exit_code)


def _refuse_no_screen() -> None:
    """Raise EnvironmentFailure where Qt would find no screen: it would end the program without a word of ours."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM") or os.environ.get("WAYLAND_DISPLAY"):
        return
    if not os.environ.get("DISPLAY"):
        raise EnvironmentFailure(
            "there is no screen here for a window (DISPLAY is not set); start it in a desktop session, or use `curator check` "
            "and `curator export`."
        )
    if find_library("xcb-cursor") is None:
        raise EnvironmentFailure(
            "the window needs the library xcb-cursor, which this system lacks; install it (Debian and Ubuntu: libxcb-cursor0)."
        )


def begin(window: object, data: list[str]) -> None:
    """Show what the window was started for."""
    from ui.window import Window

    assert isinstance(window, Window)
    window.open_files([one if "://" in one else str(Path(one).absolute()) for one in data])
    if not window.place:
        window.go("welcome")


def apply_settings(app: QApplication, settings: Settings) -> None:
    """Take on language, theme and scale as they are set."""
    language = settings.get("language") or QLocale.system().name().partition("_")[0]
    i18n.use(language)
    _translate_qt(app, i18n.language())
    theme.apply(app, settings.get("theme"), float(settings.get("scale")))


def _translate_qt(app: QApplication, language: str) -> None:
    """Qt's own texts, such as the buttons of its dialogs, in the same language."""
    old = app.property("translator")
    if isinstance(old, QTranslator):
        app.removeTranslator(old)
    translator = QTranslator(app)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if language != "en" and translator.load(f"qtbase_{language}", folder):
        app.installTranslator(translator)
    app.setProperty("translator", translator)


def reports(settings: Settings) -> Reports:
    return Reports(settings.folder / "crashes")


def fault(path: str) -> str:
    """What the person at the window is told of a fault of ours."""
    return i18n.tr(
        "Something went wrong in Curator; your decisions are safe. A report is in {path}; please send it. Start the window "
        "anew if it behaves oddly.",
        path=path,
    )


def show_crash(window: object, crashes: Reports, text: str) -> None:
    """Show what an earlier start left, once."""
    from ui.crash_dialog import CrashDialog

    CrashDialog(window, text).open()  # type: ignore[arg-type]
    crashes.forget()
