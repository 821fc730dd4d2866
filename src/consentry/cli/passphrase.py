"""The option that names the file of a backup's passphrase: never on the command line, where every process of the machine could read it."""

from __future__ import annotations

from pathlib import Path

import click

from consentry.platform.errors import InputError

__all__ = ["passphrase_of", "passphrase_option"]

passphrase_option = click.option(
    "--passphrase-file", "passphrase", type=click.Path(path_type=Path), metavar="FILE", help="A file whose first line is the passphrase of the backup."
)

SHORTEST = 12


def passphrase_of(file: Path | None) -> bytes | None:
    """Return the passphrase in a file, None where no file is named.

    Raises:
        InputError: ``backup.passphrase-file``.
    """
    if file is None:
        return None
    try:
        first = file.read_bytes().split(b"\n", 1)[0].rstrip(b"\r")
    except OSError as error:
        raise InputError("backup.passphrase-file", str(file), f"it cannot be read ({error.strerror})", "Name a file that this account may read.") from error
    if len(first) < SHORTEST:
        problem = f"its first line has fewer than {SHORTEST} characters"
        raise InputError("backup.passphrase-file", str(file), problem, "Take a longer passphrase, such as five words chosen by dice.")
    return first
