"""QR codes, drawn here: nothing about what they hold leaves this machine."""

from __future__ import annotations

import segno

from consentry.console.elements import tag

__all__ = ["qr_code"]

QUIET = 4


def qr_code(content: str, words: str) -> None:
    """Add the QR code of ``content``, described by ``words``.

    Raises:
        DataOverflowError: no QR code holds that much (``segno``).
    """
    code = segno.make_qr(content, error="l")
    side = code.symbol_size(border=0)[0] + 2 * QUIET
    with tag("svg", "qr", {"viewBox": f"0 0 {side} {side}", "role": "img", "aria-label": words, "shape-rendering": "crispEdges"}):
        tag("path", attributes={"d": _path(code), "fill": "#000"})


def _path(code: segno.QRCode) -> str:
    rows = enumerate(code.matrix)
    return "".join(f"M{column + QUIET} {row + QUIET}h1v1h-1z" for row, cells in rows for column, dark in enumerate(cells) if dark)
