"""Where a report stands, against an oracle that knows nothing but the instants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.attribution.channel import RefusalGround as Ground
from consentry.attribution.channel import ReplyDraft, ReplyKind, ReportState
from consentry.attribution.model import RulebookVersion
from consentry.attribution.numbers import mask_of
from consentry.attribution.rules.reports import (
    Facts,
    begins_at,
    check_alias,
    check_mask,
    check_reply,
    clocks_of,
    ends_at,
    family_of,
    is_live,
    mask_fits,
    overlap,
    protection_of,
    received,
    state_of,
)
from consentry.platform.errors import InputError
from consentry.platform.settings.projects import PhoneForm

if TYPE_CHECKING:
    from collections.abc import Callable

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
RULES = RulebookVersion()
MINUTE, SECOND, DAY = timedelta(minutes=1), timedelta(seconds=1), timedelta(days=1)
FACTS = received(NOON, RULES)


def facts(reply: ReplyKind | None = None, replied: timedelta | None = None, arrived: timedelta | None = None) -> Facts:
    came = None if arrived is None else NOON + arrived
    protected = None if came is None else protection_of(FACTS, came, RULES)
    at = None if replied is None else NOON + replied
    return Facts(FACTS.filed, FACTS.lead_reached, FACTS.reply_due, FACTS.valid_until, at, reply, came, protected)


ACCEPTED = (ReplyKind.ACCEPT, 5 * MINUTE)
REFUSED = (ReplyKind.REFUSE, 5 * MINUTE)


@pytest.mark.parametrize(
    ("found", "after", "state"),
    [
        (facts(), timedelta(0), ReportState.WAITING),
        (facts(), 30 * MINUTE, ReportState.WAITING),
        (facts(), 30 * MINUTE + SECOND, ReportState.ACCEPTED),
        (facts(), 2 * DAY, ReportState.ACCEPTED),
        (facts(), 2 * DAY + SECOND, ReportState.LAPSED),
        (facts(*ACCEPTED), 6 * MINUTE, ReportState.ACCEPTED),
        (facts(*ACCEPTED), 3 * DAY, ReportState.LAPSED),
        (facts(*REFUSED), 6 * MINUTE, ReportState.REFUSED),
        (facts(*REFUSED), 3 * DAY, ReportState.REFUSED),
        (facts(*REFUSED, arrived=60 * MINUTE), 2 * 60 * MINUTE, ReportState.REFUSED),
        (facts(ReplyKind.REFUSE, 30 * MINUTE), 31 * MINUTE, ReportState.REFUSED),
        (facts(ReplyKind.REFUSE, 30 * MINUTE + SECOND), 31 * MINUTE, ReportState.ACCEPTED),
        (facts(arrived=60 * MINUTE), 61 * MINUTE, ReportState.ARRIVED),
        (facts(arrived=60 * MINUTE), 90 * DAY, ReportState.ARRIVED),
    ],
)
def test_a_report_stands_where_its_instants_say(found: Facts, after: timedelta, state: ReportState) -> None:
    assert state_of(found, NOON + after) is state


@pytest.mark.parametrize(
    ("came", "protects"), [(29 * MINUTE, False), (30 * MINUTE - SECOND, False), (30 * MINUTE, True), (2 * DAY, True), (2 * DAY + SECOND, False)]
)
def test_a_visit_within_lead_and_validity_protects_for_thirty_days(came: timedelta, *, protects: bool) -> None:
    found = facts(arrived=came)
    assert clocks_of(found).protected_until == (NOON + came + 30 * DAY if protects else None)
    assert is_live(found, NOON + came) == protects
    assert not is_live(found, NOON + came + 30 * DAY + SECOND)


spans = st.integers(0, 4 * 24 * 60).map(lambda minutes: minutes * MINUTE)


def oracle(reply: ReplyKind | None, replied: timedelta | None, arrived: timedelta | None, now: timedelta) -> ReportState:
    """Decide by counting minutes, from the words of the specification."""
    in_time = reply is not None and replied is not None and replied // MINUTE <= 30
    if in_time and reply == "refuse":
        return ReportState.REFUSED
    if arrived is not None:
        return ReportState.ARRIVED
    if now // MINUTE > 2 * 24 * 60:
        return ReportState.LAPSED
    return ReportState.ACCEPTED if in_time or now // MINUTE > 30 else ReportState.WAITING


@given(st.none() | st.sampled_from(ReplyKind), spans, st.none() | spans, spans)
def test_the_state_is_the_oracles(reply: ReplyKind | None, replied: timedelta, arrived: timedelta | None, now: timedelta) -> None:
    found = facts(reply, replied if reply else None, arrived)
    assert state_of(found, NOON + now) is oracle(reply, replied if reply else None, arrived, now)


@given(st.none() | st.sampled_from(ReplyKind), spans, st.none() | spans, spans, st.timedeltas(timedelta(-3000), timedelta(3000)))
def test_shifting_every_instant_changes_no_state(reply: ReplyKind | None, replied: timedelta, arrived: timedelta | None, now: timedelta, by: timedelta) -> None:
    found = facts(reply, replied if reply else None, arrived)
    moved = Facts(
        found.filed + by,
        found.lead_reached + by,
        found.reply_due + by,
        found.valid_until + by,
        None if found.replied is None else found.replied + by,
        found.reply,
        None if found.arrived is None else found.arrived + by,
        None if found.protected_until is None else found.protected_until + by,
    )
    assert state_of(moved, NOON + now + by) is state_of(found, NOON + now)
    assert is_live(moved, NOON + now + by) is is_live(found, NOON + now)


@given(st.none() | st.sampled_from(ReplyKind), spans, spans, spans)
def test_a_report_that_is_over_never_comes_back_to_life(reply: ReplyKind | None, replied: timedelta, now: timedelta, more: timedelta) -> None:
    found = facts(reply, replied if reply else None)
    if not is_live(found, NOON + now) and (reply is None or replied <= now):
        assert not is_live(found, NOON + now + more)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)), st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "Australia/Lord_Howe", "America/New_York"]))  # noqa: DTZ001 - made aware below
def test_an_instant_lies_in_its_day_and_days_follow_one_another(naive: datetime, name: str) -> None:
    zone, now = ZoneInfo(name), naive.replace(tzinfo=UTC)
    start, end = begins_at(now, zone), ends_at(now, zone)
    assert start.astimezone(UTC) <= now < end.astimezone(UTC)
    assert begins_at(end, zone).astimezone(UTC) == end.astimezone(UTC)
    assert timedelta(hours=23) <= end.astimezone(UTC) - start.astimezone(UTC) <= timedelta(hours=25)


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from([PhoneForm.FIRST_3_LAST_4, PhoneForm.FIRST_4_LAST_3]), st.integers(0, 10))
def test_a_mask_hides_four_digits_and_fits_its_number(national: str, form: PhoneForm, place: int) -> None:
    phone = "+86" + national
    mask = mask_of(phone, form)
    assert check_mask(mask, form) == mask
    assert mask.count("*") == 4
    assert mask_fits(mask, phone)
    other = phone[: 3 + place] + str((int(phone[3 + place]) + 1) % 10) + phone[4 + place :]
    assert mask_fits(mask, other) == (mask[place] == "*")


@given(st.text(max_size=40), st.sampled_from(PhoneForm))
def test_any_text_is_a_mask_or_is_refused_with_its_code(text: str, form: PhoneForm) -> None:
    code = _code_of(lambda: check_mask(text, form))
    assert code in {None, "report.mask"}
    if code is None:
        assert check_mask(check_mask(text, form), form) == check_mask(text, form)


@given(st.text(max_size=40))
def test_any_text_is_an_alias_or_is_refused_with_its_code(text: str) -> None:
    code = _code_of(lambda: check_alias(text))
    assert code in {None, "report.alias"}
    if code is None:
        assert check_alias(check_alias(text)) == check_alias(text)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("王先生", "王女士", True),
        ("王先生", "汪先生", False),
        ("Wang Wei", "WANG mother", True),
        ("Wang Wei", "Wong Wei", False),
        ("王", "王", True),
    ],
)
def test_a_family_name_is_the_first_character_or_the_first_word(one: str, other: str, *, alike: bool) -> None:
    assert (family_of(one) == family_of(other)) == alike


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        (ReplyDraft(ReplyKind.ACCEPT), None),
        (ReplyDraft(ReplyKind.ACCEPT, Ground.DUPLICATE), "report.ground"),
        (ReplyDraft(ReplyKind.ACCEPT, cites=3), "report.cite"),
        (ReplyDraft(ReplyKind.REFUSE), "report.ground"),
        (ReplyDraft(ReplyKind.REFUSE, Ground.DUPLICATE), "report.cite"),
        (ReplyDraft(ReplyKind.REFUSE, Ground.DUPLICATE, 9), None),
        (ReplyDraft(ReplyKind.REFUSE, Ground.DUPLICATE, 10), "report.cite"),
        (ReplyDraft(ReplyKind.REFUSE, Ground.DUPLICATE, 11), "report.cite"),
        (ReplyDraft(ReplyKind.REFUSE, Ground.DUPLICATE, -1), "report.cite"),
        (ReplyDraft(ReplyKind.REFUSE, Ground.UNUSABLE), None),
        (ReplyDraft(ReplyKind.REFUSE, Ground.UNUSABLE, 3), "report.cite"),
    ],
)
def test_a_duplicate_is_refused_by_an_older_entry_alone(draft: ReplyDraft, code: str | None) -> None:
    assert _code_of(lambda: check_reply(draft, 10)) == code


def _code_of(function: Callable[[], object]) -> str | None:
    try:
        function()
    except InputError as refused:
        return refused.code
    return None


@given(st.tuples(spans, spans), st.lists(st.tuples(spans, spans), max_size=4))
def test_contracts_overlap_where_they_share_an_instant(one: tuple[timedelta, timedelta], others: list[tuple[timedelta, timedelta]]) -> None:
    start, until = sorted(one)
    spans_of_others = [(NOON + min(pair), NOON + max(pair)) for pair in others]
    shared = any(max(start, min(pair)) <= min(until, max(pair)) for pair in others)
    assert overlap(NOON + start, NOON + until, spans_of_others) == shared
