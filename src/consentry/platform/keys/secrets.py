"""Named secrets, such as a camera's password: one file each in the folder ``secrets`` beside the keys, guarded as they are."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from consentry.platform.errors import KeyStoreError
from consentry.platform.keys.key_file import read_guarded

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_secret"]

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")


def read_secret(folder: Path, name: str) -> str:
    """Return the secret of that name; the end of line that editors add is no part of it.

    Raises:
        KeyStoreError: ``keys.missing`` and the others of a file that is not guarded, or ``keys.secret`` where it is empty or no text.
    """
    if _NAME.fullmatch(name) is None:
        msg = f"not the name of a secret: {name!r}"
        raise ValueError(msg)
    path = folder / name
    try:
        secret = read_guarded(path).decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        secret = ""
    except KeyStoreError as error:
        if error.code != "keys.missing":
            raise
        # No command makes it, as one makes the keys: only whoever set the camera or the mail account knows it.
        mend = f"Write the secret into it, as one line, as the account that runs Consentry: install -D -m 600 /dev/stdin {shlex.quote(str(path))}"
        raise KeyStoreError(error.code, error.subject, error.problem, mend) from error
    if not secret or "\0" in secret or "\n" in secret:
        raise KeyStoreError("keys.secret", str(path), "it holds no single line of text", "Write the secret into it, as one line.")
    return secret
