"""What is done on one page is handled in the order in which it was done, however long each takes."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from consentry.console.dispatch import starter
from consentry.console.every_page import MODULES
from consentry.console.pages import PAGES, PageEvent, at
from consentry.console.screen import Screen
from consentry.console.speech import speech
from consentry.platform.http.access import PUBLIC

if TYPE_CHECKING:
    from nicegui import Client as Browser
    from nicegui.events import GenericEventArguments

    from consentry.console.answers import Answers
    from consentry.console.handover import Handover
    from consentry.platform.site import Site

assert MODULES, "every page is declared"


def screen() -> Screen:
    return Screen(cast("Site", None), PAGES[at("/sign-in")], None, speech("en", "UTC"), {}, cast("Browser", None), cast("Handover", None))


def sent(place: str) -> GenericEventArguments:
    return cast("GenericEventArguments", SimpleNamespace(args={"place": [place]}))


async def handled(open_screens: dict[str, Screen], sequence: list[tuple[str, str]]) -> list[str]:
    """Start events in ``sequence``, of which each needs fewer turns of the loop than the one before; return their places as they ended."""
    ended: list[str] = []
    turns = iter(range(10 * len(sequence), 0, -10))

    async def handle(_: Screen, answers: Answers) -> None:
        for _turn in range(next(turns)):
            await asyncio.sleep(0)
        ended.append(answers.one("place"))

    event = PageEvent("test.move", PUBLIC, handle)
    await asyncio.gather(*(starter(open_screens[name], event)(sent(place)) for name, place in sequence))
    return ended


def test_a_later_event_of_a_page_does_not_overtake_an_earlier_one() -> None:
    assert asyncio.run(handled({"one": screen()}, [("one", place) for place in "abc"])) == ["a", "b", "c"]


def test_pages_do_not_wait_for_one_another() -> None:
    ended = asyncio.run(handled({"one": screen(), "other": screen()}, [("one", "a"), ("other", "b"), ("one", "c")]))
    assert ended.index("b") < ended.index("a") < ended.index("c")
