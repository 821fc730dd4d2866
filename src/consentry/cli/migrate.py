"""``consentry migrate``: bring the tables of a site to the version that this release works with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from consentry.cli.config_option import config_option

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["migrate"]


@click.command()
@config_option
def migrate(config: Path) -> None:
    """Bring the tables of a site to the version that this release works with. All of it happens, or nothing.

    Stop the site and make a backup first.
    """
    from consentry.platform.migrations import current_version, newest_version
    from consentry.platform.migrations import migrate as move
    from consentry.platform.opening import open_site

    with open_site(config) as site:
        before = current_version(site.database)
        move(site.database)
    click.echo(f"tables: {before or 'none'} -> {newest_version()}")
