"""Tells a restore that was cut off from one that is whole: between the two, the log would go on under its old name and look like a fork."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from consentry.platform.durable import sync_folder, write_atomically
from consentry.platform.errors import ConflictError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["refuse_unfinished", "restoring", "unfinished"]

_MARK = "restore.unfinished"


@contextmanager
def restoring(data: Path, checkpoint: str) -> Iterator[None]:
    """Mark the data folder while records are put back; the mark stays where that does not end well.

    ``checkpoint``: the newest signed checkpoint of the log that goes, or nothing. Another attempt finds it again.
    """
    mark = data / _MARK
    write_atomically(mark, checkpoint.encode(), mode=0o600)
    yield
    mark.unlink()
    sync_folder(data)


def unfinished(data: Path) -> str | None:
    """Return the checkpoint that a restore which did not end well left, perhaps empty; None where there was none such."""
    try:
        return (data / _MARK).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def refuse_unfinished(data: Path) -> None:
    """Pass a data folder whose records are whole.

    Raises:
        ConflictError: ``restore.unfinished``.
    """
    if unfinished(data) is not None:
        raise ConflictError("restore.unfinished", str(data), "a restore was not finished", "Run `consentry restore` again.")
