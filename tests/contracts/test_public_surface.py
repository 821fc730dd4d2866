"""What the package offers to others changes only on purpose."""

from __future__ import annotations

import inspect
from importlib import import_module

import pytest

from tests.contracts.public_surface import SNAPSHOT, modules, public_names


def defined_here(module_name: str) -> set[str]:
    """Return the public classes and functions whose code stands in the module itself."""
    members = inspect.getmembers(import_module(module_name), lambda thing: inspect.isclass(thing) or inspect.isfunction(thing))
    return {name for name, thing in members if thing.__module__ == module_name and not name.startswith("_")}


def test_the_public_names_are_those_of_the_snapshot() -> None:
    assert public_names() == SNAPSHOT.read_text(encoding="utf-8").splitlines(), "if this is meant, run: make surface"


@pytest.mark.parametrize("module_name", modules())
def test_every_public_name_resolves(module_name: str) -> None:
    module = import_module(module_name)
    assert [name for name in getattr(module, "__all__", []) if not hasattr(module, name)] == []


@pytest.mark.parametrize("module_name", modules())
def test_a_module_with_code_says_what_is_public(module_name: str) -> None:
    assert hasattr(import_module(module_name), "__all__") or not defined_here(module_name)
