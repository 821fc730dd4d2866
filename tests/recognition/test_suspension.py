"""Whoever asks to be left alone for now is found by no search, from the moment the vault has heard of it until their consent holds again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from consentry.cli.web_jobs import site_jobs
from consentry.consent import service as consents
from consentry.consent.model import Via
from consentry.platform.errors import ConflictError
from consentry.platform.events import deliver
from consentry.recognition import service
from consentry.recognition.records import SuspensionRow, untold_suspensions
from tests.recognition.house import House, opened, vault_of

if TYPE_CHECKING:
    from collections.abc import Iterator

ADA, BEN = 5, 900


@pytest.fixture
def house() -> Iterator[House]:
    with opened() as found:
        yield found


def untold(house: House) -> list[str]:
    """Return the consents of which the vault has not confirmed how they stand."""
    with house.site.database.reading() as session:
        return [consent for consent, _ in untold_suspensions(session)]


def searched(house: House) -> int:
    """Return among how many templates the vault searches."""
    return service.population(house.site)["greeting"]


def lost(house: House, consent: str) -> None:
    """Report the receipt of a consent lost, and tell who must be told of it."""
    consents.report_lost(house.site, consent)
    assert consents.is_suspended(house.site, consent)
    deliver(house.site, service.HANDLERS)


def test_who_reports_a_receipt_lost_is_found_by_no_search_until_it_is_found_again(house: House) -> None:
    with vault_of(house):
        given = house.enrol(ADA)
        house.enrol(BEN)
        lost(house, given.consent)
        assert (searched(house), untold(house)) == (1, [])
        assert (house.decision(ADA), house.decision(BEN)) == ("reject", "accept")
        assert given.consent not in str(house.acts("recognition.decided")[2:])
        consents.restore_lost(house.site, given.withdraw_secret)
        deliver(house.site, service.HANDLERS)
        assert house.decision(ADA) == "accept"


def test_a_vault_that_was_away_is_told_until_it_knows_and_remembers(house: House) -> None:
    with vault_of(house):
        given = house.enrol(ADA)
    lost(house, given.consent)
    with pytest.raises(ConflictError) as away:
        service.tell_suspensions(house.site)
    assert away.value.code == "vault.away"
    assert untold(house) == [given.consent]
    with vault_of(house):
        assert searched(house) == 1
        assert [service.tell_suspensions(house.site) for _ in range(2)] == [1, 0]
        assert searched(house) == 0
    with vault_of(house):
        assert searched(house) == 0
        consents.restore_lost(house.site, given.withdraw_secret)
        deliver(house.site, service.HANDLERS)
        assert searched(house) == 1


def test_a_consent_that_was_withdrawn_while_it_rested_does_not_come_back(house: House) -> None:
    with vault_of(house):
        given = house.enrol(ADA)
    lost(house, given.consent)
    consents.withdraw(house.site, given.withdraw_secret, Via.RECEIPT)
    with vault_of(house):
        service.tell_suspensions(house.site)
        assert searched(house) == 0


def test_one_that_the_vault_refuses_keeps_no_other_from_resting(house: House) -> None:
    with vault_of(house):
        given = house.enrol(ADA)
        with house.site.database.transaction() as session:
            session.add(SuspensionRow(consent="no id", changed=house.clock.now()))
        lost(house, given.consent)
        assert (searched(house), untold(house)) == (0, ["no id"])


def test_telling_the_vault_is_a_job() -> None:
    assert "vault-suspension" in {job.name for job in site_jobs(None, dict)}
