"""The watermark on screens that show data about persons: who looks, and when (R79)."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from consentry.console.elements import tag
from consentry.staff.rules import watermark as watermark_line

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

__all__ = ["watermark"]

_TILE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="380" height="220"><text x="20" y="150" transform="rotate(-24 190 110)" '
    'font-family="sans-serif" font-size="17">{words}</text></svg>'
)


def watermark(name: str, now: datetime, zone: tzinfo) -> None:
    """Lay the name of who looks and the time over the whole screen. It takes no clicks and is not read out."""
    picture = quote(_TILE.format(words=escape(watermark_line(name, now, zone))))
    layer = tag("div", "watermark", {"aria-hidden": "true"})
    layer.style(f'background-image: url("data:image/svg+xml,{picture}")')
