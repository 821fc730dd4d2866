"""The option that names the settings file, for every command that works on a site."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["config_option"]

config_option = click.option(
    "--config",
    "config",
    type=click.Path(path_type=Path),
    envvar="CONSENTRY_CONFIG",
    required=True,
    metavar="FILE",
    help="The settings file, site.toml; also from CONSENTRY_CONFIG.",
)
