"""``python -m consentry.platform.migrations.draft`` writes the first version anew from every slice's tables.

For developers, until the first release: from then on a change of a table is a version of its own beside the first.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Literal

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.types import TypeDecorator

from consentry.platform.migrations.run import FOLDER
from consentry.platform.migrations.tables import tables

if TYPE_CHECKING:
    from alembic.autogenerate.api import AutogenContext

__all__ = ["draft"]

FIRST = FOLDER / "versions" / "0001_first.py"

TEXT = '''"""The tables of the first release."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table."""
    {body}
'''


def draft() -> str:
    """Return the code of the first version."""
    with create_engine("sqlite://").connect() as connection:
        context = MigrationContext.configure(connection, opts={"render_item": _stored_type})
        operations = produce_migrations(context, tables()).upgrade_ops
        if operations is None:
            msg = "nothing to write"
            raise RuntimeError(msg)
        body = render_python_code(operations, render_item=_stored_type)
        return TEXT.format(body="\n".join(line for line in body.splitlines() if not line.lstrip().startswith("#")).strip())


def _stored_type(_: str, item: object, __: AutogenContext) -> str | Literal[False]:
    """Render a type of our own as what the database stores, so that an old version does not change with our code."""
    return f"sa.{item.impl_instance!r}" if isinstance(item, TypeDecorator) else False


if __name__ == "__main__":
    FIRST.write_text(draft(), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "ruff", "check", "--fix", "--quiet", FIRST], check=True)  # noqa: S603 - our own file
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", FIRST], check=True)  # noqa: S603 - our own file
