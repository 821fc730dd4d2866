"""``consentry evaluate verification`` and ``identification``, and ``consentry recognition calibrate``: documents, refusals, and the short truth."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from consentry.cli import evaluate_recognition as command
from consentry.cli.main import main
from consentry.ledger.service import browse
from consentry.platform.actors import operator
from consentry.platform.migrations.run import migrate
from consentry.platform.opening import open_site
from consentry.platform.settings.editing import with_value
from consentry.recognition.calibration import KEY_PURPOSE, calibration_text, parse_calibration, verify
from consentry.vision.faces import det_curve
from consentry.vision.faces.all_pairs import FacePrints
from consentry.vision.faces.chain import Looks
from tests.recognition.test_calibration import GOOD

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from consentry.vision.faces.pairs import Portrait

RATES = ("1e-3", "1e-4", "1e-5")
PEOPLE = 160


def made_up(_: Path, portraits: Sequence[Portrait], *__: object) -> FacePrints:
    """Stand for detector and embedder: a direction for each name, noise for each picture."""
    names = [portrait.name for portrait in portraits]
    subjects = np.unique(names, return_inverse=True)[1].astype(np.int64)
    chance = np.random.default_rng(2)
    vectors = chance.normal(size=(PEOPLE, 32))[subjects] + 0.6 * chance.normal(size=(len(names), 32))
    return FacePrints((vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), np.ones(len(names), np.bool_), subjects)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Return a folder of empty pictures and a list of pairs; what would look at the pictures is stood for."""
    monkeypatch.setattr(command, "face_prints", made_up)
    monkeypatch.setattr(command, "open_looks", lambda name, **_: Looks(name, ()))
    monkeypatch.setattr(command, "open_embedder", lambda *_, **__: None)
    monkeypatch.setenv("COLUMNS", "200")
    images, pairs = tmp_path / "research" / "images", tmp_path / "research" / "pairs.txt"
    names = [f"P{number:03d}" for number in range(PEOPLE)]
    for name in names:
        (images / name).mkdir(parents=True)
        for number in (1, 2):
            (images / name / f"{name}_{number:04d}.jpg").touch()
    rows = [f"{name}\t1\t2" for name in names] + [f"{one}\t1\t{two}\t2" for one, two in zip(names, names[1:] + names[:1], strict=True)]
    pairs.write_text(f"1\t{PEOPLE}\n" + "\n".join(rows), encoding="utf-8")
    return images, pairs


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    assert main([*map(str, arguments), "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.count("\n") == 1
    found: dict[str, Any] = json.loads(out)
    return found


def refusal(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert main(list(map(str, arguments))) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    return str(err).rstrip().rsplit(" ", 1)[1]


def test_the_document_has_every_promised_field_and_says_what_the_data_cannot_tell(data: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    found = run(capsys, "evaluate", "verification", "--images", data[0], "--pairs", data[1])
    assert {"pairs", "failed_to_acquire", "accuracy", "auc", "fnmr_at_fmr", "thresholds", "intervals"} <= set(found)
    assert (found["pairs"], found["failed_to_acquire"], found["impostor_pairs"]) == (2 * PEOPLE, 0, PEOPLE * (PEOPLE - 1) * 2)
    assert 0.9 < found["accuracy"] <= 1
    assert set(found["fnmr_at_fmr"]) == set(found["thresholds"]) == set(RATES)
    assert found["fnmr_at_fmr"]["1e-5"] is None
    assert set(found["refused"]) == {"1e-5"}
    low, high = found["intervals"]["fnmr_at_fmr"]["1e-3"]
    assert low <= found["fnmr_at_fmr"]["1e-3"] <= high


def test_the_table_says_the_same_in_words(data: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "verification", "--images", str(data[0]), "--pairs", str(data[1])]) == 0
    out = capsys.readouterr().out
    assert "Accuracy of 320 pairs" in out
    assert "No figure at 1e-5" in out


def test_identification_gives_a_row_for_each_gallery_size_and_rate(data: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    found = run(capsys, "evaluate", "identification", "--images", data[0], "--pairs", data[1])
    assert [(row["gallery"], row["fpir"]) for row in found["points"]] == [(size, fpir) for size in (10, 20, 50) for fpir in (0.1, 0.01)]
    assert main(["evaluate", "identification", "--images", str(data[0]), "--pairs", str(data[1])]) == 0
    out = capsys.readouterr().out
    assert "FNIR" in out
    assert "No figure at an FPIR of 0.01: " in out


def test_a_calibration_holds_only_rates_with_30_false_matches_and_is_not_signed(
    data: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "calibration.json"
    run(capsys, "evaluate", "verification", "--images", data[0], "--pairs", data[1], "--embedder", "mobilefacenet", "--calibration", out)
    calibration = parse_calibration(out.read_text())
    assert calibration.signature is None
    assert calibration.family == "mobilefacenet"
    assert [point.fmr for point in calibration.points] == [0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001]
    assert calibration.fnmr_at_fmr["1e-4"] is None


def test_the_curve_is_a_picture(data: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ("evaluate", "verification", "--images", data[0], "--pairs", data[1], "--det", tmp_path / "det.png")
    run(capsys, *arguments)
    assert (tmp_path / "det.png").read_bytes().startswith(b"\x89PNG")

    def absent(name: str) -> None:
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(det_curve, "import_module", absent)
    assert refusal(capsys, *arguments) == "[part.matplotlib]"


@pytest.mark.parametrize("mark", ["site.toml", "data/main.db", "images/P000/vault.db", "keys/vault.key"])
def test_a_folder_that_holds_or_lies_in_a_site_is_refused(data: tuple[Path, Path], mark: str, capsys: pytest.CaptureFixture[str]) -> None:
    images, pairs = data
    inside = "images" in mark
    place = images.parent / mark if inside or mark == "site.toml" else images / mark
    place.parent.mkdir(parents=True, exist_ok=True)
    place.touch()
    for name in ("verification", "identification"):
        assert refusal(capsys, "evaluate", name, "--images", images, "--pairs", pairs) == "[evaluate.site-data]"


def test_links_into_a_site_and_the_site_of_this_process_are_refused(
    data: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    images, pairs = data
    site = tmp_path / "shop"
    site.mkdir()
    (site / "site.toml").touch()
    (site / "picture.jpg").touch()
    picture = images / "P001" / "P001_0001.jpg"
    picture.unlink()
    picture.symlink_to(site / "picture.jpg")
    assert refusal(capsys, "evaluate", "verification", "--images", images, "--pairs", pairs) == "[evaluate.site-data]"
    picture.unlink()
    picture.touch()
    monkeypatch.setenv("CONSENTRY_CONFIG", str(images.parent / "other-name.toml"))
    assert refusal(capsys, "evaluate", "verification", "--images", images, "--pairs", pairs) == "[evaluate.site-data]"


def test_what_cannot_be_measured_is_one_line(data: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    images, pairs = data
    assert refusal(capsys, "evaluate", "verification", "--images", images, "--pairs", tmp_path / "none") == "[dataset.missing]"
    assert refusal(capsys, "evaluate", "verification", "--images", tmp_path, "--pairs", pairs) == "[dataset.picture]"
    missing = tmp_path / "nowhere" / "out.json"
    assert refusal(capsys, "evaluate", "verification", "--images", images, "--pairs", pairs, "--calibration", missing) == "[input.file]"


def test_the_command_loads_neither_keys_nor_records() -> None:
    apart = ("consentry.platform.keys", "consentry.platform.database", "consentry.ledger", "sqlalchemy")
    code = f"import sys, consentry.cli.evaluate; print([name for name in sys.modules if name.startswith({apart})])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.fixture
def config(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["init", str(tmp_path / "site"), "--yes"]) == 0
    path = tmp_path / "site" / "site.toml"
    with open_site(path) as site:
        migrate(site.database)
    capsys.readouterr()
    return path


def configured(config: Path, **values: str) -> None:
    text = config.read_text(encoding="utf-8")
    for name, value in values.items():
        text = with_value(text, f"recognition.{name}", value)
    config.write_text(text, encoding="utf-8")


def test_calibrate_signs_for_the_site_puts_it_where_the_settings_point_and_tells_the_ledger(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configured(config, embedder="mobilefacenet", calibration="thresholds.json")
    (tmp_path / "measured.json").write_text(calibration_text(GOOD), encoding="utf-8")
    found = run(capsys, "recognition", "calibrate", tmp_path / "measured.json", "--config", config)
    placed = config.parent / "thresholds.json"
    assert found["calibration"] == str(placed)
    assert found["named_in_settings"] is True
    assert found["door_access"] == "certified"
    with open_site(config) as site:
        public = {site.keys.epoch: site.keys.signing_key(KEY_PURPOSE).public_key().public_bytes_raw()}
        verify(parse_calibration(placed.read_text()), public)
        (listed, *_) = browse(site, operator("test")).entries
        assert listed.entry is not None
        assert listed.entry.act.action == "calibration.signed"
        assert listed.entry.act.details["sha256"] == found["sha256"]


def test_calibrate_says_what_the_settings_lack_and_refuses_another_chain(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    measured = tmp_path / "measured.json"
    measured.write_text(calibration_text(GOOD), encoding="utf-8")
    assert refusal(capsys, "recognition", "calibrate", measured, "--config", config) == "[calibration.family]"
    configured(config, embedder="mobilefacenet", detector="centerface")
    assert refusal(capsys, "recognition", "calibrate", measured, "--config", config) == "[calibration.detector]"
    configured(config, detector="auto")
    assert main(["recognition", "calibrate", str(measured), "--config", str(config)]) == 0
    assert 'calibration = "calibration.json" under [recognition]' in capsys.readouterr().out
    assert (config.parent / "calibration.json").exists()
    measured.write_text("{}", encoding="utf-8")
    assert refusal(capsys, "recognition", "calibrate", measured, "--config", config) == "[calibration.file]"
    assert refusal(capsys, "recognition", "calibrate", tmp_path / "none.json", "--config", config) == "[input.file]"


@pytest.mark.slow
def test_real_faces_are_told_apart_by_the_embedded_chain(
    shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred pairs of Labeled Faces in the Wild, end to end; the whole list is measured by ``bench``."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    lines = (shared / "data" / "faces" / "pairs.txt").read_text(encoding="utf-8").splitlines()[1:]
    (tmp_path / "pairs.txt").write_text("\n".join(["1\t50", *lines[:50], *lines[300:350]]), encoding="utf-8")
    found = run(
        capsys, "evaluate", "verification", "--images", shared / "data" / "faces" / "lfw", "--pairs", tmp_path / "pairs.txt", "--detector", "centerface"
    )
    assert found["failed_to_acquire"] == 0
    assert found["accuracy"] >= 0.97
    assert found["auc"] >= 0.99
