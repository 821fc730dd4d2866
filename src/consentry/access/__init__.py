"""Doors: who may pass which, by card, number, telephone or, for those who agreed, face, and never by face alone."""
