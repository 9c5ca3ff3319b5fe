"""The pages of an open project, in the order of the list at the left and with those that it does not show."""

PAGES = (
    "overview",
    "readiness",
    "examples",
    "findings",
    "review",
    "rounds",
    "agreement",
    "adjudicate",
    "map",
    "export",
    "releases",
    "compare",
    "guide",
)
