"""``consentry config``: check the settings, show what is in force, say what a change takes, put it in force."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import click
import tomlkit
from rich.console import Console
from rich.table import Table
from rich.text import Text

from consentry.cli.config_option import config_option
from consentry.platform.errors import ConflictError, DeniedError
from consentry.platform.processes.control import ask_reload
from consentry.platform.settings.applied import last_applied, pending
from consentry.platform.settings.checking import check
from consentry.platform.settings.fields import Effect
from consentry.platform.settings.store import SettingsStore

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from consentry.platform.settings.changes import Change

__all__ = ["config"]

as_json = click.option("--json", "for_machines", is_flag=True, help="Print one JSON document instead of text.")

_PATIENCE_S = 10
_TAKES = {
    Effect.LIVE: "in force at once",
    Effect.CAMERA_RESTART: "the camera starts anew",
    Effect.RESTART: "the server must be restarted",
}


@click.group("config")
def config() -> None:
    """Check, show, compare and apply the settings of a site."""


@config.command("check")
@config_option
@as_json
def check_config(config: Path, for_machines: bool) -> None:
    """Say everything that is wrong with the settings, also what a camera still needs; exit code 2 where something is."""
    problems = check(config)
    if for_machines:
        rows = [
            {"file": found.file, "line": found.line, "key": found.key, "code": found.code, "problem": found.problem, "mend": found.mend} for found in problems
        ]
        _print_json({"problems": rows})
    else:
        for found in problems:
            click.echo(str(found))
        if not problems:
            click.echo(f"{config}: all is well.")
            if not SettingsStore(config).current.cameras:
                click.echo("No camera is set yet: add a [[camera]] table, as docs/settings.md describes it.")
    if problems:
        raise click.exceptions.Exit(2)


@config.command("show")
@config_option
@as_json
def show_config(config: Path, for_machines: bool) -> None:
    """Show the settings with every default filled in. They hold no secrets."""
    effective = SettingsStore(config).current.model_dump(mode="json", by_alias=True, exclude_none=True)
    if for_machines:
        _print_json(effective)
    else:
        click.echo(tomlkit.dumps(effective), nl=False)


@config.command("diff")
@config_option
@as_json
def diff_config(config: Path, for_machines: bool) -> None:
    """Compare the file with the version applied last, and say what each change takes."""
    store = SettingsStore(config)
    waiting = pending(store)
    first = last_applied(store.places) is None
    if waiting and not waiting.changes and not for_machines:
        click.echo("No version has been applied yet." if first else "Only the text differs.")
        return
    _report(waiting.changes if waiting else (), for_machines=for_machines)


@config.command("apply")
@config_option
@as_json
def apply_config(config: Path, for_machines: bool) -> None:
    """Put the file in force: it is checked, entered in the ledger, and taken over by a running server."""
    store = SettingsStore(config)
    waiting = pending(store)
    first = last_applied(store.places) is None
    where = _put_in_force(store) if waiting else ""
    if waiting and not waiting.changes and not for_machines:
        click.echo("Applied: the first version of these settings." if first else "Applied: only the text differed.")
        return
    _report(waiting.changes if waiting else (), for_machines=for_machines)
    if waiting and not for_machines:
        click.echo(f"Applied: {where}.")


def _put_in_force(store: SettingsStore) -> str:
    """Let a running server take the file over, or enter it in the ledger; return which of the two, in words."""
    if _handed_over(store):
        _wait_until_applied(store)
        return "the running server has taken it over"
    _enter(store.path)
    return "it is entered in the ledger, and the server starts with it"


def _handed_over(store: SettingsStore) -> bool:
    """Ask a running server to read the file anew; return whether there is one."""
    try:
        return ask_reload(store.places.data)
    except PermissionError as error:
        mend = "Run this command as the account that started it, or as root."
        raise DeniedError("settings.not-your-server", str(store.places.data), "the server that runs here takes no orders from you", mend) from error


def _wait_until_applied(store: SettingsStore) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while last_applied(store.places) != store.text:
        if time.monotonic() > deadline:
            mend = "Look at the server's log; the settings in force stay until it takes the file."
            raise ConflictError("settings.not-applied", str(store.path), f"the server did not take it over within {_PATIENCE_S} seconds", mend)
        time.sleep(0.1)


def _enter(config: Path) -> None:
    """Enter the settings in the ledger while no server runs."""
    from consentry.cameras.service import note_settings
    from consentry.platform.migrations.run import prepare
    from consentry.platform.opening import open_site

    with open_site(config) as site:
        prepare(site.database)
        note_settings(site)


def _report(changes: Sequence[Change], *, for_machines: bool) -> None:
    if for_machines:
        rows = [{"path": change.path, "old": change.old, "new": change.new, "effect": change.effect} for change in changes]
        _print_json({"changes": rows})
        return
    table = Table("key", "before", "now", "what it takes")
    for change in changes:
        table.add_row(*map(Text, (change.path, _short(change.old), _short(change.new), _TAKES[change.effect])))
    if changes:
        Console().print(table)
    else:
        click.echo("Nothing changed.")


def _short(value: object) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _print_json(document: dict[str, Any]) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=1))
