"""Every table of the package, found by name: each slice declares its own in ``records``, and the platform imports no slice."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import consentry
from consentry.platform import events as _events  # noqa: F401 - declares the outbox, which belongs to no slice
from consentry.platform.database import Base

if TYPE_CHECKING:
    from sqlalchemy import MetaData

__all__ = ["record_modules", "tables"]


def record_modules() -> list[str]:
    """Return the dotted names of all modules called ``records``, and of those in packages of that name, sorted."""
    root = Path(consentry.__path__[0])
    found = {*root.rglob("records.py"), *root.rglob("records/[!_]*.py")}
    return sorted(".".join((consentry.__name__, *path.relative_to(root).with_suffix("").parts)) for path in found)


def tables() -> MetaData:
    """Import every ``records`` module and return the tables that they and the platform declare."""
    for name in record_modules():
        import_module(name)
    return Base.metadata
