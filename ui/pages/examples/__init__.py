"""The page Examples: a table of all of them beside the one that is looked at."""

from ui.pages.examples.page import ExamplesPage

__all__ = ["ExamplesPage"]
