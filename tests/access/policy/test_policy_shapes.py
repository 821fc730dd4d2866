"""What the route that previews a draft answers of doors."""

from __future__ import annotations

from datetime import timedelta

from consentry.access.api.policy_shapes import PolicyPreviewOut
from consentry.access.model import AntiPassback, PassbackMode, Span
from consentry.access.register import PolicyPreview
from consentry.access.rules.compare import DoorChange, DoorTerms, Stretch


def test_a_door_that_deals_otherwise_with_everybody_is_told_whole() -> None:
    timed = PassbackMode(AntiPassback.TIMED, timedelta(minutes=10))
    change = DoorChange("front", DoorTerms(two_people_s=20.0), DoorTerms(("staff",), passback=timed), (Stretch(0, Span(480, 1080)),))
    shown = PolicyPreviewOut.of(PolicyPreview(1, "0" * 64, [], [change])).model_dump(mode="json")["doors"]
    assert shown == [
        {
            "door": "front",
            "before": {"first_card_groups": [], "two_people_s": 20.0, "passback": "off", "passback_within_s": None},
            "after": {"first_card_groups": ["staff"], "two_people_s": 0.0, "passback": "timed", "passback_within_s": 600.0},
            "unlocked": [{"day": "monday", "start": 480, "end": 1080}],
            "locked": [],
        }
    ]
