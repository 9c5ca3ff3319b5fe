"""The page Findings: an inbox by check; the finding with its evidence; its decision; the cut of a check."""

from ui.pages.findings.page import FindingsPage

__all__ = ["FindingsPage"]
