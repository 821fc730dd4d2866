from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

from consentry.attribution.channel import AgentState
from consentry.attribution.records.agencies import AgentLinkRow, AgentRow, AgentSessionRow
from consentry.attribution.service import agencies, agent_sessions, agents
from consentry.ledger.work import writing
from consentry.platform.actors import Permission
from consentry.platform.errors import ConsentryError, TooManyError
from consentry.staff import passwords, service
from consentry.staff.model import Role, SignedIn
from tests.attribution.reports.office import HOME, MANAGER, OPERATOR, PASSPHRASE, Office

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from sqlalchemy.orm import Session

ABROAD = "203.0.113.9"
WRONG = "not the sentence at all"


def refused(office: Office, name: str = "li.na", passphrase: str = WRONG, address: str = HOME) -> str:
    with pytest.raises(ConsentryError) as error:
        agent_sessions.sign_in_agent(office.site, name, passphrase, address)
    return error.value.code


def test_name_and_passphrase_begin_a_session_that_stands_for_the_agent(office: Office) -> None:
    blue = office.agency()
    agent = office.agent(blue)
    signed_in = agent_sessions.sign_in_agent(office.site, " LI.NA ", PASSPHRASE, HOME)
    actor = agent_sessions.agent_of_token(office.site, signed_in.token)
    assert actor is not None
    assert (actor.label, actor.permissions) == (f"agent:{agent.id}", frozenset({Permission.REPORT_VISITORS}))
    own = agent_sessions.own_agent(office.site, actor)
    assert (own.name, own.agency, own.agency_name) == ("li.na", blue.id, "Blue sky")
    acts = office.acts("attribution.agent-signed-in")
    assert {act.actor for act in acts} == {f"agent:{agent.id}"}
    assert HOME not in str(acts)


def test_every_refusal_is_the_same_and_costs_one_hash_and_one_transaction(sqlite_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    blue, red = sqlite_office.agency(), sqlite_office.agency("Red roof")
    sqlite_office.agent(blue)
    agents.invite_agent(sqlite_office.site, MANAGER, blue.id, "invited")
    agents.disable_agent(sqlite_office.site, MANAGER, sqlite_office.agent(blue, "disabled").id, "left the agency")
    sqlite_office.agent(red, "of-disabled-agency")
    agencies.disable_agency(sqlite_office.site, MANAGER, red.id, "contract broken")
    work: list[str] = []
    begin = sqlite_office.site.database.transaction

    def begin_counted() -> AbstractContextManager[Session]:
        work.append("transaction")
        return begin()

    monkeypatch.setattr(passwords, "_HASHER", CountedHasher(work))
    monkeypatch.setattr(sqlite_office.site.database, "transaction", begin_counted)
    for name in ("li.na", "nobody", "invited", "disabled", "of-disabled-agency", "", "\x00", "\ud800", "x" * 500):
        work.clear()
        # The passphrase is right for those who may not: that must not show either.
        assert refused(sqlite_office, name, WRONG if name in {"li.na", "of-disabled-agency"} else PASSPHRASE) == "sign-in.refused"
        assert work == ["transaction", "verify"], name


class CountedHasher:
    """A hasher that notes what it is asked for."""

    def __init__(self, work: list[str]) -> None:
        self._work = work
        self._real = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

    def verify(self, hashed: str, password: bytes) -> bool:
        self._work.append("verify")
        return self._real.verify(hashed, password)


def test_guessing_is_slowed_down_for_known_and_unknown_names_alike(sqlite_office: Office) -> None:
    sqlite_office.agent(sqlite_office.agency())
    for name in ("li.na", "nobody"):
        assert [refused(sqlite_office, name) for _ in range(6)] == ["sign-in.refused"] * 5 + ["sign-in.wait"]
    with pytest.raises(TooManyError) as waiting:
        agent_sessions.sign_in_agent(sqlite_office.site, "li.na", PASSPHRASE, HOME)
    sqlite_office.pass_by(seconds=waiting.value.retry_after)
    assert agent_sessions.sign_in_agent(sqlite_office.site, "li.na", PASSPHRASE, HOME).token
    assert [act.object.split(":")[0] for act in sqlite_office.acts("attribution.agent-sign-in-delayed")] == ["agent", "agent"]


def test_one_address_cannot_try_name_after_name(sqlite_office: Office) -> None:
    assert [refused(sqlite_office, f"nobody-{index}") for index in range(21)][-1] == "sign-in.wait"
    assert refused(sqlite_office, "nobody", address=ABROAD) == "sign-in.refused"


def test_guesses_at_an_agents_name_do_not_slow_a_member_of_staff_of_that_name(sqlite_office: Office) -> None:
    link = service.invite(sqlite_office.site, OPERATOR, "li.na", Role.FRONT_DESK)
    service.accept_link(sqlite_office.site, link.path.partition("=")[2], "li.na", PASSPHRASE, ABROAD)
    for _ in range(6):
        refused(sqlite_office)
    assert isinstance(service.sign_in(sqlite_office.site, "li.na", PASSPHRASE, HOME), SignedIn)
    assert refused(sqlite_office, passphrase=PASSPHRASE, address=ABROAD) == "sign-in.refused"


@pytest.mark.parametrize(("idle", "holds"), [(timedelta(hours=12) - timedelta(seconds=1), True), (timedelta(hours=12), False)])
def test_a_session_ends_after_twelve_idle_hours(sqlite_office: Office, idle: timedelta, *, holds: bool) -> None:
    sqlite_office.agent(sqlite_office.agency())
    token = agent_sessions.sign_in_agent(sqlite_office.site, "li.na", PASSPHRASE, HOME).token
    sqlite_office.clock.advance(idle)
    assert (agent_sessions.agent_of_token(sqlite_office.site, token) is not None) == holds


def test_a_session_in_use_ends_after_seven_days(sqlite_office: Office) -> None:
    sqlite_office.agent(sqlite_office.agency())
    token = agent_sessions.sign_in_agent(sqlite_office.site, "li.na", PASSPHRASE, HOME).token
    lives = 0
    while agent_sessions.agent_of_token(sqlite_office.site, token) and lives < 100:
        sqlite_office.pass_by(hours=6)
        lives += 1
    assert lives == 7 * 4


def test_signing_out_ends_the_session_and_twice_is_no_error(sqlite_office: Office) -> None:
    sqlite_office.agent(sqlite_office.agency())
    token = agent_sessions.sign_in_agent(sqlite_office.site, "li.na", PASSPHRASE, HOME).token
    actor = agent_sessions.agent_of_token(sqlite_office.site, token)
    assert actor is not None
    agent_sessions.sign_out_agent(sqlite_office.site, actor)
    agent_sessions.sign_out_agent(sqlite_office.site, actor)
    assert agent_sessions.agent_of_token(sqlite_office.site, token) is None
    assert len(sqlite_office.acts("attribution.agent-signed-out")) == 1


def test_a_session_that_outlived_its_account_lets_nobody_act(sqlite_office: Office) -> None:
    """As records that were put back from a copy might hold one."""
    agent = sqlite_office.agent(sqlite_office.agency())
    token = agent_sessions.sign_in_agent(sqlite_office.site, "li.na", PASSPHRASE, HOME).token
    with writing(sqlite_office.site) as work:
        work.session.get_one(AgentRow, agent.id).state = AgentState.DISABLED
    assert agent_sessions.agent_of_token(sqlite_office.site, token) is None


def test_what_holds_no_longer_is_deleted(office: Office) -> None:
    agent = office.agent(office.agency())
    agents.renew_agent_link(office.site, MANAGER, agent.id, "asked for it")
    office.pass_by(days=7)
    agent_sessions.forget_expired(office.site)
    assert rows(office) == (0, 0)
    office.signed_in("li.na")
    agent_sessions.forget_expired(office.site)
    assert rows(office) == (1, 0)


def rows(office: Office) -> tuple[int, ...]:
    with office.site.database.reading() as session:
        return tuple(session.scalar(select(func.count()).select_from(table)) or 0 for table in (AgentSessionRow, AgentLinkRow))
