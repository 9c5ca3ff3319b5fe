"""The page of rounds: who reviews what, how far it is, and packets out and in."""

from ui.pages.rounds.page import RoundsPage

__all__ = ["RoundsPage"]
