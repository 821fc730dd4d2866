"""Staff pages: the shell, shared widgets, and the pages that belong to no slice."""
