"""``consentry models``: which weights there are, fetching them, bringing them from elsewhere, checking them."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table

from consentry.platform.errors import InputError, ModelError
from consentry.vision.manifest import Address, Embedded, Installed, ModelEntry, PackageFile, entry, manifest
from consentry.vision.pull import pull
from consentry.vision.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from consentry.vision.store import ModelStore

__all__ = ["models"]

as_json = click.option("--json", "for_machines", is_flag=True, help="Print one JSON document instead of a table.")
names = click.argument("names", nargs=-1)


@click.group("models")
def models() -> None:
    """List, fetch, import and check the models."""


@models.command("list")
@as_json
def list_models(for_machines: bool) -> None:
    """Say which models there are, their licence, and whether they are on this machine."""
    store = open_store()
    rows = [_described(model, store) for model in manifest().values()]
    if for_machines:
        _print_json({"models": rows})
    else:
        _print_table(rows, ("name", "state", "ap", "licence", "trained_on"))


@models.command("pull")
@names
@click.option("--all", "every", is_flag=True, help="Fetch every model.")
@as_json
def pull_models(names: tuple[str, ...], every: bool, for_machines: bool) -> None:
    """Fetch models by NAME into the user's cache, going on where an earlier try stopped."""
    store = open_store()
    fetched = []
    for model in _chosen(names, every=every):
        with _progress(model) as advance:
            fetched.append(_placed(model, pull(model, store, advance)))
    _report(fetched, for_machines=for_machines)


@models.command("import")
@click.argument("folder", type=click.Path(path_type=Path))
@as_json
def import_models(folder: Path, for_machines: bool) -> None:
    """Copy models out of FOLDER, whatever their file names, into the user's cache (for machines without a network)."""
    if not folder.is_dir():
        raise InputError("input.folder", str(folder), "there is no such folder", "Give the folder that holds the files of the models")
    found = open_store().import_from(folder, manifest().values())
    if not found:
        raise ModelError(
            "model.import", str(folder), "it holds no file of a model in the manifest", "See `consentry models list --json` for the SHA-256 of each"
        )
    _report([_placed(entry(name), place) for name, place in found.items()], for_machines=for_machines)


@models.command("verify")
@names
@as_json
def verify_models(names: tuple[str, ...], for_machines: bool) -> None:
    """Check size and SHA-256 of the models on this machine, or of NAMES; exit code 1 where one is wrong or missing."""
    store = open_store()
    chosen = _chosen(names, every=False) if names else [model for model in manifest().values() if store.has(model)]
    rows = [_verified(model, store) for model in chosen]
    _report(rows, for_machines=for_machines)
    if any(row["state"] != "verified" for row in rows):
        raise click.exceptions.Exit(1)


@models.command("path")
@click.argument("name")
@as_json
def model_path(name: str, for_machines: bool) -> None:
    """Print where the verified file of the model NAME is."""
    place = open_store().path(entry(name))
    if for_machines:
        _print_json({"name": name, "path": str(place)})
    else:
        click.echo(place)


def _chosen(given: Sequence[str], *, every: bool) -> list[ModelEntry]:
    if bool(given) == every:
        raise InputError("input.models", "models", "name the models, or give --all, not both", f"There are: {', '.join(manifest())}")
    return list(manifest().values()) if every else [entry(name) for name in given]


def _described(model: ModelEntry, store: ModelStore) -> dict[str, Any]:
    place = store.find(model)
    state = "embedded" if model.weights is None else "here" if place else "not here"
    figures = [{"metric": figure.metric, "value": figure.value, "conditions": figure.conditions} for figure in model.figures]
    weights = {"file": model.weights.name, "sha256": model.weights.sha256, "bytes": model.weights.bytes} if model.weights else None
    return {
        "name": model.name,
        "task": model.task,
        "state": state,
        "path": str(place) if place else None,
        "source": _origin(model),
        "weights": weights,
        "licence": model.licence,
        "trained_on": model.trained_on,
        "ap": next((figure.value for figure in model.figures if figure.metric == "AP50"), None),
        "figures": figures,
    }


def _origin(model: ModelEntry) -> str:
    match model.source:
        case Address(url):
            return url
        case PackageFile(name, version, member) | Installed(PackageFile(name, version, member)):
            return f"package {name} {version}, {member}"
        case Embedded(part):
            return part


def _verified(model: ModelEntry, store: ModelStore) -> dict[str, Any]:
    if model.weights is None:
        return {"name": model.name, "state": "verified", "path": None, "note": "embedded"}
    try:
        return {"name": model.name, "state": "verified", "path": str(store.path(model)), "note": ""}
    except ModelError as error:
        return {"name": model.name, "state": error.code.removeprefix("model."), "path": None, "note": str(error)}


def _placed(model: ModelEntry, place: Path | None) -> dict[str, Any]:
    return {"name": model.name, "path": str(place) if place else None, "note": "" if place else "embedded"}


@contextmanager
def _progress(model: ModelEntry) -> Iterator[Callable[[int], None]]:
    """Show a bar on a terminal; elsewhere show nothing."""
    console = Console(stderr=True)
    columns = (TextColumn(model.name), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(model.name, total=model.weights.bytes if model.weights else 0)
        yield lambda done: bar.update(task, completed=done)


def _report(rows: list[dict[str, Any]], *, for_machines: bool) -> None:
    if for_machines:
        _print_json({"models": rows})
    else:
        _print_table(rows, tuple(rows[0]) if rows else ("name",))


def _print_json(document: Mapping[str, object]) -> None:
    json.dump(document, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")


def _print_table(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> None:
    table = Table(*columns)
    for row in rows:
        table.add_row(*("" if row[column] is None else str(row[column]) for column in columns))
    Console().print(table)
