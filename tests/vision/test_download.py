"""Fetching over HTTP from a server that drops, lies, hangs and refuses."""

from __future__ import annotations

import fcntl
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import pytest

from consentry.platform.errors import ModelError
from consentry.vision.download import Download, download

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.vision.manifest import WeightsFile


class Server(Protocol):
    content: bytes
    faults: list[str]
    tag: str
    ranges: list[str | None]
    url: str


@pytest.fixture
def job(file_server: Server, weights_file: WeightsFile, tmp_path: Path) -> Download:
    return Download(file_server.url, weights_file, tmp_path / "cache" / "thing.onnx", patience_s=0.3, tries=1)


def fetch(job: Download) -> list[int]:
    seen: list[int] = []
    download(job, seen.append)
    return seen


def refusal(job: Download) -> ModelError:
    with pytest.raises(ModelError) as refused:
        fetch(job)
    return refused.value


def left(job: Download) -> set[str]:
    return {place.name for place in job.target.parent.iterdir()}


def test_a_file_arrives_whole_and_leaves_nothing_beside_it(job: Download, weights: bytes) -> None:
    seen = fetch(job)
    assert job.target.read_bytes() == weights
    assert left(job) == {"thing.onnx"}
    assert seen == sorted(seen)
    assert seen[-1] == len(weights)


def test_a_dropped_transfer_goes_on_where_it_stopped(job: Download, file_server: Server, weights: bytes) -> None:
    file_server.faults = ["drop"]
    fetch(replace(job, tries=2))
    assert job.target.read_bytes() == weights
    assert file_server.ranges == [None, f"bytes={len(weights) // 2}-"]


def test_a_later_pull_goes_on_where_the_last_one_stopped(job: Download, file_server: Server, weights: bytes) -> None:
    file_server.faults = ["drop"]
    error = refusal(job)
    assert error.code == "model.pull"
    assert "consentry models import DIR" in str(error)
    assert "thing.onnx" not in left(job)
    fetch(job)
    assert job.target.read_bytes() == weights
    assert file_server.ranges[-1] == f"bytes={len(weights) // 2}-"


def test_a_server_that_ignores_the_range_sends_all_again(job: Download, file_server: Server, weights: bytes) -> None:
    file_server.faults = ["drop", "ignore-range"]
    fetch(replace(job, tries=2))
    assert job.target.read_bytes() == weights


def test_a_file_that_changed_on_the_server_is_not_patched_together(job: Download, file_server: Server, weights: bytes) -> None:
    file_server.faults = ["drop"]
    refusal(job)
    file_server.tag = '"two"'
    fetch(job)
    assert job.target.read_bytes() == weights


@pytest.mark.parametrize("tag", ["", 'W/"weak"'])
def test_without_a_strong_version_the_file_is_fetched_from_its_start(job: Download, file_server: Server, weights: bytes, tag: str) -> None:
    file_server.tag, file_server.faults = tag, ["drop"]
    fetch(replace(job, tries=2))
    assert file_server.ranges == [None, None]
    assert job.target.read_bytes() == weights


@pytest.mark.parametrize("fault", ["wrong-bytes", "longer"])
def test_wrong_bytes_are_refused_and_deleted(job: Download, file_server: Server, fault: str) -> None:
    file_server.faults = [fault]
    error = refusal(job)
    assert error.code == "model.mismatch"
    assert "consentry models import DIR" in str(error)
    assert left(job) == set()


def test_a_missing_file_is_asked_for_once(job: Download, file_server: Server) -> None:
    file_server.faults = ["404", "404"]
    assert "404" in str(refusal(replace(job, tries=3)))
    assert left(job) == set()
    assert len(file_server.ranges) == 1


def test_a_busy_server_is_asked_again(job: Download, file_server: Server, weights: bytes) -> None:
    file_server.faults = ["503"]
    fetch(replace(job, tries=2))
    assert job.target.read_bytes() == weights


def test_a_silent_server_is_given_up(job: Download, file_server: Server) -> None:
    file_server.faults = ["hang"]
    assert "timed out" in str(refusal(job))


def test_a_closed_port_is_one_clear_error(job: Download) -> None:
    assert refusal(replace(job, url="http://127.0.0.1:9/thing.onnx")).code == "model.pull"


def test_a_redirect_out_of_the_web_is_refused(job: Download, file_server: Server) -> None:
    file_server.faults = ["redirect"]
    assert refusal(job).code == "model.pull"


@pytest.mark.parametrize("url", ["http://example.org/a", "ftp://127.0.0.1/a", "file:///etc/passwd", "http://127.0.0.1.example.org/a", "thing.onnx"])
def test_only_https_leaves_this_machine(job: Download, url: str) -> None:
    assert refusal(replace(job, url=url)).code == "model.address"
    assert not job.target.parent.exists()


def test_two_pulls_never_write_into_one_file(job: Download) -> None:
    job.target.parent.mkdir(parents=True)
    with (job.target.parent / "thing.onnx.part").open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert refusal(job).code == "model.busy"


def test_a_proxy_of_the_environment_is_not_used_for_this_machine(job: Download, weights: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    fetch(job)
    assert job.target.read_bytes() == weights


def test_a_file_that_was_complete_when_the_last_pull_died_is_taken_as_it_is(job: Download, file_server: Server, weights: bytes) -> None:
    job.target.parent.mkdir(parents=True)
    (job.target.parent / "thing.onnx.part").write_bytes(weights)
    fetch(job)
    assert job.target.read_bytes() == weights
    assert file_server.ranges == []
