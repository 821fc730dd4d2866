"""QR codes on the public pages, drawn here as shapes: no picture is loaded, and nothing about what they hold leaves this machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import segno
from markupsafe import Markup
from segno.encoder import DataOverflowError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["QrCode", "qr_code"]

_QUIET = 4
_SHAPE = Markup(
    '<svg class="qr" viewBox="0 0 {side} {side}" role="img" aria-label="{words}" shape-rendering="crispEdges"><path fill="#000" d="{path}"></path></svg>'
)


@dataclass(frozen=True, slots=True)
class QrCode:
    """A code: ``rows`` of its modules, 1 for dark."""

    rows: Sequence[bytes | bytearray]

    @property
    def side(self) -> int:
        """Return how many modules a side has, with the quiet zone."""
        return len(self.rows) + 2 * _QUIET

    @property
    def path(self) -> str:
        """Return the dark modules as the path of an SVG picture, a module being one unit."""
        cells = ((row, column) for row, line in enumerate(self.rows) for column, dark in enumerate(line) if dark)
        return "".join(f"M{column + _QUIET} {row + _QUIET}h1v1h-1z" for row, column in cells)

    def drawn(self, words: str) -> Markup:
        """Return the code as SVG, described by ``words``."""
        return _SHAPE.format(side=self.side, words=words, path=self.path)


def qr_code(text: str) -> QrCode | None:
    """Return the code of ``text``, or None where no code holds that much."""
    try:
        return QrCode(tuple(bytes(row) for row in segno.make_qr(text, error="l").matrix))
    except DataOverflowError:
        return None
