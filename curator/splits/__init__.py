"""Choosing what is released, and splitting it so that no split leaks into another."""

from curator.splits.assign import NAMES, Shares, assign, place
from curator.splits.certificate import Across, Certificate, across
from curator.splits.choose import choose
from curator.splits.policy import DEFAULT, DISAGREEMENT, RULES, Exclusion, approved, decide, resolve, rules

__all__ = [
    "DEFAULT", "DISAGREEMENT", "NAMES", "RULES", "Across", "Certificate", "Exclusion", "Shares",
    "across", "approved", "assign", "choose", "decide", "place", "resolve", "rules",
]  # fmt: skip
