"""Consentry: count everyone, know only those who agreed."""

__all__ = ["__version__"]

__version__ = "0.1.0"
