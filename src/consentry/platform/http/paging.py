"""Long lists in pages. A page names the place after its last item; the next request brings that name back (cursor paging).

A cursor is opaque to callers and holds the sort key of the last item, so that items that come or go meanwhile neither repeat nor vanish. It
is not secret and not signed: it grants nothing that the list itself would not.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field

from consentry.platform.errors import InputError

__all__ = ["CursorParam", "Page", "PageSize", "cursor_of", "key_of"]

Item = TypeVar("Item")
Key = TypeVar("Key", int, str)

_LONGEST = 400

PageSize = Annotated[int, Query(ge=1, le=500, description="How many items at most.")]
"""The query parameter ``limit``; routes give it their own default."""

CursorParam = Annotated[str | None, Query(max_length=_LONGEST, description="The cursor `next` of the page before; none for the first page.")]
"""The query parameter ``cursor``."""


class Page(BaseModel, Generic[Item]):
    """One page of a list."""

    items: list[Item] = Field(description="The items, in the order of the list.")
    next: str | None = Field(default=None, description="The cursor of the next page; absent on the last one.")


def cursor_of(key: int | str) -> str:
    """Return the cursor that names the place after the item with the sort key ``key``."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).rstrip(b"=").decode()


def key_of(cursor: str | None, kind: type[Key]) -> Key | None:
    """Return the sort key that a cursor holds, or None for the first page.

    Raises:
        InputError: ``paging.cursor-unknown``: it was not made here for this list.
    """
    if cursor is None:
        return None
    try:
        key = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars="-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        key = None
    if type(key) is not kind:
        raise InputError(
            "paging.cursor-unknown", "cursor", "it does not come from this list", "Send the `next` of a page unchanged, or none for the first page."
        )
    return key
