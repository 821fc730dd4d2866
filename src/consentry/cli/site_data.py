"""Keeps measuring away from sites: data of a site's visitors are no test set."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from consentry.platform.errors import DeniedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["refuse_site_data"]

_MARKS = frozenset({"site.toml", "main.db", "vault.db", "vault-keys.db", "main.key", "vault.key"})
"""Files that only a site has: its settings, records, templates and keys."""


def refuse_site_data(paths: Iterable[Path]) -> None:
    """Refuse folders and files that hold a site or lie inside one, also where a link leads there.

    A site is known by its settings, records, templates or keys in a folder above, or anywhere below; and by ``CONSENTRY_CONFIG``.

    Raises:
        DeniedError: ``evaluate.site-data``.
    """
    above: set[Path] = set()
    for path in paths:
        resolved = path.resolve()
        if resolved.is_dir():
            _refuse(path, _marked_below(resolved))
        above |= {resolved, *resolved.parents}
    for folder in sorted(above):
        _refuse(folder, _marked(folder))


def _refuse(path: Path, mark: Path | None) -> None:
    if mark is not None:
        problem = f"it belongs to a site ({mark}); evaluations never run on a site's data"
        raise DeniedError("evaluate.site-data", str(path), problem, "Give research data with a licence for it, outside of any site.")


def _marked(folder: Path) -> Path | None:
    own = os.environ.get("CONSENTRY_CONFIG")
    if own and folder == Path(own).resolve().parent:
        return Path(own)
    return next((folder / name for name in sorted(_MARKS) if (folder / name).is_file()), None)


def _marked_below(folder: Path) -> Path | None:
    return next(_marks_within(folder), None)


def _marks_within(folder: Path) -> Iterator[Path]:
    for place, _, names in os.walk(folder):
        yield from (Path(place, name) for name in sorted(_MARKS.intersection(names)))
