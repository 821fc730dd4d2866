"""``consentry restore``: put a backup in the place of a site's records, and open a new log where it ends."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from consentry.cli.checkpoint_file import read_checkpoint_file
from consentry.cli.config_option import config_option
from consentry.cli.operator import this_operator
from consentry.cli.passphrase import passphrase_of, passphrase_option
from consentry.platform.actors import Actor, ActorKind, Permission
from consentry.platform.errors import ConflictError, InputError, NotFoundError
from consentry.platform.processes.control import only_server

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from consentry.ledger.model import SignedNote
    from consentry.platform.backup import Opened
    from consentry.platform.site import Site

__all__ = ["restore"]


@dataclass(frozen=True, slots=True)
class Erasure:
    """What two people erased from the log, and why."""

    index: int
    by: tuple[str, str]
    basis: str


@click.command()
@click.argument("archive", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Replace the records that are there; what came after the backup is lost.")
@click.option("--checkpoint", "kept", type=click.Path(path_type=Path), metavar="FILE", help="The newest signed checkpoint that somebody else kept.")
@click.option("--reason", required=True, help="Why, without names of persons; the ledger keeps it.")
@passphrase_option
@config_option
def restore(archive: Path, kept: Path | None, reason: str, passphrase: Path | None, config: Path, *, replace: bool) -> None:
    """Put the backup ARCHIVE in the place of a site's records. Stop the site first.

    The keys must be in their place. Where FILE of --config does not exist, the settings of the backup are written there; otherwise the
    settings stay as they are. The log goes on under a new name, and says up to where it was lost. Templates come back encrypted; those of
    persons who withdrew since cannot be opened any more, and their consents end before anybody is served.
    """
    from consentry.platform.backup import opened
    from consentry.platform.opening import open_site

    folder = config.resolve().parent
    if not folder.is_dir():
        raise InputError("restore.no-folder", str(folder), "there is no such folder", "Make it and put the keys into it first.")
    with opened(archive, folder, passphrase_of(passphrase)) as backup:
        _place_settings(backup, config)
        with open_site(config) as site:
            note = _put_back(site, backup, read_checkpoint_file(kept) if kept else None, reason, replace=replace)
    click.echo(f"restored: site {backup.manifest.site} as of {backup.manifest.created}; the log goes on as {note.text.splitlines()[0]}")


def _place_settings(backup: Opened, config: Path) -> None:
    from consentry.platform.durable import write_atomically

    if not config.exists():
        write_atomically(config, backup.settings.read_bytes(), mode=0o644)


def _put_back(site: Site, backup: Opened, kept: SignedNote | None, reason: str, *, replace: bool) -> SignedNote:
    from consentry.ledger.service import check_reopening

    if backup.manifest.site != site.settings.site.id:
        problem = f"it is of the site {backup.manifest.site}, and the settings are of {site.settings.site.id}"
        raise ConflictError("restore.other-site", "the backup", problem, "Name the settings of that site.")
    check_reopening(site, kept, reason)
    data = site.store.places.data
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with only_server(data):
        before = _before(site, kept, replace=replace)
        return _load(site, backup, before, reason)


@dataclass(frozen=True, slots=True)
class Before:
    """What the records that are about to go know, and the backup may not: what was erased, and the newest checkpoint known anywhere."""

    erasures: tuple[Erasure, ...]
    checkpoint: SignedNote | None


def _before(site: Site, kept: SignedNote | None, *, replace: bool) -> Before:
    from consentry.ledger.rules.notes import read_checkpoint, read_note
    from consentry.ledger.service import latest_checkpoint
    from consentry.platform.backup import holds_tables, unfinished

    left = unfinished(site.store.places.data)
    if not holds_tables(site.database):
        return Before((), kept)
    if left is None and not replace:
        mend = "Say --replace if what came after the backup may be lost, and make a backup of it first."
        raise ConflictError("restore.not-empty", site.database.name, "it holds records", mend)
    notes = [note for note in (kept, latest_checkpoint(site), read_note(left) if left else None) if note]
    return Before(tuple(_erasures(site)), max(notes, key=lambda note: read_checkpoint(note.text).size, default=None))


def _load(site: Site, backup: Opened, before: Before, reason: str) -> SignedNote:
    from consentry.ledger.rules.notes import note_text
    from consentry.ledger.service import reopen
    from consentry.platform.backup import load, load_templates, restoring
    from consentry.platform.migrations import migrate

    with restoring(site.store.places.data, note_text(before.checkpoint) if before.checkpoint else ""):
        load(site.database, backup.records, backup.manifest.engine)
        if backup.templates is not None:
            load_templates(site.store.places, backup.templates)
        migrate(site.database)
        note = reopen(site, before.checkpoint or _of_backup(backup), reason)
        _erase_again(site, before.erasures)
        _end_sessions(site)
    return note


def _erasures(site: Site) -> Iterator[Erasure]:
    from consentry.ledger.rules.entries import ERASED
    from consentry.ledger.service import browse

    before: int | None = None
    while True:
        page = browse(site, this_operator(), action=ERASED, before=before)
        for listed in page.entries:
            if listed.entry:
                details: Mapping[str, Any] = listed.entry.act.details
                yield Erasure(details["index"], tuple(details["by"]), listed.entry.act.reason)
        if page.next_before is None:
            return
        before = page.next_before


def _erase_again(site: Site, erasures: Sequence[Erasure]) -> None:
    """Erase what had been erased after the backup: a restore brings nothing back that two people decided to erase."""
    from consentry.ledger.service import entry, erase

    for erasure in erasures:
        try:
            restored = entry(site, this_operator(), erasure.index).entry
        except NotFoundError:
            continue
        if restored:
            first, second = (_somebody(label) for label in erasure.by)
            erase(site, first, second, erasure.index, erasure.basis)


def _somebody(label: str) -> Actor:
    """Return an actor of a tombstone, who decides once more what they decided before."""
    kind, _, name = label.partition(":")
    return Actor(ActorKind(kind), name, frozenset({Permission.ERASE_ENTRY}))


def _end_sessions(site: Site) -> None:
    """End every sign-in: one that ended after the backup must not come back to life."""
    from consentry.staff.service import accounts, end_sessions

    for account in accounts(site, this_operator()):
        end_sessions(site, this_operator(), account.id)


def _of_backup(backup: Opened) -> SignedNote | None:
    from consentry.ledger.rules.notes import read_note

    return read_note(backup.manifest.checkpoint) if backup.manifest.checkpoint else None
