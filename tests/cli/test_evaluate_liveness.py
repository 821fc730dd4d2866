"""``consentry evaluate liveness``: error rates against hand counts, and clips that are told apart."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from consentry.cli import evaluate_liveness as command
from consentry.cli.main import main
from consentry.vision.faces.challenge import Prompt
from consentry.vision.faces.evaluate_liveness import LIVE, Presentation, scored
from consentry.vision.faces.liveness import PassiveNetwork
from consentry.vision.runtime import FakeNetwork
from tests.vision.faces.scenes import flat, head, portrait

if TYPE_CHECKING:
    from pathlib import Path


ANSWERS = {"+": True, "-": False, "?": None}


def shown(kind: str, answers: str) -> list[Presentation]:
    """Return presentations that passed (+), did not pass (-), or gave no answer (?)."""
    return [Presentation(kind, ANSWERS[answer], frozenset()) for answer in answers]


def test_rates_are_those_of_the_standard_with_the_worst_kind_named() -> None:
    scores = scored([*shown(LIVE, "++-?"), *shown("print", "--?"), *shown("replay", "+---")])
    assert (scores.bpcer.trials, scores.bpcer.errors, scores.bpcer.no_response) == (4, 2, 1)
    assert (scores.apcer["print"].trials, scores.apcer["print"].rate, scores.apcer["print"].no_response) == (2, 0.0, 1)
    assert scores.worst == scores.apcer["replay"].rate == pytest.approx(0.25)


def test_intervals_hold_the_rate_and_follow_the_rule_of_3_where_nothing_failed() -> None:
    none = scored(shown("print", "-" * 300)).apcer["print"]
    assert none.interval is not None
    assert (none.interval.low, none.interval.high) == (0.0, pytest.approx(0.01))
    some = scored(shown("print", "+" * 10 + "-" * 90)).apcer["print"]
    assert some.interval is not None
    # Clopper and Pearson for 10 of 100, from published tables.
    assert (some.interval.low, some.interval.high) == (pytest.approx(0.0490, abs=1e-4), pytest.approx(0.1762, abs=1e-4))
    assert scored([]).bpcer.rate is None


def test_prompts_that_clips_meet_are_counted_by_kind() -> None:
    met = scored([Presentation("replay", None, frozenset({Prompt.BLINK})), Presentation("replay", None, frozenset(Prompt))]).met
    assert met["replay"] == {Prompt.BLINK: 2, Prompt.TURN_LEFT: 1, Prompt.TURN_RIGHT: 1}


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    for name, pictures in {
        "real": [head(portrait("astronaut"), yaw) for yaw in (0, 0, 0, 0, 6, 12, 18, 24, 30, 32, 32)],
        "fake": [flat(portrait("officer"), yaw) for yaw in (0, 0, 0, 0, 6, 12, 18, 24, 30, 32, 32)],
    }.items():
        film = cv2.VideoWriter(str(tmp_path / f"{name}.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 10, (640, 480))
        for picture in pictures:
            film.write(picture)
        film.release()
    return tmp_path


@pytest.mark.slow
def test_clips_are_watched_and_reported(clips: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    live = PassiveNetwork(FakeNetwork(lambda _: (np.asarray([[1.0, 0.0]], np.float32),)), 128)
    monkeypatch.setattr(command, "open_passive_network", lambda **_: live)
    assert main(["evaluate", "liveness", str(clips), "--live", "real*", "--attack", "print=fake*", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["apcer"]["print"]["rate"] == document["apcer_max"] == 1.0
    assert document["bpcer"]["errors"] == 0
    assert document["prompts_met"] == {"live": {"turn-left": 1}, "print": {}}


@pytest.mark.parametrize(
    ("options", "code"),
    [(["--attack", "print=none*"], "dataset.empty"), (["--attack", "print=/etc/*"], "dataset.empty"), (["--attack", "print"], "--attack")],
)
def test_what_cannot_be_measured_is_refused_in_words(clips: Path, options: list[str], code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "liveness", str(clips), "--live", "real*", *options]) == 2
    assert code in capsys.readouterr().err


def test_without_the_weights_nothing_is_measured(clips: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(clips / "cache"))
    monkeypatch.delenv("CONSENTRY_MODELS", raising=False)
    assert main(["evaluate", "liveness", str(clips), "--live", "real*", "--attack", "print=fake*"]) == 2
    assert "model.missing" in capsys.readouterr().err


def test_a_sites_own_clips_are_refused(clips: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (clips / "site.toml").write_text("")
    assert main(["evaluate", "liveness", str(clips), "--live", "real*", "--attack", "print=fake*"]) == 2
    assert "evaluate.site-data" in capsys.readouterr().err
