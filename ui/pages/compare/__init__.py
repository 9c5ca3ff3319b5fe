"""The page Compare: a model before and after, on what neither was trained on."""

from ui.pages.compare.page import ComparePage

__all__ = ["ComparePage"]
