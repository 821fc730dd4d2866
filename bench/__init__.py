"""Benchmarks of Consentry beside its peers: ``python -m bench`` (docs/benchmarks.md)."""
