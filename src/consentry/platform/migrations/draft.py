"""``python -m consentry.platform.migrations.draft`` writes the first version anew from every slice's tables.

For developers, until the first release: from then on a change of a table is a version of its own beside the first.
"""

from __future__ import annotations

import subprocess
import sys
from itertools import groupby
from typing import TYPE_CHECKING, Literal

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.operations.ops import MigrateOperation, ModifyTableOps, UpgradeOps
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.types import TypeDecorator

from consentry.platform.migrations.run import FOLDER
from consentry.platform.migrations.tables import tables

if TYPE_CHECKING:
    from alembic.autogenerate.api import AutogenContext
    from sqlalchemy import MetaData

__all__ = ["draft"]

FIRST = FOLDER / "versions" / "0001_first.py"

HEAD = '''"""The tables of the first release."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["upgrade"]

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table."""
    for create in (
        {calls}
    ):
        create()
'''

TABLE = """

def _{name}() -> None:
    {statements}
"""


def draft() -> str:
    """Return the code of the first version, a function for each table."""
    with create_engine("sqlite://").connect() as connection:
        context = MigrationContext.configure(connection, opts={"render_item": _stored_type})
        found = produce_migrations(context, _explicit(tables())).upgrade_ops
    by_table = groupby(found.ops if found else (), key=lambda operation: str(getattr(operation, "table_name", "")))
    created = {name: _statements(list(operations)) for name, operations in by_table}
    calls = "\n        ".join(f"_{name}," for name in created)
    return HEAD.format(calls=calls) + "".join(TABLE.format(name=name, statements=statements) for name, statements in created.items())


def _explicit(declared: MetaData) -> MetaData:
    """Say of each key that its default keeps from being numbered by the database that it is not: the written version has no defaults."""
    for table in declared.tables.values():
        for column in table.primary_key:
            if column is not table.autoincrement_column:
                column.autoincrement = False
    return declared


def _statements(operations: list[MigrateOperation]) -> str:
    flat = [part for operation in operations for part in (operation.ops if isinstance(operation, ModifyTableOps) else [operation])]
    code = render_python_code(UpgradeOps(ops=flat), render_item=_stored_type)
    return "\n".join(line for line in code.splitlines() if not line.lstrip().startswith("#")).strip()


def _stored_type(_: str, item: object, __: AutogenContext) -> str | Literal[False]:
    """Render a type of our own as what the database stores, so that an old version does not change with our code."""
    return f"sa.{item.impl_instance!r}" if isinstance(item, TypeDecorator) else False


if __name__ == "__main__":
    FIRST.write_text(draft(), encoding="utf-8")
    # Lines are too long until the second has broken them; what the first cannot mend it leaves to the last.
    for step in (("check", "--fix", "--exit-zero", "--silent"), ("format", "--silent"), ("check", "--quiet")):
        subprocess.run([sys.executable, "-m", "ruff", *step, FIRST], check=True)  # noqa: S603 - our own file
