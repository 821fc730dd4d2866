"""Imports every page, so that the registry holds them all. A new page takes its place in this list."""

from __future__ import annotations

from consentry.cameras import page as cameras_page
from consentry.console import settings_page

__all__ = ["MODULES"]

MODULES = (cameras_page, settings_page)
"""The modules that declare pages."""
