"""Lists that a page shows: rows, tables that become blocks on a phone, and the way to the next page."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from consentry.console.elements import tag, text
from consentry.console.widgets import button_link, card, nothing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from consentry.console.screen import Screen

__all__ = ["PAGE_LENGTH", "cell", "listed", "more", "table"]

PAGE_LENGTH: Final = 40


@contextmanager
def listed(title: str, mend: str, *, empty: bool, picture: str = "empty") -> Iterator[None]:
    """Add a list of rows (``li`` are added inside), or what is said where it is empty."""
    with card(classes="flush"):
        if empty:
            nothing(title, mend, picture)
        with tag("ul", "rows"):
            yield


@contextmanager
def table(columns: Sequence[str]) -> Iterator[None]:
    """Add a table whose rows (``tr``) are added inside; on a phone each row becomes a block."""
    with tag("div", "table-wrap"), tag("table", "table reading"):
        with tag("thead"), tag("tr"):
            for words in columns:
                text("th", words, attributes={"scope": "col"})
        with tag("tbody"):
            yield


def cell(name: str, words: str, classes: str = "") -> None:
    """Add one cell; ``name`` is the column's, which stands before the words on a phone."""
    text("td", words, classes, {"data-name": name})


def more(screen: Screen, found: Sequence[object], last: str) -> None:
    """Offer the next page where this one is full."""
    if len(found) == PAGE_LENGTH:
        with tag("div", "row"):
            button_link(screen.say("More"), screen.address(before=last), picture="right")
