"""The project on disk: an SQLite file, or a PostgreSQL database for a team. Start at `Project`."""

from curator.store.changes import Change, Mark
from curator.store.entries import (
    Account,
    Calibration,
    Counts,
    FindingVerdict,
    Identity,
    JournalEntry,
    Merged,
    Release,
    Run,
    Snapshot,
)
from curator.store.places import shown_address, with_password, without_password
from curator.store.project import Project
from curator.store.release_contents import ReleaseRow
from curator.store.rounds import Rounds
from curator.store.runs import SCORE_COLUMNS

__all__ = [
    "SCORE_COLUMNS",
    "Account",
    "Calibration",
    "Change",
    "Counts",
    "FindingVerdict",
    "Identity",
    "JournalEntry",
    "Mark",
    "Merged",
    "Project",
    "Release",
    "ReleaseRow",
    "Rounds",
    "Run",
    "Snapshot",
    "shown_address",
    "with_password",
    "without_password",
]
