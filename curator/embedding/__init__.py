"""Texts to vectors, and the nearest of them."""

from curator.embedding.encoder import DEFAULT, EncoderInfo
from curator.embedding.neighbours import Neighbours, nearest
from curator.embedding.service import Embedder, Windows

__all__ = ["DEFAULT", "Embedder", "EncoderInfo", "Neighbours", "Windows", "nearest"]
