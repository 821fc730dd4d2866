"""Tracks, lines, zones, groups and heat: anonymous numbers from person boxes."""
