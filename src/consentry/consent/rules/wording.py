"""Words that no notice may hold: nothing may be promised, hurried or threatened to make somebody agree (R10; FRT-M 12; EDPB 05/2020, 46-48).

A list of words finds the usual ones and no paraphrase; whoever publishes answers for the rest. What is refused, refuses denials too ("no discount"):
a notice has no reason to mention them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["luring_words"]

_REWARDS = (
    "优惠|折扣|打折|特价|红包|礼品|礼物|赠品|赠送|奖励|奖品|抽奖|积分|返现|代金券|会员价|免费(?:停车|饮|礼|咖啡|体验|入场)",
    r"rewards?|prizes?|gifts?|discounts?|coupons?|vouchers?|bonus(?:es)?|cash ?back|special offers?|loyalty points|free (?:coffee|drinks?|parking|entry)",
)
_LANES = (
    "快速通道|绿色通道|优先通道|专用通道|免排队|不用排队|无需排队|插队|更快|更方便|优先办理",
    r"fast(?:er)? (?:lanes?|tracks?|entry)|express (?:lanes?|entry)|priority (?:lanes?|entry|service)|skip the (?:queue|line)|faster|quicker|no waiting",
)
_HURRY = (
    "错过|限时|最后机会|尽快同意|强烈建议|视为同意|默认同意",
    r"last chance|limited time|act now|hurry|miss out|strongly recommend(?:ed)?|deemed (?:to )?(?:have )?(?:agreed?|consent(?:ed)?)",
)
_THREATS = (
    "警告|后果自负|[您你]必须同意|必须同意才|只有同意才|(?:不同意|拒绝)[，,]?(?:[您你]?[就则将便会])?(?:不能|无法|不得|不予|失去)",
    (
        r"warnings?|or else|you must (?:agree|accept|consent)|unless you (?:agree|accept|consent)|you (?:will|would|may) (?:miss|lose)|"
        r"if you (?:refuse|decline|do not (?:agree|consent|accept))[^.]{0,40}(?:cannot|can not|will not|may not|denied|refused)"
    ),
)
_LISTS = (_REWARDS, _LANES, _HURRY, _THREATS)
_CHINESE = re.compile("|".join(chinese for chinese, _ in _LISTS))
_ENGLISH = re.compile(r"\b(?:" + "|".join(english for _, english in _LISTS) + r")\b", re.IGNORECASE)


def luring_words(texts: Mapping[str, str]) -> tuple[str, ...]:
    """Return ``field: word`` for each field whose text lures or presses, in either language whatever language the text says it is in."""
    found = ((name, pattern.search(text)) for name, text in texts.items() for pattern in (_CHINESE, _ENGLISH))
    return tuple(f"{name}: {match[0]}" for name, match in found if match)
