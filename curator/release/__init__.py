"""One release: which examples go out, in which split, and the files that carry them and prove it."""

from curator.release.acceptance import Acceptances, Preferences
from curator.release.files import Release, few_pairs, write
from curator.release.manifest import Named, Written, rows_of, versions
from curator.release.place import Placement, place
from curator.release.plan import plan
from curator.release.plan_parts import Plan
from curator.release.select import Selection, exclusions, held_back, select
from curator.release.wanted import Wanted, refuse_taken

__all__ = [
    "Acceptances", "Named", "Placement", "Plan", "Preferences", "Release", "Selection", "Wanted", "Written",
    "exclusions", "few_pairs", "held_back", "place", "plan", "refuse_taken", "rows_of", "select", "versions", "write",
]  # fmt: skip
