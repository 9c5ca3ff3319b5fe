"""How far reviewers agree: labels, sets of labels, fields and texts; by label, by reviewer, over time."""
