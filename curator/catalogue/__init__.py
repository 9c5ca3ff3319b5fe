"""The examples in force as columns in memory, so that a table of a million rows sorts and filters at once."""

from curator.catalogue.catalogue import Catalogue, SourceName
from curator.catalogue.filtering import STATUSES, UNDECIDED, Filter

__all__ = ["STATUSES", "UNDECIDED", "Catalogue", "Filter", "SourceName"]
