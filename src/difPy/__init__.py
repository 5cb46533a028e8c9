"""difPy finds duplicate and similar pictures."""

__version__ = "5.0.0a1"
