"""Figures over time: minute rows, roll-ups, occupancy, footfall. Numbers only."""
