"""``consentry keys``: make the root keys, renew them, say how they stand. No key is ever shown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from consentry.cli.config_option import config_option
from consentry.cli.operator import this_operator
from consentry.platform.clock import SystemClock
from consentry.platform.errors import KeyStoreError
from consentry.platform.keys.key_file import KeyKind, add_epoch, read_key_file
from consentry.platform.keys.ownership import give_to_processes
from consentry.platform.processes.accounts import accounts
from consentry.platform.settings.founding import make_authority, make_folders, make_keys
from consentry.platform.settings.store import SettingsStore

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.platform.settings.store import Places

__all__ = ["keys"]

as_json = click.option("--json", "for_machines", is_flag=True, help="Print one JSON document instead of sentences.")


@click.group("keys")
def keys() -> None:
    """Make, renew and check the root keys of a site."""


@keys.command("init")
@config_option
def init_keys(config: Path) -> None:
    """Make the root keys that are absent, and the local authority where the settings want one. What is there is never replaced."""
    store = SettingsStore(config)
    places = store.places
    make_folders(places)
    now = SystemClock().now()
    made = make_keys(places, store.current.site.id, now)
    mark = make_authority(places, store.current, now)
    owners = accounts(one_user=store.current.processes.one_user)
    if owners is not None:
        give_to_processes(store.path, places, owners)
    for path in made:
        click.echo(f"made {path}")
    if mark:
        click.echo(f"The local authority's fingerprint:\n  {mark}")
    click.echo("Both root keys are there. Copy them to a safe place apart from the data.")


@keys.command("rotate")
@config_option
@click.argument("which", type=click.Choice([kind.value for kind in KeyKind]))
@as_json
def rotate_keys(config: Path, which: str, for_machines: bool) -> None:
    """Make a new root for the main records or the vault. Older roots stay, for what they signed or encrypted.

    A running server takes the new one at its next start; where it is the main one, the next checkpoint of the ledger proves the change by
    the signatures of the old and the new key.
    """
    places = SettingsStore(config).places
    path = _paths(places)[KeyKind(which)]
    epoch = max(add_epoch(path, SystemClock().now(), data_folder=places.data).roots)
    _enter(config, which, epoch)
    if for_machines:
        click.echo(json.dumps({"key": which, "epoch": epoch}))
    else:
        click.echo(f"The {which} key has epoch {epoch} now. Copy {path} to its safe place again, then restart the server.")


@keys.command("status")
@config_option
@as_json
def keys_status(config: Path, for_machines: bool) -> None:
    """Say of both keys whose they are, how many epochs they have, and whether they are guarded; exit code 2 where one is not."""
    places = SettingsStore(config).places
    rows = [_status(kind, path, places) for kind, path in _paths(places).items()]
    if for_machines:
        click.echo(json.dumps({"keys": rows}, ensure_ascii=False))
    else:
        for row in rows:
            state = row["problem"] or f"good, epoch {row['epoch']}, made on {row['made']}"
            click.echo(f"{row['key']}: {state}")
    if any(row["problem"] for row in rows):
        raise click.exceptions.Exit(2)


def _enter(config: Path, which: str, epoch: int) -> None:
    """Tell the ledger, where the site has one by now."""
    from consentry.ledger.model import Act
    from consentry.ledger.service import record
    from consentry.platform.migrations.run import current_version
    from consentry.platform.opening import open_site

    with open_site(config) as site:
        if current_version(site.database) is None:
            return
        with site.database.transaction() as session:
            record(session, Act(this_operator().label, "keys.renewed", f"key:{which}", "security", "", {"epoch": epoch}), site.clock.now())


def _paths(places: Places) -> dict[KeyKind, Path]:
    return {KeyKind.MAIN: places.main_key, KeyKind.VAULT: places.vault_key}


def _status(kind: KeyKind, path: Path, places: Places) -> dict[str, str | int | None]:
    row: dict[str, str | int | None] = {"key": kind.value, "path": str(path), "site": None, "epoch": None, "made": None, "owner": None, "problem": None}
    try:
        stored = read_key_file(path, data_folder=places.data)
    except KeyStoreError as error:
        return {**row, "problem": str(error)}
    newest = max(stored.roots)
    return {**row, "site": stored.site, "epoch": newest, "made": stored.made[newest].date().isoformat(), "owner": path.stat().st_uid}
