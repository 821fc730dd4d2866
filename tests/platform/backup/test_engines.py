"""PostgreSQL's programs connect as the site itself does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from consentry.platform.backup import engines
from consentry.platform.database import Database
from consentry.platform.errors import RecordsError

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """#!/bin/sh
echo "$@" PGPASSWORD="$PGPASSWORD" >&2
exit 1
"""


def test_a_copy_is_taken_with_the_encryption_that_the_address_demands_and_without_its_password_on_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "pg_dump"
    program.write_text(PROGRAM, encoding="utf-8")
    program.chmod(0o700)
    monkeypatch.setattr(engines, "_program", lambda _: str(program))
    database = Database("postgresql+psycopg://counter:secret@db.lan:5433/site?sslmode=verify-full")
    with pytest.raises(RecordsError) as refused:
        engines.save(database, tmp_path / "copy")
    shown, password = refused.value.problem.split(" PGPASSWORD=")
    assert "--dbname=postgresql://counter@db.lan:5433/site?sslmode=verify-full" in shown
    assert "secret" not in shown
    assert password == "secret"  # noqa: S105 - invented
