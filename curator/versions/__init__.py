"""Versions of a dataset: states of a project and releases, what differs between two, and writing a release again."""

from curator.versions.diff import Change, Diff, compare
from curator.versions.finding import find
from curator.versions.rebuild import Rebuilt, compared
from curator.versions.states import Said, State, of_project, of_release

__all__ = ["Change", "Diff", "Rebuilt", "Said", "State", "compare", "compared", "find", "of_project", "of_release"]
