"""Filters of the catalogue as they are typed: `label=refund`, `status=undecided`, `text=broken`."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from curator.errors import InputError
from curator.text import plural

if TYPE_CHECKING:
    from curator.catalogue import Catalogue
    from curator.store import Project

KEYS = ("label", "check", "status", "reviewer", "split", "text")


def filtered(project: Project, typed: list[str]) -> dict[str, Any]:
    """The candidates that meet every condition, of several values for one key any; `ids`, and what was asked in words."""
    import numpy as np

    from curator.catalogue import Catalogue, Filter
    from curator.model import Role

    asked: dict[str, list[str]] = defaultdict(list)
    for one in typed:
        key, equals, value = one.partition("=")
        if not equals or key.strip() not in KEYS or not value.strip():
            raise InputError(f"{one!r} is no filter; write KEY=VALUE, where KEY is {', '.join(KEYS)}")
        asked[key.strip()].append(value.strip())
    rows = Catalogue.load(project)
    _refuse_unknown(rows, asked)
    found = None
    for text in asked["text"]:
        ids = project.search(text)
        found = ids if found is None else np.intersect1d(found, ids)
    wanted = Filter(
        found=found,
        role=Role.CANDIDATE,
        checks=tuple(asked["check"]),
        labels=tuple(asked["label"]),
        statuses=tuple(asked["status"]),
        reviewers=tuple(asked["reviewer"]),
        splits=tuple(asked["split"]),
    )
    chosen = tuple(int(id) for id in rows.view(wanted))
    if not chosen:
        raise InputError(f"No candidate meets {' '.join(typed)}.")
    return {"ids": chosen, "said": f"{plural(len(chosen), 'candidate')} with {', '.join(typed)}"}


def _refuse_unknown(rows: Catalogue, asked: dict[str, list[str]]) -> None:
    from curator.catalogue.filtering import STATUSES
    from curator.store.columns import SPLITS

    known = {
        "label": rows.labels,
        "check": rows.checks,
        "status": STATUSES,
        "reviewer": rows.reviewers,
        "split": tuple(name for name in SPLITS if name),
    }
    for key, values in known.items():
        for value in asked[key]:
            if value not in values:
                there = ", ".join(values[:12]) + (", …" if len(values) > 12 else "")
                raise InputError(
                    f"There is no {key} {value!r} in this project; "
                    + (f"there are {there}." if there else "there is none.")
                )
