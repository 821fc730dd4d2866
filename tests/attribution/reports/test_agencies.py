from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from consentry.attribution.channel import AgentState, Contract, ContractTerms
from consentry.attribution.service import agencies, agent_sessions, agents, contracts
from consentry.platform.actors import Actor, ActorKind, Permission
from consentry.platform.errors import ConflictError, ConsentryError, DeniedError, InputError, NotFoundError
from tests.attribution.reports.office import DAY, HOME, MANAGER, NINE, PASSPHRASE, Office, token_of

if TYPE_CHECKING:
    from datetime import datetime

    from consentry.attribution.channel import Agency, AgentLink

LOOKER = Actor(ActorKind.STAFF, "auditor-1", frozenset({Permission.VIEW_ATTRIBUTION}))
MIDNIGHT = NINE - timedelta(hours=9)


def test_an_agency_is_added_once_under_a_name(sqlite_office: Office) -> None:
    added = agencies.add_agency(sqlite_office.site, MANAGER, " Blue sky ")
    assert (added.name, added.disabled) == ("Blue sky", None)
    with pytest.raises(ConflictError) as refused:
        agencies.add_agency(sqlite_office.site, MANAGER, "BLUE  SKY")
    assert refused.value.code == "agency.name-taken"
    assert agencies.agencies(sqlite_office.site, LOOKER) == (added,)
    assert [act.object for act in sqlite_office.acts("attribution.agency-added")] == [f"agency:{added.id}"]


def test_who_may_only_look_changes_nothing(sqlite_office: Office) -> None:
    with pytest.raises(DeniedError):
        agencies.add_agency(sqlite_office.site, LOOKER, "Blue sky")
    with pytest.raises(DeniedError):
        agents.invite_agent(sqlite_office.site, LOOKER, "nobody", "li.na")


def new_contract(office: Office, start: datetime, until: datetime, agency: Agency | None = None) -> Contract:
    found = agency or agencies.add_agency(office.site, MANAGER, "Blue sky")
    return contracts.add_contract(office.site, MANAGER, ContractTerms(found.id, "garden", start, until))


@pytest.mark.parametrize(
    ("start", "until", "code"),
    [
        (MIDNIGHT, NINE + DAY, None),
        (MIDNIGHT - timedelta(seconds=1), NINE + DAY, "contract.past"),
        (NINE, NINE, "contract.order"),
        (NINE + DAY, NINE + timedelta(hours=1), "contract.order"),
        (MIDNIGHT, NINE - timedelta(seconds=1), "contract.past"),
        (NINE, NINE + 3661 * DAY, "contract.order"),
    ],
)
def test_a_contract_begins_today_at_the_earliest_and_ends_after_that(sqlite_office: Office, start: datetime, until: datetime, code: str | None) -> None:
    try:
        made = new_contract(sqlite_office, start, until)
    except InputError as refused:
        found: str | None = refused.code
    else:
        found = None
        assert contracts.contracts(sqlite_office.site, LOOKER) == (made,)
    assert found == code


def test_two_contracts_of_an_agency_do_not_share_an_instant(sqlite_office: Office) -> None:
    blue = sqlite_office.agency(lasts=DAY)
    with pytest.raises(ConflictError) as refused:
        new_contract(sqlite_office, NINE + DAY, NINE + 2 * DAY, blue)
    assert refused.value.code == "contract.overlaps"
    assert new_contract(sqlite_office, NINE + DAY + timedelta(seconds=1), NINE + 2 * DAY, blue).replaces is None


def test_a_change_appends_and_the_newest_word_holds(office: Office) -> None:
    first = new_contract(office, NINE, NINE + 10 * DAY)
    office.pass_by(days=1)
    second = contracts.change_contract(office.site, MANAGER, first.id, NINE + 2 * DAY, "given notice")
    kept = contracts.contracts(office.site, LOOKER)
    assert [(one.id, one.until, one.replaces, one.replaced_by) for one in kept] == [
        (first.id, NINE + 10 * DAY, None, second.id),
        (second.id, NINE + 2 * DAY, first.id, None),
    ]
    with pytest.raises(ConflictError) as refused:
        contracts.change_contract(office.site, MANAGER, first.id, NINE + 20 * DAY, "renewed it")
    assert refused.value.code == "contract.replaced"
    assert [act.reason for act in office.acts("attribution.contract-changed")] == ["given notice"]


def test_a_contract_is_not_ended_in_the_past_nor_revived(sqlite_office: Office) -> None:
    first = new_contract(sqlite_office, NINE, NINE + 2 * DAY)
    sqlite_office.pass_by(days=1)
    with pytest.raises(InputError) as past:
        contracts.change_contract(sqlite_office.site, MANAGER, first.id, NINE, "never had one")
    assert past.value.code == "contract.past"
    sqlite_office.pass_by(days=1, seconds=1)
    with pytest.raises(ConflictError) as over:
        contracts.change_contract(sqlite_office.site, MANAGER, first.id, NINE + 9 * DAY, "go on")
    assert over.value.code == "contract.over"


def test_the_judge_reads_contracts_as_they_stand(sqlite_office: Office) -> None:
    first = new_contract(sqlite_office, NINE, NINE + 10 * DAY)
    second = contracts.change_contract(sqlite_office.site, MANAGER, first.id, NINE + 2 * DAY, "given notice")
    with sqlite_office.site.database.reading() as session:
        (event,) = contracts.contract_events(session, "garden")
    assert (event.agency, event.start, event.until, event.id) == (first.agency, NINE, NINE + 2 * DAY, second.id)


def accepted(office: Office, link: AgentLink) -> str:
    return agents.accept_agent_link(office.site, token_of(link), PASSPHRASE)


def test_an_agent_comes_in_by_a_link_that_works_once_for_seven_days(sqlite_office: Office) -> None:
    blue = sqlite_office.agency()
    link = agents.invite_agent(sqlite_office.site, MANAGER, blue.id, "李娜")
    offered = agents.agent_invitation(sqlite_office.site, token_of(link))
    assert (offered.agency, offered.name, offered.recovers, offered.expires) == ("Blue sky", "李娜", False, NINE + 7 * DAY)
    assert accepted(sqlite_office, link) == "李娜"
    with pytest.raises(NotFoundError):
        accepted(sqlite_office, link)
    (known,) = agents.agents(sqlite_office.site, LOOKER)
    assert (known.name, known.state, known.agency) == ("李娜", AgentState.ACTIVE, blue.id)
    assert [act.action.split(".")[1] for act in sqlite_office.acts() if act.object == f"agent:{known.id}"] == ["agent-invited", "agent-accepted"]


def test_a_link_too_old_is_none_and_a_new_one_voids_the_old(sqlite_office: Office) -> None:
    blue = sqlite_office.agency()
    old = agents.invite_agent(sqlite_office.site, MANAGER, blue.id, "li.na")
    new = agents.renew_agent_link(sqlite_office.site, MANAGER, old.agent, "lost it")
    with pytest.raises(NotFoundError):
        accepted(sqlite_office, old)
    sqlite_office.pass_by(days=7)
    with pytest.raises(NotFoundError):
        accepted(sqlite_office, new)
    assert accepted(sqlite_office, agents.renew_agent_link(sqlite_office.site, MANAGER, old.agent, "too old")) == "li.na"


def test_of_two_who_follow_a_link_at_once_one_finds_it_gone(office: Office) -> None:
    link = agents.invite_agent(office.site, MANAGER, office.agency().id, "li.na")

    def follow(_: int) -> str:
        try:
            return accepted(office, link)
        except NotFoundError as refused:
            return refused.code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(follow, range(2))) == ["agent.no-link", "li.na"]


@pytest.mark.parametrize("passphrase", ["short", "1234567890123", "li.na li.na li.na"])
def test_a_passphrase_that_is_guessed_first_is_refused_and_the_link_holds(sqlite_office: Office, passphrase: str) -> None:
    link = agents.invite_agent(sqlite_office.site, MANAGER, sqlite_office.agency().id, "li.na")
    with pytest.raises(InputError):
        agents.accept_agent_link(sqlite_office.site, token_of(link), passphrase)
    assert accepted(sqlite_office, link) == "li.na"


def test_a_name_is_one_agents(sqlite_office: Office) -> None:
    blue, red = sqlite_office.agency(), sqlite_office.agency("Red roof")
    agents.invite_agent(sqlite_office.site, MANAGER, blue.id, "Li Na")
    with pytest.raises(ConflictError) as refused:
        agents.invite_agent(sqlite_office.site, MANAGER, red.id, "ｌｉ na")  # noqa: RUF001 - the same letters in full width
    assert refused.value.code == "agent.name-taken"


def test_a_new_link_for_a_lost_passphrase_ends_the_sessions_under_the_old_one(sqlite_office: Office) -> None:
    agent = sqlite_office.agent(sqlite_office.agency())
    token = agent_sessions.sign_in_agent(sqlite_office.site, "li.na", PASSPHRASE, HOME).token
    link = agents.renew_agent_link(sqlite_office.site, MANAGER, agent.id, "forgot it")
    assert agent_sessions.agent_of_token(sqlite_office.site, token) is not None
    agents.accept_agent_link(sqlite_office.site, token_of(link), "another sentence to keep")
    assert agent_sessions.agent_of_token(sqlite_office.site, token) is None


def test_disabling_an_agent_ends_sessions_and_links_at_once_and_can_be_undone(sqlite_office: Office) -> None:
    agent = sqlite_office.agent(sqlite_office.agency())
    token = agent_sessions.sign_in_agent(sqlite_office.site, "li.na", PASSPHRASE, HOME).token
    link = agents.renew_agent_link(sqlite_office.site, MANAGER, agent.id, "asked for it")
    agents.disable_agent(sqlite_office.site, MANAGER, agent.id, "left the agency")
    agents.disable_agent(sqlite_office.site, MANAGER, agent.id, "left the agency")
    assert agent_sessions.agent_of_token(sqlite_office.site, token) is None
    for refused in (
        lambda: accepted(sqlite_office, link),
        lambda: sqlite_office.signed_in("li.na"),
        lambda: agents.renew_agent_link(sqlite_office.site, MANAGER, agent.id, "again"),
    ):
        with pytest.raises(ConsentryError):
            refused()
    assert len(sqlite_office.acts("attribution.agent-disabled")) == 1
    agents.enable_agent(sqlite_office.site, MANAGER, agent.id)
    assert sqlite_office.signed_in("li.na").id == agent.id


def test_disabling_an_agency_ends_what_all_of_its_agents_can_do_and_nobody_elses(office: Office) -> None:
    blue, red = office.agency(), office.agency("Red roof")
    one, other = office.agent(blue), office.agent(red, "zhao.min")
    tokens = [agent_sessions.sign_in_agent(office.site, name, PASSPHRASE, HOME).token for name in ("li.na", "zhao.min")]
    waiting = agents.invite_agent(office.site, MANAGER, blue.id, "wang.wei")
    agencies.disable_agency(office.site, MANAGER, blue.id, "contract broken")
    assert [agent_sessions.agent_of_token(office.site, token) is None for token in tokens] == [True, False]
    for refused in (lambda: accepted(office, waiting), lambda: agents.invite_agent(office.site, MANAGER, blue.id, "new")):
        with pytest.raises(ConsentryError):
            refused()
    agencies.enable_agency(office.site, MANAGER, blue.id)
    assert {office.signed_in("li.na").id, office.signed_in("zhao.min").id} == {one.id, other.id}


@pytest.mark.parametrize("name", ["nothing", "", "\x00", "0192f0c1-2222-7abc-8def-001122334455"])
def test_what_nobody_has_is_not_found(sqlite_office: Office, name: str) -> None:
    site = sqlite_office.site
    calls = (
        lambda: agencies.enable_agency(site, MANAGER, name),
        lambda: agents.enable_agent(site, MANAGER, name),
        lambda: agents.agents(site, LOOKER, name),
        lambda: contracts.contracts(site, LOOKER, name),
        lambda: contracts.change_contract(site, MANAGER, name, NINE + DAY, "any reason"),
    )
    for call in calls:
        with pytest.raises(NotFoundError):
            call()
