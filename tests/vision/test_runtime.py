"""Running networks: same answers from both runtimes, chosen precision and threads, nothing sent anywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import matplotlib as mpl
import numpy as np
import pytest

from consentry.platform.errors import MissingPartError, ModelError
from consentry.vision.boxes import suppressed
from consentry.vision.manifest import Precision, entry
from consentry.vision.openvino_cpu import SHAPES_KEPT, load_openvino
from consentry.vision.persons.rtmdet import decode
from consentry.vision.runtime import FakeNetwork, Network, Runtime, open_network

YOLOX = entry("yolox")
PICTURE = np.random.default_rng(5).integers(0, 256, (416, 416, 3)).astype(np.uint8)

WATCHED = """
import sys
sys.addaudithook(lambda event, details: print("network:", event, details) if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto") else None)
from consentry.vision.openvino_cpu import load_openvino
load_openvino().Core()
assert sys.modules["openvino_telemetry"] is None
"""


@pytest.fixture
def yolox_file(shared: Path) -> Path:
    return shared / "models" / "yolox_nano_416.onnx"


def test_both_runtimes_agree(yolox_file: Path) -> None:
    pytest.importorskip("onnxruntime", reason="the extra onnxruntime is not installed")
    one = open_network(YOLOX, yolox_file, precision=Precision.F32).infer(PICTURE)
    other = open_network(YOLOX, yolox_file, runtime=Runtime.ONNXRUNTIME).infer(PICTURE)
    assert one[0].shape == other[0].shape == (1, 3549, 85)
    assert one[0] == pytest.approx(other[0], abs=1e-2)


def test_normalising_in_the_graph_equals_normalising_by_hand(shared: Path) -> None:
    model = entry("rtmdet")
    picture = PICTURE[:96, :128]
    raw = load_openvino().Core().compile_model(str(shared / "models" / "rtmdet_nano.onnx"), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    assert model.layout is not None
    layout = replace(model.layout, outputs=())
    model = replace(model, layout=layout)
    by_hand = ((picture - np.asarray(layout.mean)) / layout.scale).transpose(2, 0, 1)[None].astype(np.float32)
    rows, labels = open_network(model, shared / "models" / "rtmdet_nano.onnx", precision=Precision.F32).infer(picture)
    expected = raw(by_hand)
    assert rows == pytest.approx(expected[0], abs=1e-2)
    assert np.array_equal(labels, expected[1])


def test_reading_before_the_suppression_of_the_graph_finds_the_same_people(shared: Path) -> None:
    path, model = shared / "models" / "rtmdet_nano.onnx", entry("rtmdet")
    assert model.layout is not None
    whole = replace(model, layout=replace(model.layout, outputs=()))
    photograph = cv2.imread(str(Path(mpl.get_data_path()) / "sample_data" / "grace_hopper.jpg"))
    assert photograph is not None
    picture = np.asarray(cv2.resize(photograph, (512, 608)), np.uint8)
    before, after = (suppressed(decode(open_network(m, path, precision=Precision.F32).infer(picture), 0.3), 0.6) for m in (model, whole))
    assert len(before) >= 1
    assert before.boxes == pytest.approx(after.boxes, abs=0.1)
    assert before.scores == pytest.approx(after.scores, abs=1e-3)


def test_pictures_of_many_sizes_are_answered_and_few_compilations_kept(shared: Path) -> None:
    network = open_network(entry("rtmdet"), shared / "models" / "rtmdet_nano.onnx")
    for width in range(64, 64 + 32 * (SHAPES_KEPT + 1), 32):
        rows, labels = network.infer(np.zeros((64, width, 3), np.uint8))
        assert rows.shape[:2] == labels.shape[:2]
    assert len(network._requests) == SHAPES_KEPT  # type: ignore[attr-defined]  # noqa: SLF001 - the bound is the point


def test_the_description_says_precision_and_threads(yolox_file: Path) -> None:
    assert "f32, threads: 2" in open_network(YOLOX, yolox_file, threads=2, precision=Precision.F32).description
    assert "f32" in open_network(replace(YOLOX, bf16_holds=False), yolox_file).description


@pytest.mark.parametrize("runtime", list(Runtime))
def test_a_file_that_is_not_a_network_is_refused(runtime: Runtime, tmp_path: Path) -> None:
    if runtime is Runtime.ONNXRUNTIME:
        pytest.importorskip("onnxruntime", reason="the extra onnxruntime is not installed")
    (tmp_path / "bad.onnx").write_bytes(b"not a network")
    with pytest.raises(ModelError) as refused:
        open_network(YOLOX, tmp_path / "bad.onnx", runtime=runtime)
    assert refused.value.code == "model.network"


def test_a_model_without_a_network_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as refused:
        open_network(entry("hog"), tmp_path)
    assert refused.value.code == "model.network"


def test_an_absent_runtime_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingPartError, match="consentry\\[onnxruntime\\]"):
        open_network(YOLOX, tmp_path / "any.onnx", runtime=Runtime.ONNXRUNTIME)


def test_loading_the_runtime_reports_nothing_and_leaves_no_file(tmp_path: Path) -> None:
    environment = {**os.environ, "HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", WATCHED], env=environment, capture_output=True, text=True, check=False, timeout=180)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_fake_answers_and_remembers_sizes() -> None:
    fake: Network = FakeNetwork(lambda picture: (picture.sum(keepdims=True),))
    assert fake.infer(np.ones((2, 3, 3), np.uint8))[0].item() == 18
    assert isinstance(fake, FakeNetwork)
    assert fake.sizes == [(3, 2)]
