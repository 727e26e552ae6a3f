"""Starling's household: everything that is true on every platform."""

__version__ = "0.1.0"
