"""Places in which no camera may hang at all, each with the rule that forbids it. They are words in data: no code is named after them."""

from __future__ import annotations

from difflib import get_close_matches

from consentry.platform.settings.values import refusal

__all__ = ["REFUSED_PLACES", "read_zone_type"]

_UNDRESSING = "Public Security Video Regulation art. 8, Civil Code art. 1033 (F15)"
_PRIVATE = "Face Recognition Measures art. 13, Public Security Video Regulation art. 8 (F15)"

REFUSED_PLACES = {
    "fitting-room": _UNDRESSING,
    "changing-room": _UNDRESSING,
    "locker-room": _UNDRESSING,
    "toilet": _UNDRESSING,
    "restroom": _UNDRESSING,
    "washroom": _UNDRESSING,
    "nursing-room": _UNDRESSING,
    "bathing": _PRIVATE,
    "bathroom": _PRIVATE,
    "public-bath": _PRIVATE,
    "shower": _PRIVATE,
    "sauna": _PRIVATE,
    "hotel-room": _PRIVATE,
    "guest-room": _PRIVATE,
    "dormitory": _PRIVATE,
    "private-dining-room": _UNDRESSING,
    "试衣间": _UNDRESSING,
    "更衣室": _UNDRESSING,
    "卫生间": _UNDRESSING,
    "厕所": _UNDRESSING,
    "哺乳室": _UNDRESSING,
    "母婴室": _UNDRESSING,
    "包间": _UNDRESSING,
    "浴室": _PRIVATE,
    "客房": _PRIVATE,
    "宿舍": _PRIVATE,
}
"""The places by the words that people write for them."""


def read_zone_type(value: object) -> object:
    """Refuse a place where nobody may be filmed, naming the rule; hand anything else on to the closed list."""
    if not isinstance(value, str):
        return value
    word = value.strip().lower().replace("_", "-").replace(" ", "-")
    singular = word.removesuffix("s")
    near = get_close_matches(singular, REFUSED_PLACES, n=1, cutoff=0.8)
    if near:
        mend = "Take the camera away. No setting allows it."
        raise refusal("settings.refused-place", f"no camera may look into a place of the kind {value!r}: {REFUSED_PLACES[near[0]]}", mend)
    return value
