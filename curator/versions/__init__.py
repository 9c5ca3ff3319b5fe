"""Versions of a dataset: states of a project and releases, what differs between two, and writing a release again."""

from curator.versions.diff import Change, Diff, Kind, compare, counts_between
from curator.versions.finding import find
from curator.versions.rebuild import Rebuilt, compared, refuse_unkept
from curator.versions.states import Said, State, of_project, of_release

__all__ = [
    "Change",
    "Diff",
    "Kind",
    "Rebuilt",
    "Said",
    "State",
    "compare",
    "compared",
    "counts_between",
    "find",
    "of_project",
    "of_release",
    "refuse_unkept",
]
