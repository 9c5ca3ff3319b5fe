"""The page Adjudicate: what reviewers disagree on, one dispute at a time, with their votes side by side."""

from ui.pages.adjudicate.page import AdjudicatePage

__all__ = ["AdjudicatePage"]
