"""What entries say ends with its retention; that they were there does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from consentry.ledger.expiry import AT_ONCE, expire_bodies
from consentry.ledger.records import EntryRow
from consentry.ledger.rules.entries import PERMANENT
from consentry.ledger.service import audit, browse, checkpoint
from consentry.platform.actors import operator
from consentry.platform.settings.store import SettingsStore
from tests.ledger.logs import advance, fill, fill_and_sign, site_on

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.platform.database import Database
    from consentry.platform.site import Site

OPERATOR = operator("test")
YEARS = timedelta(days=1096)
SETTINGS = """
[site]
id = "shop"
name = "Shop"
zone = "Asia/Shanghai"
controller = "Shop Ltd"
contact = "desk"
"""


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Site:
    path = tmp_path / "site.toml"
    path.write_text(SETTINGS, encoding="utf-8")
    return replace(site_on(database), store=SettingsStore(path))


def bodies(site: Site) -> dict[int, bool]:
    """Return of each entry that is no act of the log itself whether it still says something."""
    with site.database.reading() as session:
        rows = session.execute(select(EntryRow.number, EntryRow.action, EntryRow.body)).all()
    return {row.number: row.body is not None for row in rows if row.action not in PERMANENT}


def test_nothing_ends_before_its_retention(site: Site) -> None:
    fill_and_sign(site, 5)
    advance(site, YEARS)
    assert expire_bodies(site) == 0
    assert all(bodies(site).values())


def test_what_is_older_is_erased_with_a_tombstone_each_and_the_audit_is_clean(site: Site) -> None:
    fill_and_sign(site, 5)
    advance(site, YEARS)
    recent = fill(site, 3)
    advance(site, timedelta(minutes=1))
    assert expire_bodies(site) == 5
    checkpoint(site)
    kept = {number for number, says in bodies(site).items() if says}
    assert kept == set(recent)
    report = audit(site, OPERATOR)
    assert report.clean
    assert report.erased == 5
    assert expire_bodies(site) == 0


def test_a_tombstone_names_the_settings_that_decided(site: Site) -> None:
    fill(site, 1)
    advance(site, YEARS + timedelta(minutes=1))
    expire_bodies(site)
    (entry,) = [listed.entry for listed in browse(site, OPERATOR, action="ledger.erased").entries if listed.entry]
    assert entry.act.details["by"] == ["system:retention", f"settings:{site.store.digest}"]
    assert entry.act.reason == "retention"


def test_more_than_one_transaction_holds_are_erased_in_one_call(site: Site) -> None:
    fill(site, AT_ONCE + 7)
    advance(site, YEARS + timedelta(minutes=1))
    assert expire_bodies(site) == AT_ONCE + 7
    assert audit(site, OPERATOR).clean
