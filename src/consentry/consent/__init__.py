"""Notices, consents and their withdrawal: without a valid consent nothing here knows anybody."""
