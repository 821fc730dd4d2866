"""The supervisor of ``consentry serve``: starts the other processes, hears them, restarts them, and passes messages on."""
