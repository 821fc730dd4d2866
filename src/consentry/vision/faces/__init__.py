"""Faces in pictures: finding, aligning, judging and embedding them. The counting plane cannot reach this package."""
