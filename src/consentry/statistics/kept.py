"""What the database holds about visitors, read from the database itself, for the public self-check (R13, R25)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import inspect

from consentry.platform.database import Base
from consentry.statistics import records

if TYPE_CHECKING:
    from consentry.platform.site import Site

__all__ = ["kept_columns"]


def kept_columns(site: Site) -> dict[str, tuple[str, ...]]:
    """Return the columns of every table of figures as they stand in the database, by table."""
    inspector = inspect(site.database.engine)
    return {name: tuple(column["name"] for column in inspector.get_columns(name)) for name in _tables()}


def _tables() -> list[str]:
    return sorted(mapper.class_.__tablename__ for mapper in Base.registry.mappers if mapper.class_.__module__ == records.__name__)
