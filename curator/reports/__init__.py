"""What was found and what was written, for people (HTML), programs (JSON, scores) and CI (JUnit)."""
