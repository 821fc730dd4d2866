"""Rules are recorded when first applied; what was in force once is never changed, dropped or added to."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from consentry.attribution.rulebook import built_in
from consentry.attribution.service import rulebooks
from consentry.ledger.work import reading
from consentry.platform.errors import InputError, NotFoundError, SettingsError
from consentry.platform.settings.rules import BUILT_IN_CLAIM
from tests.attribution.deals.hall import MANAGER, PROJECT, Hall
from tests.attribution.reports.office import SETTINGS, office_on

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.attribution.model import RulebookVersion
    from consentry.platform.database import Database

FIRST = '[[version]]\nfrom = 2026-01-01T00:00:00Z\nlead = "PT45M"\n'
LATER = '\n[[version]]\nfrom = 2026-04-01T00:00:00Z\nlead = "PT1H"\n'


@pytest.fixture
def own(sqlite_database: Database, tmp_path: Path) -> Hall:
    """Return a hall whose project brings rules of its own."""
    settings = SETTINGS.replace('id = "garden"\n', 'id = "garden"\nrulebook = "rules.toml"\n')
    hall = Hall(office_on(sqlite_database, tmp_path, settings))
    write(hall, FIRST)
    return hall


def write(hall: Hall, text: str) -> None:
    (hall.site.store.places.root / "rules.toml").write_text(text, encoding="utf-8")


def in_force(hall: Hall, **ahead: float) -> RulebookVersion:
    with reading(hall.site) as work:
        return rulebooks.in_force(work, PROJECT, work.now + timedelta(**ahead))


def test_without_a_file_the_rules_of_the_specification_are_in_force(hall: Hall) -> None:
    assert rulebooks.follow(hall.site) == 3, "one for each project"
    assert in_force(hall).lead == timedelta(minutes=30)


def test_each_version_is_recorded_once_with_its_hash_in_the_ledger(own: Hall) -> None:
    write(own, FIRST + LATER)
    assert rulebooks.follow(own.site) == 4
    assert rulebooks.follow(own.site) == 0
    kept = rulebooks.versions(own.site, MANAGER, PROJECT)
    entered = [act.details["sha256"] for act in own.office.acts("attribution.rulebook-applied") if act.object == "rulebook:garden"]
    assert [one.sha256 for one in kept] == entered
    assert in_force(own).lead == timedelta(minutes=45)
    assert in_force(own, days=30).lead == timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (FIRST.replace("45", "5"), "rulebook.in-force"),
        (LATER, "rulebook.in-force"),
        (FIRST + '[[version]]\nfrom = 2026-02-01T00:00:00Z\nlead = "PT5M"\n', "rulebook.backdated"),
    ],
    ids=["changed", "dropped", "added in the past"],
)
def test_what_was_in_force_cannot_be_changed_afterwards(own: Hall, text: str, code: str) -> None:
    rulebooks.follow(own.site)
    write(own, text)
    with pytest.raises(SettingsError) as caught:
        rulebooks.follow(own.site)
    assert caught.value.code == code
    assert in_force(own).lead == timedelta(minutes=45), "what is recorded stays in force"


def test_what_is_not_in_force_yet_may_be_changed_and_the_ledger_says_so(own: Hall) -> None:
    write(own, FIRST + LATER)
    rulebooks.follow(own.site)
    write(own, FIRST + LATER.replace("PT1H", "PT2H"))
    assert rulebooks.follow(own.site) == 1
    assert in_force(own, days=30).lead == timedelta(hours=2)
    write(own, FIRST)
    assert rulebooks.follow(own.site) == 1
    assert len(own.office.acts("attribution.rulebook-withdrawn")) == 2
    assert in_force(own, days=30).lead == timedelta(minutes=45)


def test_rules_that_come_later_change_no_proposal(own: Hall) -> None:
    deal = own.bought()
    before = own.proposal(deal)
    write(own, FIRST + LATER)
    assert rulebooks.follow(own.site) == 3, "the later version, and two other projects"
    assert own.proposal(deal).sha256 == before.sha256
    own.pass_by(days=31)
    assert own.proposal(own.bought(unit="1-102")).sha256 != before.sha256


def test_a_file_that_is_missing_or_wrong_names_the_file(own: Hall) -> None:
    write(own, "[[version]]\nlead = 5\n")
    with pytest.raises(InputError, match=r"rules\.toml"):
        rulebooks.follow(own.site)
    (own.site.store.places.root / "rules.toml").unlink()
    with pytest.raises(SettingsError, match=r"rules\.toml"):
        rulebooks.follow(own.site)


def test_a_wrong_file_keeps_no_other_project_from_its_rules(own: Hall) -> None:
    write(own, "no rules")
    with pytest.raises(InputError):
        rulebooks.follow(own.site)
    assert rulebooks.versions(own.site, MANAGER, PROJECT) == []
    assert len(rulebooks.versions(own.site, MANAGER, "lake")) == 1


def test_where_no_rules_were_in_force_no_contract_is_recorded(own: Hall) -> None:
    write(own, LATER)
    with pytest.raises(InputError, match=r"no version is in force"):
        own.bought()


def test_before_anything_was_recorded_the_file_holds(own: Hall) -> None:
    assert in_force(own).lead == timedelta(minutes=45)
    with reading(own.site) as work, pytest.raises(NotFoundError):
        rulebooks.in_force(work, "elsewhere", work.now)


def test_visits_are_kept_for_as_long_as_a_claim_can_rest_on_them(own: Hall) -> None:
    write(own, FIRST + 'visit_protection = "P391D"\n')
    with pytest.raises(SettingsError) as refused:
        rulebooks.follow(own.site)
    assert refused.value.code == "rulebook.visit-retention"
    assert "401 days" in refused.value.mend
    write(own, FIRST + 'visit_protection = "P390D"\n')
    assert rulebooks.follow(own.site) > 0


def test_the_settings_know_how_long_a_claim_lasts_by_the_rules_that_are_brought() -> None:
    assert rulebooks.claim_lasts(built_in()) == BUILT_IN_CLAIM
