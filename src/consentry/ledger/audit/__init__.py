"""Reads the whole log and recomputes everything that it claims about itself."""

from __future__ import annotations

from consentry.ledger.audit.walk import audit_log

__all__ = ["audit_log"]
