"""Moves a database forward, version by version, in one transaction each time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext, MigrationStep
from alembic.script import ScriptDirectory

from consentry.platform.errors import RecordsError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from consentry.platform.database import Database

__all__ = ["check_current", "current_version", "migrate", "newest_version", "prepare", "scripts"]

FOLDER = Path(__file__).parent


def scripts() -> ScriptDirectory:
    """Return the versions that this release of Consentry knows."""
    return ScriptDirectory(FOLDER, version_locations=[FOLDER / "versions"])


def newest_version() -> str:
    """Return the version that this release works with."""
    head = scripts().get_current_head()
    if head is None:
        msg = f"no version in {FOLDER / 'versions'}"
        raise RuntimeError(msg)
    return head


def current_version(database: Database) -> str | None:
    """Return the version a database is at, or None for one without tables."""
    with database.reading() as session:
        return MigrationContext.configure(session.connection()).get_current_revision()


def migrate(database: Database) -> None:
    """Bring a database to the newest version: a new one gets every table, an older one what changed. All of it happens, or nothing.

    Raises:
        RecordsError: ``records.newer`` for a database that a later release has moved on.
    """
    known = scripts()
    _refuse_newer(database, known)

    def steps(revision: str | tuple[str, ...], _: MigrationContext) -> Iterable[MigrationStep]:
        pending = known.iterate_revisions("head", revision or "base")
        return [MigrationStep.upgrade_from_script(known.revision_map, script) for script in reversed(list(pending))]

    with database.transaction() as session:
        context = MigrationContext.configure(session.connection(), opts={"fn": steps})
        with Operations.context(context):
            context.run_migrations()


def check_current(database: Database) -> None:
    """Pass where a database is at the newest version.

    Raises:
        RecordsError: ``records.outdated`` or ``records.newer``, with what to do.
    """
    _refuse_newer(database, scripts())
    found, newest = current_version(database), newest_version()
    if found != newest:
        problem = f"its tables are of version {found}, and this release works with {newest}" if found else "it has no tables yet"
        mend = "Run `consentry backup`, then `consentry migrate`." if found else "Run `consentry migrate`."
        raise RecordsError("records.outdated", database.name, problem, mend)


def prepare(database: Database) -> None:
    """Give a new database its tables, and pass one that is at the newest version; an older one waits for its operator.

    Raises:
        RecordsError: ``records.outdated`` or ``records.newer``, with what to do.
    """
    if current_version(database) is None:
        migrate(database)
    check_current(database)


def _refuse_newer(database: Database, known: ScriptDirectory) -> None:
    found = current_version(database)
    if found and found not in {script.revision for script in known.walk_revisions()}:
        problem = f"its tables are of version {found}, which this release does not know"
        raise RecordsError("records.newer", database.name, problem, "Install the release that made it, or restore a backup from before.")
