"""A block of flats on either database, or on SQLite alone; hashes of passphrases that cost little."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from argon2 import PasswordHasher

from consentry.staff import passwords
from tests.access.residents.block import Block, block_on

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.platform.database import Database


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", cheap)
    monkeypatch.setattr(passwords, "_NOBODY", cheap.hash("nobody"))


@pytest.fixture
def any_block(database: Database, tmp_path: Path) -> Block:
    return block_on(database, tmp_path)


@pytest.fixture
def block(sqlite_database: Database, tmp_path: Path) -> Block:
    return block_on(sqlite_database, tmp_path)
