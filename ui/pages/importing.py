"""The import page: which files, what each is taken for, the task, and where the project is kept."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFileDialog, QFrame, QLineEdit, QStackedWidget, QWidget

from curator.tasks import NEEDS, Task
from ui.actions import Action
from ui.background import background
from ui.context import Context
from ui.i18n import number, tr
from ui.pages import Page
from ui.pages.importing_file import FilePanel
from ui.pages.starting import begin_import, choose_home, home, make_project
from ui.presenters import start
from ui.presenters.start import FilePlan, Plan
from ui.presenters.words import task_help, task_title
from ui.theme import px
from ui.widgets.basics import Elided, Scroll, button, clear, column, fill, heading, muted, named, row, tip_text
from ui.widgets.choice import ChoiceButton, Choices
from ui.widgets.dropping import DropFiles

if TYPE_CHECKING:
    from curator.preview import Preview

SIDE, NARROW = 320, 920
QWIDGETSIZE_MAX = (1 << 24) - 1
"""As far as a widget may grow, as Qt has it."""


class ImportPage(Page):
    name = "importing"

    def __init__(self, context: Context):
        super().__init__(context)
        self.plan = Plan(new=context.session is None)
        self.chosen: FilePlan | None = None
        self._named = False
        self._folder = home(context)
        self._task_known: Task | None = None
        self.panel = FilePanel(self._look, self._remove)
        self.empty = DropFiles(self.take, self._ask_files)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.panel)
        inside = QWidget()
        self._across = row(inside, 24, (24, 24, 24, 16))
        self._across.addWidget(self._side())
        self._across.addWidget(self.stack, 1)
        scroll = named(Scroll(inside, sideways=True), tr("Import"))
        whole = column(self, 0)
        whole.addWidget(scroll, 1)
        whole.addWidget(self._foot())
        self._show()
        if context.session is not None:
            context.session.read(lambda project: project.settings().get("task"), self._know_task, key="importing.task")

    # Building

    def _side(self) -> QWidget:
        self.side = QWidget()
        body = column(self.side, 8)
        self.files = column(spacing=4)
        self.add = button(tr("Add files…"), self._ask_files)
        self.tasks = self._tasks()
        self.task_part, self.task_why = QWidget(), muted("")
        part = column(self.task_part, 4)
        fill(part, heading(tr("Task")), self.task_why, *self.tasks.buttons.values(), 8)
        fill(body, heading(tr("Files")), self.files, self.add, 8, self.task_part, self._project_part(), None)
        return self.side

    def _foot(self) -> QWidget:
        made = QFrame()
        made.setProperty("kind", "jobs")
        self.missing = muted("")
        self.begin = button(tr("Import"), self.start_import, "primary")
        self.begin.setMinimumWidth(px(160))
        self.leave_button = button(tr("Not now"), self._leave, "quiet")
        line = row(made, 8, (24, 12, 24, 12))
        line.addWidget(self.missing, 1)
        fill(line, self.leave_button, self.begin)
        return made

    def _tasks(self) -> Choices[Task]:
        buttons = {}
        for task, need in NEEDS.items():
            sizes = f"{number(need.minimum)} / {number(need.ideal)}"
            made = ChoiceButton(task_title(task), "", sizes)
            said = tr("needs {minimum}, ideally {ideal}", minimum=number(need.minimum), ideal=number(need.ideal))
            made.setToolTip(f"{task_help(task)}\n{said}")
            named(made, f"{task_title(task)}: {said}")
            buttons[task] = made
        return Choices(buttons, self._choose_task)

    def _project_part(self) -> QWidget:
        self.project_part = QWidget()
        part = column(self.project_part, 4)
        self.project_name = named(QLineEdit(), tr("Name of the project"))
        self.project_name.textEdited.connect(self._name_typed)
        line = row(spacing=8)
        self.folder = Elided("", "muted", Qt.TextElideMode.ElideMiddle)
        line.addWidget(self.folder, 1)
        line.addWidget(button(tr("Change…"), self._choose_folder, "link", name=tr("Change the folder of the project")))
        fill(part, heading(tr("Project")), self.project_name, line)
        return self.project_part

    # What is shown

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where it is narrow, the file stands under the list of files."""
        super().resizeEvent(event)
        narrow, way = self.width() < px(NARROW), QBoxLayout.Direction
        self._across.setDirection(way.TopToBottom if narrow else way.LeftToRight)
        self.side.setMinimumWidth(0 if narrow else px(SIDE))
        self.side.setMaximumWidth(QWIDGETSIZE_MAX if narrow else px(SIDE))
        self.panel.stand(narrow=narrow)

    def arrive(self, files: Iterable[str] = (), **where: Any) -> None:
        if files:
            self.take(list(files))
        else:
            self._show()

    def take(self, files: Iterable[str]) -> None:
        """Put in these files and look at each."""
        listed = [file for file in files if not file.endswith(start.SUFFIX)]
        fresh = self.plan.add(listed)
        known = next((one for one in self.plan.files if one.path in listed), None)
        self.chosen = fresh[0] if fresh else known or self.chosen
        for one in fresh:
            self._look(one, show=False)
        if not self._named and self.plan.new and self.plan.files:
            name = start.name_for(one.path for one in self.plan.files)
            self.project_name.setText(start.free_path(self._folder, name).stem)
        self._show()
        self._focus_chosen()

    def _focus_chosen(self) -> None:
        if self.chosen is not None and (made := self.files.itemAt(self.plan.files.index(self.chosen))) is not None:
            made.widget().setFocus()

    def _look(self, one: FilePlan, show: bool = True) -> None:
        """Look at a file anew under the choices so far."""
        work = one.look()
        asked = one.asked
        background().run(self, work, lambda found: self._looked(one, asked, found))
        if show:
            self._show()

    def _looked(self, one: FilePlan, asked: int, found: Preview) -> None:
        if one.seen(asked, found):
            self._show()

    def _know_task(self, task: str | None) -> None:
        self._task_known = Task(task) if task else None
        self._show()

    def _show(self) -> None:
        self._show_files()
        self.stack.setCurrentWidget(self.panel if self.chosen is not None else self.empty)
        if self.chosen is not None:
            self.panel.show_plan(self.chosen)
        guess = self.plan.guess
        self.task_part.setVisible(bool(self.plan.files) and self._task_known is None)
        self.tasks.choose(self.plan.chosen_task)
        if self.plan.task is not None:
            self.task_why.setText(tr("Minimum and ideal number of examples stand beside each."))
        elif guess is not None:
            self.task_why.setText(tr("Guessed: {why}. Change it if that is wrong.", why=guess[1]))
        else:
            self.task_why.setText(tr("What will the fine-tuned model do?"))
        self.project_part.setVisible(self.plan.new and bool(self.plan.files))
        self.folder.setText(start.tidy(self._folder))
        missing = self._missing()
        self.missing.setText(missing or self.plan.summary)
        self.begin.setEnabled(not missing)

    def _missing(self) -> str:
        if found := self.plan.missing:
            return found
        if self.plan.new and not self.project_name.text().strip():
            return tr("Give the project a name.")
        return ""

    def _show_files(self) -> None:
        known = [self.files.itemAt(at).widget() for at in range(self.files.count())]
        if len(known) != len(self.plan.files) or any(w.property("path") != f.path for w, f in zip(known, self.plan.files, strict=True)):  # fmt: skip
            clear(self.files)
            known = []
            for one in self.plan.files:
                made = ChoiceButton(one.name)
                made.setProperty("path", one.path)
                made.clicked.connect(lambda _checked=False, one=one: self._choose(one))
                self.files.addWidget(made)
                known.append(made)
        for made, one in zip(known, self.plan.files, strict=True):
            assert isinstance(made, ChoiceButton)
            made.say(one.name, one.line)
            made.setToolTip(tip_text(one.path))
            made.setChecked(one is self.chosen)

    # What is chosen

    def _choose(self, one: FilePlan) -> None:
        self.chosen = one
        self._show()

    def _remove(self, one: FilePlan) -> None:
        self.plan.remove(one.path)
        if self.chosen is one:
            self.chosen = self.plan.files[0] if self.plan.files else None
        self._show()

    def _choose_task(self, task: Task) -> None:
        self.plan.task = task
        self._show()

    def _name_typed(self, _text: str) -> None:
        self._named = True
        self._show()

    def _choose_folder(self) -> None:
        chosen = choose_home(self, self.context)
        if chosen is not None:
            self._folder = chosen
            self._show()

    def _ask_files(self) -> None:
        chosen, _ = QFileDialog.getOpenFileNames(self, tr("Add files"), self.context.setting("folder", ""))
        if chosen:
            self.context.settings.set("folder", str(Path(chosen[0]).parent))
            self.take(chosen)

    def _leave(self) -> None:
        self.plan = Plan(new=self.context.session is None)
        self.chosen = None
        self.context.go("welcome" if self.context.session is None else "overview")

    # What is done

    def actions_here(self) -> list[Action]:
        return [
            Action(
                "importing.begin",
                tr("Import these files"),
                self.start_import,
                ("Ctrl+Return",),
                scope=self.name,
                menu="project",
                enabled=lambda: self.begin.isEnabled(),
            )
        ]

    def start_import(self) -> None:
        """Make the project if there is none, and import the files as they are shown."""
        if self._missing():
            return
        context, order, task = self.context, self.plan.order(), self.plan.chosen_task
        self.begin.setEnabled(False)
        if context.session is None:
            path = self._folder / f"{self.project_name.text().strip()}{start.SUFFIX}"
            make_project(self, context, path, task, lambda: begin_import(context, order), self._show)
            return
        if self._task_known is None and task is not None:
            context.session.write(lambda project: project.set_settings(task=str(task)))
        begin_import(context, order)
        self.plan, self.chosen = Plan(new=False), None
        context.go("overview")
