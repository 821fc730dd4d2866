"""Each version of the tables is a module of its own, numbered in order."""
