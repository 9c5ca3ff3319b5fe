"""The consensus of votes: models of reviewers, and which of them the votes themselves speak for."""
