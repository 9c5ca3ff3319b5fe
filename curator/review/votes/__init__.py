"""Votes as arrays: of rounds, of decisions, of tables and of the exports of other tools."""
