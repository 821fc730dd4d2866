"""The door controller: a process beside the doors that decides alone from a signed snapshot."""
