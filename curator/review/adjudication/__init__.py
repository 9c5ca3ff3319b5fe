"""Settling votes: what agrees by itself, and what a person decides."""
