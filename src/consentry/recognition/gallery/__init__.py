"""One-to-many search over the templates of one (site, purpose, model family), held in memory of its own."""

from __future__ import annotations

from consentry.recognition.gallery.index import Gallery

__all__ = ["Gallery"]
