"""Tables of access. Each module is imported by itself."""
