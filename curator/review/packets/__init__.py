"""Packets: a reviewer's part of a round as a file, and the answer to it."""
