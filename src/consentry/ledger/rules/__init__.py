"""Pure rules of the log: its encoding, its tree, what may enter it, how what it says is written down."""
