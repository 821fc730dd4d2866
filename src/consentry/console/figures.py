"""How figures are written: a number with its band, what stands where there is no number, and where the band comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from consentry.statistics.model import BandSource, IntervalState

if TYPE_CHECKING:
    from consentry.console.screen import Screen
    from consentry.statistics.model import Band, Bar, Figure

__all__ = ["absence", "band_of", "band_source", "known", "with_band"]

LEAST_WATCHED: Final = 0.0005
"""A smaller share is written as 0 %."""


def band_of(screen: Screen, figure: Figure) -> str:
    """Write the band in which the true number lies."""
    return screen.say("{low} to {high}", low=screen.speech.number(figure.low), high=screen.speech.number(figure.high))


def with_band(screen: Screen, figure: Figure) -> str:
    """Write a number and its band in one line."""
    return f"{screen.speech.number(figure.value)} ({band_of(screen, figure)})"


def band_source(screen: Screen, band: Band) -> str:
    """Say how large the error is, and how that is known."""
    low, high = screen.speech.percent(band.low / 100), screen.speech.percent(band.high / 100)
    if band.source is BandSource.MEASURED:
        return screen.say("Error measured at this site: {low} to {high}, 95 % interval.", low=low, high=high)
    return screen.say("Error from the detector's benchmark, not yet measured here: {low} to {high}, 95 % interval.", low=low, high=high)


def known(figure: Figure | None, coverage: float) -> Figure | None:
    """Return a figure, None where it is a zero of a time of which 0 % was watched: nobody knows then that nobody came."""
    return None if figure is not None and figure.value == 0 and coverage < LEAST_WATCHED else figure


def absence(screen: Screen, bar: Bar) -> str:
    """Say why an interval has no number."""
    if bar.suppressed:
        return screen.say("Withheld: too few people")
    return screen.say("Closed") if bar.state is IntervalState.CLOSED else screen.say("Not counted")
