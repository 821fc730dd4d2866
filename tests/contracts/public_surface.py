"""The public names of the package, one a line: ``make surface`` writes them to ``public_surface.txt``."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from pathlib import Path

import consentry

SNAPSHOT = Path(__file__).with_suffix(".txt")


def modules() -> list[str]:
    """Return the dotted name of every module of the package that is not private."""
    found = pkgutil.walk_packages(consentry.__path__, "consentry.")
    return ["consentry", *(module.name for module in found if not any(part.startswith("_") for part in module.name.split(".")))]


def public_names() -> list[str]:
    """Return ``module.name`` for every name that a module lists in ``__all__``, sorted."""
    return sorted(f"{module}.{name}" for module in modules() for name in getattr(import_module(module), "__all__", []))


if __name__ == "__main__":
    SNAPSHOT.write_text("\n".join(public_names()) + "\n", encoding="utf-8")
