"""The drivers' libraries, loaded when a door uses one: a site whose doors have no such reader needs none of them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from consentry.platform.errors import MissingPartError

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["library"]


def library(name: str) -> ModuleType:
    """Return a library of the extra ``doors``.

    Raises:
        MissingPartError: ``part.doors`` where it is not installed.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise MissingPartError("part.doors", name, "it is not installed", "Run: pip install 'consentry[doors]'") from error
