"""Receipts as pictures of QR codes."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import segno
from segno.encoder import DataOverflowError

from consentry.ledger.rules.receipt_code import to_code
from consentry.platform.errors import ConflictError

if TYPE_CHECKING:
    from consentry.ledger.model import SealedBundle

__all__ = ["qr_svg"]

_MODULE_PIXELS = 4


def qr_svg(sealed: SealedBundle) -> bytes:
    """Return the QR code of a receipt as an SVG picture.

    Raises:
        ConflictError: ``ledger.too-long`` where the receipt does not fit into one code (about 2.8 KB, compressed).
    """
    try:
        code = segno.make_qr(to_code(sealed.data), error="L", boost_error=False)
    except DataOverflowError as error:
        raise ConflictError("ledger.too-long", "receipt", "it does not fit into one QR code", "Take the file instead.") from error
    picture = BytesIO()
    code.save(picture, kind="svg", scale=_MODULE_PIXELS, dark="#000", light="#fff")
    return picture.getvalue()
