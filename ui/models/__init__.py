"""Qt's item models over the project."""
