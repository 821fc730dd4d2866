"""The reason of a verdict names what somebody would ask: which agency, when, how long, and what the rules ask for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import pytest

from consentry.attribution.rules import judge
from consentry.attribution.rules.speech import length_text
from tests.attribution.rules.stories import (
    A_VISIT,
    B_VISIT,
    REPORT_FIRST,
    WALK_IN,
    A,
    B,
    case,
    contract,
    edit,
    link,
    outage,
    refusal,
    report,
    statement,
    unbound,
    visit,
)

if TYPE_CHECKING:
    from consentry.attribution.model import Case

SAID: dict[str, tuple[Case, str, str]] = {
    "a channel's client": (case(A, A_VISIT), "本单归渠道A", "The client belongs to agency A"),
    "the first report": (case(A, A_VISIT, rules=REPORT_FIRST), "其报备最早", "its report came first"),
    "a shared client": (case(A, report("r2", "B", "1 08:00"), A_VISIT, visit("v2", "1 10:00", "r2")), "由渠道A、B共享", "shared by the agencies A and B"),
    "nobody's client": (case(WALK_IN), "本单为自然成交", "no agency held a live claim"),
    "nobody came": (case(A), "签约前没有买方或其近亲属的到访记录", "No visit of the buyers or their kin in scope is recorded"),
    "a walk-in": (case(WALK_IN), "2026年3月1日08:00的到访未由渠道带来", "The visit of 1 March 2026, 08:00 was without an agency"),
    "a second claim": (case(A, report("r2", "B", "1 08:00"), A_VISIT, visit("v2", "2 07:00", "r2")), "该主张有效，但不是最早", "live, and not the earliest"),
    "an ended claim": (case(A, A_VISIT, signed="31 10:00:01"), "距该到访30天1秒，已超过30天的保护期", "30 days 1 second after that visit and beyond"),
    "late": (case(A, visit("v1", "1 09:29:59", "r1")), "提前量为29分钟59秒，规则要求不少于30分钟", "a lead of 29 minutes 59 seconds"),
    "reported afterwards": (case(A, visit("v1", "1 08:00", "r1")), "提前量为负1小时", "a lead of minus 1 hour"),
    "expired": (case(A, visit("v1", "4 09:00", "r1")), "相隔3天，超过报备有效期2天", "3 days later, beyond the 2 days"),
    "a mask": (case(A, unbound(A_VISIT)), "未扫到访码，也未经到访人确认", "no visit code was scanned and the visitor confirmed nobody"),
    "no contract": (case(A, A_VISIT, contract("A", "2 00:00", "3 00:00")), "渠道A于2026年3月1日09:00报备时没有有效的合作合同", "Agency A had no contract"),
    "somebody else": (case(report("r1", "A", "1 09:00", "q"), A_VISIT), "报备的是另一位客户", "is about another client"),
    "refused": (case(A, A_VISIT, refusal("r1", "1 09:10")), "开发商在30分钟内拒绝了渠道A", "refused the report of agency A"),
    "protected": (case(A, A_VISIT, B, B_VISIT), "渠道B于2026年3月4日09:00报备时，客户正处于另一渠道的保护期内", "under the protection of another agency"),
    "washed": (case(WALK_IN, A, A_VISIT), "已于2026年3月1日08:00自然到访，渠道A于2026年3月1日09:00才报备", "had come on 1 March 2026, 08:00"),
    "an outage": (case(A, visit("v1", "1 09:20", "r1"), outage("1 08:00", "1 09:00")), "在一次停机结束后五分钟内收到", "within five minutes after an outage"),
    "a statement": (case(A, A_VISIT, statement("z", "2 00:00")), "此前还有一次未被记录的到访", "an earlier visit that nobody recorded"),
    "a contradiction": (case(link("id", "w", "z"), link("not_same", "w", "z")), "另有记录称其并非同一人", "another says that they are not"),
    "a desk cut off": (
        case(A, visit("v1", "1 09:40", "r1", claimed="1 09:20")),
        "按日志收到的时间应判为“归渠道A”，按终端自身时钟应判为“自然成交”",
        "the verdict would be “agency A”, by the desk's own clock “no agency”",
    ),
    "another number": (case(A, A_VISIT, link("id", "w", "z")), "使用了不同的电话号码", "different telephone numbers"),
    "an edit": (case(A, A_VISIT, edit("v1", "2 00:00")), "以首次记录为准", "its first value stands"),
    "a report that came after the signing": (case(report("r1", "A", "12 09:00"), A_VISIT), "日志仍未收到", "had not received by the signing"),
    "the zone": (case(A, A_VISIT), "时间均为UTC+08:00。", "Times are in UTC+08:00."),
}  # fmt: skip


@pytest.mark.parametrize("what", SAID)
def test_the_reason_says(what: str) -> None:
    judged, zh, en = SAID[what]
    reason = judge(judged).reason
    assert zh in reason.zh
    assert en in reason.en
    assert "{" not in reason.zh + reason.en


def test_agencies_are_named_by_their_names_and_times_in_the_zone_that_is_wished() -> None:
    reason = judge(replace(case(A, A_VISIT), names={"A": "安居客 {agency}"}, offset=UTC)).reason
    assert reason.zh.startswith("本单归渠道安居客 {agency}：")
    assert "Agency 安居客 {agency} reported the client on 1 March 2026, 01:00;" in reason.en
    assert reason.en.endswith("Times are in UTC.")


@pytest.mark.parametrize(
    ("length", "zh", "en"),
    [
        (timedelta(0), "0秒", "0 seconds"),
        (timedelta(days=1, hours=1, minutes=1, seconds=1), "1天1小时1分钟1秒", "1 day 1 hour 1 minute 1 second"),
        (timedelta(days=2, minutes=30), "2天30分钟", "2 days 30 minutes"),
        (timedelta(microseconds=500_000), "0.5秒", "0.5 seconds"),
        (-timedelta(minutes=90), "负1小时30分钟", "minus 1 hour 30 minutes"),
    ],
)
def test_a_length_is_said_in_both_languages(length: timedelta, zh: str, en: str) -> None:
    said = length_text(length)
    assert (said.zh, said.en) == (zh, en)
