"""Tables for accounting: comma-separated values (RFC 4180) and a workbook of one sheet (ECMA-376, SpreadsheetML). Nothing in them is ever a formula."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from decimal import Decimal
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Cell", "csv_bytes", "xlsx_bytes"]

Cell = str | Decimal | int | None

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What programs take a text for a formula by (OWASP, CSV injection)."""
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every part, so that equal tables are equal files."""

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name="1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}


def csv_bytes(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return ``rows`` in UTF-8 with the mark by which spreadsheets know it; a text that could be a formula begins with an apostrophe."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([_harmless(cell) for cell in row] for row in rows)
    return "\ufeff".encode() + text.getvalue().encode("utf-8", "replace")


def xlsx_bytes(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return ``rows`` as a workbook: texts stand in their cells as texts, amounts as numbers."""
    file = io.BytesIO()
    sheet = "".join(_row(number, row) for number, row in enumerate(rows, 1))
    parts = {**_PARTS, "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>{sheet}</sheetData></worksheet>'}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), _HEAD + content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _harmless(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _row(number: int, row: Sequence[Cell]) -> str:
    cells = "".join(_cell(f"{_column(place)}{number}", cell) for place, cell in enumerate(row) if cell is not None)
    return f'<row r="{number}">{cells}</row>'


def _cell(at: str, cell: Cell) -> str:
    if isinstance(cell, str):
        return f'<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{escape(_NOT_XML.sub("", cell))}</t></is></c>'
    return f'<c r="{at}"><v>{cell}</v></c>'


def _column(place: int) -> str:
    """Return the letters of a column from 0: A, ..., Z, AA, ..."""
    rest, letter = divmod(place, 26)
    return (_column(rest - 1) if rest else "") + chr(ord("A") + letter)
