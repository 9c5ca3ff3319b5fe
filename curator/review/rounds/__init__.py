"""Rounds of review: what is looked at, by whom, how far they are, and who leaves or joins."""
