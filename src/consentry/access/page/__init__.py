"""Doors in the console."""
