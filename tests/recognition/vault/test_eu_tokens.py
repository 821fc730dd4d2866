"""EU profile: the template is in the person's hands, and opens nothing without the vault."""

from __future__ import annotations

import base64
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from consentry.consent.model import Purpose
from consentry.platform.keys import SiteKeys
from consentry.recognition import messages
from consentry.recognition.model import Decision, TicketKind
from consentry.recognition.vault.keystore import PersonKeys
from tests.recognition.vault import world
from tests.recognition.vault.conftest import asked
from tests.recognition.vault.faces import chips

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from consentry.consent.model import ConsentGrant
    from consentry.platform.clock import FixedClock
    from consentry.recognition.vault.desk import Desk
    from consentry.recognition.vault.order import VaultOrder

    Opening = Callable[[VaultOrder], AbstractContextManager[Desk]]


def eu(site: world.Site) -> VaultOrder:
    return replace(site.order(), profile="eu")


@pytest.fixture
def ask(site: world.Site, vault: Opening) -> Iterator[world.Asking]:
    with vault(eu(site)) as desk:
        asked(desk)(site.registration())
        yield asked(desk)


def enrolled(site: world.Site, ask: world.Asking, person: int) -> tuple[ConsentGrant, str]:
    """Enrol a numbered person and return the token with the grant."""
    grant = site.grant()
    held = world.ticket(site, ask, TicketKind.ENROL, grant.consent)
    assert world.outcome(ask, ask(messages.Enrol(held.id, site.grant_text(grant), world.LIVE), chips(person))).decision is Decision.ACCEPT
    return grant, world.is_(messages.IssuedToken, ask(messages.FetchToken(held.id))).token


def rows(site: world.Site) -> list[bytes | None]:
    """Return the encrypted vectors on the disk."""
    with closing(sqlite3.connect(site.folder / "data/vault/vault.db")) as connection:
        return [sealed for (sealed,) in connection.execute("SELECT sealed FROM template")]


def with_keys(site: world.Site, grants: list[ConsentGrant]) -> list[str]:
    """Return those of some consents that have a key."""
    order = site.order()
    keys = PersonKeys(Path(order.keystore), SiteKeys.open(Path(order.key), data_folder=Path(order.data)))
    return [consent for consent, _ in keys.read([grant.consent for grant in grants])]


def test_a_person_is_known_by_face_and_token_together(site: world.Site, ask: world.Asking) -> None:
    grant, token = enrolled(site, ask, 5)
    found = world.outcome(ask, world.verify(site, ask, 5, grant, token))
    assert (found.decision, found.person) == (Decision.ACCEPT, grant.person)
    assert world.outcome(ask, world.verify(site, ask, 6, grant, token)).decision is Decision.REJECT


def test_the_vault_keeps_nothing_of_the_face_and_cannot_search(site: world.Site, ask: world.Asking) -> None:
    enrolled(site, ask, 5)
    assert rows(site) == [None]
    assert world.refused(ask(site.minting(site.activation(TicketKind.IDENTIFY)))) == "vault.ticket-kind"


def test_who_was_stored_under_the_other_profile_is_destroyed_with_the_key_when_the_vault_starts(site: world.Site, vault: Opening, tmp_path: Path) -> None:
    order, backup = site.order(), tmp_path / "backup.db"
    grants = [site.grant(), site.grant(Purpose.DOOR_ACCESS)]
    with vault(order) as desk:
        asked(desk)(site.registration())
        for person, grant in enumerate(grants, 5):
            world.enrol(site, asked(desk), person, grant)
    shutil.copyfile(site.folder / "data/vault/vault.db", backup)
    # Whatever else the settings changed with the profile: another purpose, no model that could open them.
    with vault(replace(eu(site), purposes=(Purpose.GREETING,), separate=False)):
        assert rows(site) == []
    assert not with_keys(site, grants)
    shutil.copyfile(backup, site.folder / "data/vault/vault.db")
    with vault(order) as desk:
        assert world.outcome(asked(desk), world.identify(site, asked(desk), 5)).decision is Decision.REJECT


def test_whose_template_is_in_a_token_stays_enrolled_when_the_vault_starts_again(site: world.Site, vault: Opening) -> None:
    with vault(eu(site)) as desk:
        asked(desk)(site.registration())
        grant, token = enrolled(site, asked(desk), 5)
    with vault(eu(site)) as desk:
        assert world.outcome(asked(desk), world.verify(site, asked(desk), 5, grant, token)).decision is Decision.ACCEPT


def test_a_token_is_handed_over_once_and_within_a_minute(site: world.Site, ask: world.Asking, clock: FixedClock) -> None:
    for wait in (timedelta(0), timedelta(minutes=1)):
        grant = site.grant()
        held = world.ticket(site, ask, TicketKind.ENROL, grant.consent)
        ask(messages.Enrol(held.id, site.grant_text(grant), world.LIVE), chips(5))
        clock.advance(wait)
        answers = [ask(messages.FetchToken(held.id)) for _ in range(2)]
        assert isinstance(answers[0], messages.Refused) is bool(wait)
        assert world.refused(answers[1]) == "vault.token"
        clock.advance(-wait)


def test_a_token_of_another_person_altered_or_made_up_is_refused(site: world.Site, ask: world.Asking) -> None:
    grant, token = enrolled(site, ask, 5)
    _, other = enrolled(site, ask, 6)
    content = bytearray(base64.urlsafe_b64decode(token[4:] + "=" * (-len(token[4:]) % 4)))
    content[-1] ^= 1
    altered = "CT1." + base64.urlsafe_b64encode(content).decode().rstrip("=")
    for wrong in (other, altered, token[:-40], token + "AAAA", "CT1.", "CT1.%%%", "", grant.consent):
        held = world.ticket(site, ask, TicketKind.VERIFY, grant.consent)
        assert world.refused(ask(messages.Verify(held.id, wrong, world.LIVE), chips(5, 1))) == "vault.token", wrong


def test_a_token_opens_nothing_in_another_vault(site: world.Site, ask: world.Asking, vault: Opening, tmp_path: Path) -> None:
    grant, token = enrolled(site, ask, 5)
    thief = replace(site, folder=tmp_path / "thief")
    with vault(eu(thief)) as desk:
        there = asked(desk)
        there(thief.registration())
        held = world.ticket(thief, there, TicketKind.ENROL, grant.consent)
        there(messages.Enrol(held.id, thief.grant_text(grant), world.LIVE), chips(6))
        assert world.refused(world.verify(thief, there, 5, grant, token)) == "vault.token"


def test_a_withdrawn_token_opens_nothing(site: world.Site, ask: world.Asking) -> None:
    grant, token = enrolled(site, ask, 5)
    world.is_(messages.SignedErasure, ask(messages.Revoke(grant.person, grant.consent, grant.purpose)))
    assert world.refused(world.verify(site, ask, 5, grant, token)) == "vault.grant-revoked"


def test_a_token_that_nobody_fetched_goes_with_the_consent(site: world.Site, ask: world.Asking) -> None:
    grant = site.grant()
    held = world.ticket(site, ask, TicketKind.ENROL, grant.consent)
    ask(messages.Enrol(held.id, site.grant_text(grant), world.LIVE), chips(5))
    ask(messages.Revoke(grant.person, grant.consent, grant.purpose))
    assert world.refused(ask(messages.FetchToken(held.id))) == "vault.token"
