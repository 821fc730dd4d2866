"""Public pages, without scripts: who counts here and why, what the system holds, and how to trust its certificate."""
