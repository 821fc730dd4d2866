"""Where nothing was counted, no page shows a zero or a green word, and every empty place leads on."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from nicegui import Client, ui

from consentry.cameras import page as cameras
from consentry.console.figures import known
from consentry.console.speech import speech
from consentry.platform.actors import Permission
from consentry.statistics import page as footfall
from consentry.statistics.model import Figure

if TYPE_CHECKING:
    from collections.abc import Callable

    from consentry.console.screen import Screen

EMPTY, SOME = Figure(0, 0, 0), Figure(3, 2, 4)


@pytest.mark.parametrize(
    ("figure", "coverage", "shown"),
    [(EMPTY, 0.0, None), (EMPTY, 0.0004, None), (EMPTY, 0.0006, EMPTY), (EMPTY, 1.0, EMPTY), (SOME, 0.0, SOME), (None, 1.0, None)],
)
def test_a_zero_of_a_time_that_nobody_watched_is_no_figure(figure: Figure | None, coverage: float, shown: Figure | None) -> None:
    assert known(figure, coverage) == shown


def screen(*permissions: Permission, cameras: tuple[object, ...] = ()) -> Screen:
    said = speech("en", "UTC")
    parts: dict[str, Any] = {
        "say": said.say,
        "speech": said,
        "may": permissions.__contains__,
        "site": SimpleNamespace(settings=SimpleNamespace(cameras=cameras)),
    }
    return cast("Screen", SimpleNamespace(**parts))


def drawn(draw: Callable[[], None]) -> str:
    """Return what a part of a page shows, links with their targets."""
    with Client(ui.page("")) as client:
        draw()
        shown = [(element.props.get("href"), getattr(element, "_text", None)) for element in client.elements.values()]
    return " ".join(str(part) for pair in shown for part in pair if part)


def test_without_a_camera_the_footfall_leads_to_the_settings_and_to_no_line() -> None:
    shown = drawn(lambda: footfall.no_line(screen(Permission.EDIT_CAMERAS, Permission.EDIT_SETTINGS)))
    assert "/settings?part=file" in shown
    assert "Draw a line" not in shown


def test_with_a_camera_the_footfall_leads_to_drawing_a_line() -> None:
    assert "Draw a line" in drawn(lambda: footfall.no_line(screen(Permission.EDIT_CAMERAS, cameras=(object(),))))


@pytest.mark.parametrize(("counted", "title"), [(False, "Nothing counted yet"), (True, "No gap")])
def test_a_camera_that_never_counted_has_no_gapless_record(counted: bool, title: str) -> None:
    assert title in drawn(lambda: cameras.gaps_card(screen(), [], counted=counted))
