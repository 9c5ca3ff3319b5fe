"""Curator: clean, reviewed, provider-ready fine-tuning data. The engine; no window code in it."""

__version__ = "0.1.0"
