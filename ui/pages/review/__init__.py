"""The page where people spend their hours: one card at a time, the record left, the decision right."""

from ui.pages.review.page import ReviewPage

__all__ = ["ReviewPage"]
