"""What people and devices do with doors. Each module is imported by itself."""
