"""Lines, zones and regions as they are typed after ``consentry count``."""

from __future__ import annotations

import pytest

from consentry.cli.count import parse_line, parse_region, parse_zone
from consentry.counting.model import Line, Point, Region, Zone
from consentry.platform.errors import GeometryError


def test_what_a_chinese_keyboard_writes_is_read_as_well() -> None:
    assert parse_line("门口＝１００，０，100，２４０．５") == Line("门口", Point(100, 0), Point(100, 240.5))  # noqa: RUF001 - wide signs
    assert parse_zone("收银台=0，0；9，0；9，9；") == parse_zone("收银台=0,0;9,0;9,9")
    assert parse_region("0，0，9，9") == Region(0, 0, 9, 9)
    assert parse_line(" 东门，南侧 =1,2,3,4").id == "东门，南侧"


def test_lines_and_zones_are_read_in_pixels_with_fractions() -> None:
    assert parse_line("door= 1.5, 2,3e1 ,-0.5") == Line("door", Point(1.5, 2.0), Point(30.0, -0.5))
    corners = tuple(Point(x, y) for x, y in ((0.0, 0.0), (9.5, 0.0), (9.5, 9.0)))
    assert parse_zone("till=0,0;9.5,0;9.5,9;") == parse_zone("till=0,0;9.5,0;9.5,9") == Zone("till", corners)
    with pytest.raises(GeometryError, match="--line door=320,0,320,480"):
        parse_line("door")
