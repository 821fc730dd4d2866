"""What every slice stands on: errors, clock, ids."""
