"""The peers' side of each comparison: processes in an environment of their own that import nothing of Consentry."""
