"""Frames in and out: sources, the decode process, health and writers."""
