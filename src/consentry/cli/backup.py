"""``consentry backup``: a copy of the records and the settings, while the site runs. Keys stay where they are."""

from __future__ import annotations

from pathlib import Path

import click

from consentry.cli.config_option import config_option
from consentry.cli.operator import this_operator
from consentry.cli.passphrase import passphrase_of, passphrase_option

__all__ = ["backup"]


@click.command()
@click.argument("out", type=click.Path(path_type=Path))
@passphrase_option
@config_option
def backup(out: Path, passphrase: Path | None, config: Path) -> None:
    """Write the records, the settings and the encrypted templates of a site to the new file OUT.

    Keys and secrets are not in it: keep a copy of them apart, or the backup cannot be used. With a passphrase it is encrypted.
    """
    from consentry.ledger.model import Act
    from consentry.ledger.rules.notes import note_text
    from consentry.ledger.service import checkpoint, record
    from consentry.platform.backup import back_up
    from consentry.platform.opening import open_site

    secret = passphrase_of(passphrase)
    with open_site(config) as site:
        manifest = back_up(site, out, note_text(checkpoint(site)), secret)
        # Only now: a backup that failed must not quiet the alarm that there is none.
        act = Act(this_operator().label, "records.backed-up", "records", "recovery", details={"encrypted": secret is not None})
        with site.database.transaction() as session:
            record(session, act, site.clock.now())
    click.echo(f"{out}: site {manifest.site}, {manifest.engine} tables of version {manifest.version}, {out.stat().st_size / 2**20:.1f} MB")
