"""Readers, relays and contacts: a port for each, what drives the real thing, and a simulator that passes the same tests."""
