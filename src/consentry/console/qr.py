"""QR codes, drawn here: nothing about what they hold leaves this machine."""

from __future__ import annotations

import segno
from segno import DataOverflowError

from consentry.console.elements import tag, text

__all__ = ["qr_code"]

QUIET = 4


def qr_code(content: str | bytes, words: str, too_long: str) -> None:
    """Add the QR code of ``content``, or say that it is ``too_long`` for one."""
    try:
        code = segno.make_qr(content, error="l")
    except DataOverflowError:
        text("p", too_long, "quiet small")
        return
    side = code.symbol_size(border=0)[0] + 2 * QUIET
    with tag("svg", "qr", {"viewBox": f"0 0 {side} {side}", "role": "img", "aria-label": words, "shape-rendering": "crispEdges"}):
        tag("path", attributes={"d": _path(code), "fill": "#000"})


def _path(code: segno.QRCode) -> str:
    rows = enumerate(code.matrix)
    return "".join(f"M{column + QUIET} {row + QUIET}h1v1h-1z" for row, cells in rows for column, dark in enumerate(cells) if dark)
