"""Notices lure nobody (R10): what is found, what is let through."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from consentry.consent.rules.wording import luring_words
from tests.consent.shop import CHINESE, ENGLISH


@pytest.mark.parametrize(
    "text",
    [
        "同意即可享受九折优惠",
        "送您 100 积分",
        "走快速通道进门",
        "同意后免排队",
        "不同意将无法进入",
        "拒绝则不能使用",
        "您必须同意",
        "后果自负",
        "限时登记",
        "免费停车两小时",
        "Get a 10 % discount",
        "A small GIFT awaits you",
        "Use the fast lane",
        "Skip the queue",
        "It is faster",
        "You will lose your place",
        "If you refuse, you cannot enter",
        "Unless you agree the door stays closed",
        "Warning: declining has consequences",
        "Last chance to enrol",
        "By entering you are deemed to have agreed",
    ],
)
def test_rewards_lanes_hurry_and_threats_are_found(text: str) -> None:
    assert luring_words({"en.purpose": text})


@pytest.mark.parametrize(
    "text",
    [
        "不同意不影响您使用任何服务",
        "如您拒绝，可到前台办理，服务相同",
        "未成年人须由监护人同意",
        "行使权利免费",
        "If you refuse, the desk serves you the same",
        "A guardian must consent for a child",
        "Answers cost nothing and are free of charge",
        "Breakfast, steadfast, and a gifted child",
        "The scoreboard shows rewarding games",
    ],
)
def test_plain_words_pass(text: str) -> None:
    assert luring_words({"en.purpose": text}) == ()


def test_a_whole_notice_in_either_language_passes() -> None:
    assert luring_words(asdict(CHINESE)) == luring_words(asdict(ENGLISH)) == ()


def test_the_field_and_the_word_are_named() -> None:
    assert luring_words({"en.impact": "no discount is tied to it", "en.rights": "none"}) == ("en.impact: discount",)
