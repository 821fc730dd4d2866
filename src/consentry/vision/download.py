"""Fetches one file from an https address: goes on where an earlier try stopped, and accepts nothing but the expected bytes."""

from __future__ import annotations

import fcntl
import hashlib
import http.client
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from typing import IO, TYPE_CHECKING
from urllib.parse import urlsplit

from consentry.platform.errors import ModelError
from consentry.vision.store import publish

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from consentry.vision.manifest import WeightsFile

__all__ = ["Download", "download"]

CHUNK = 1 << 16
BY_HAND = "Fetch the file on another machine and run: consentry models import DIR"
GO_ON = f"Run the command again to go on where it stopped. {BY_HAND}"


@dataclass(frozen=True, slots=True)
class Download:
    """One file to fetch. ``patience_s``: longest silence of the server, seconds. ``tries``: how often a broken transfer is taken up again at once."""

    url: str
    weights: WeightsFile
    target: Path
    patience_s: float = 20.0
    tries: int = 3


def download(job: Download, progress: Callable[[int], None]) -> None:
    """Bring the file of ``job`` to its target; ``progress`` gets the number of bytes present.

    Raises:
        ModelError: ``model.address``, ``model.busy``, ``model.pull`` (what had arrived stays for the next try) or ``model.mismatch`` (deleted).
    """
    _check_address(job.url)
    job.target.parent.mkdir(parents=True, exist_ok=True)
    part = job.target.with_name(f"{job.target.name}.part")
    with _alone(part, job.url):
        _fetch(job, part, progress)
        _check(job, part)
        publish(part, job.target)
        _tag_of(part).unlink(missing_ok=True)


def _fetch(job: Download, part: Path, progress: Callable[[int], None]) -> None:
    reason = "the server closed the connection too early"
    for _ in range(job.tries):
        if part.stat().st_size >= job.weights.bytes:
            return
        try:
            _transfer(job, part, progress)
        except urllib.error.HTTPError as error:
            reason = f"the server answers {error.code} {error.reason}"
            if error.code < 500:  # noqa: PLR2004  - asking again does not change a 4xx answer
                break
        except (OSError, http.client.HTTPException) as error:
            reason = str(getattr(error, "reason", None) or error) or type(error).__name__
    if part.stat().st_size >= job.weights.bytes:
        return
    raise ModelError("model.pull", job.url, reason, GO_ON)


def _transfer(job: Download, part: Path, progress: Callable[[int], None]) -> None:
    with _opener(job.url).open(_request(job, part), timeout=job.patience_s) as answer:
        goes_on = answer.status == http.client.PARTIAL_CONTENT
        _tag_of(part).write_text(answer.headers.get("ETag") or "")
        with part.open("ab" if goes_on else "wb") as sink:
            _pour(answer, sink, job.weights.bytes, progress)


def _pour(answer: IO[bytes], sink: IO[bytes], limit: int, progress: Callable[[int], None]) -> None:
    """Write until the answer ends or is longer than the ``limit`` by any byte."""
    while sink.tell() <= limit and (chunk := answer.read(CHUNK)):
        sink.write(chunk)
        progress(sink.tell())


def _request(job: Download, part: Path) -> urllib.request.Request:
    """Ask for the rest only where the server named a version, and only of that version (RFC 9110, If-Range)."""
    request = urllib.request.Request(job.url, headers={"User-Agent": "consentry", "Accept-Encoding": "identity"})  # noqa: S310  - the scheme is checked first
    present = part.stat().st_size
    tag = _tag_of(part).read_text() if _tag_of(part).is_file() else ""
    if present and tag and not tag.startswith("W/"):
        request.add_header("Range", f"bytes={present}-")
        request.add_header("If-Range", tag)
    return request


def _check(job: Download, part: Path) -> None:
    with part.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if part.stat().st_size != job.weights.bytes or digest != job.weights.sha256:
        part.unlink()
        _tag_of(part).unlink(missing_ok=True)
        raise ModelError("model.mismatch", job.url, "what the server sent is not the file of the manifest (size or SHA-256), so it was deleted", BY_HAND)


@contextmanager
def _alone(part: Path, url: str) -> Iterator[None]:
    """Hold the part file for this process alone, so that two pulls never write into one file."""
    with part.open("ab") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ModelError("model.busy", url, "another process is fetching it now", "Wait until that has ended, then try again") from None
        try:
            yield
        finally:
            if part.is_file() and part.stat().st_size == 0:
                part.unlink()


def _tag_of(part: Path) -> Path:
    return part.with_name(f"{part.name}.etag")


def _check_address(url: str) -> None:
    where = urlsplit(url)
    if where.scheme != "https" and not (where.scheme == "http" and _is_loopback(where.hostname)):
        raise ModelError("model.address", url, "models are fetched by https only", "Use an https address")


def _is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def _opener(url: str) -> urllib.request.OpenerDirector:
    """Use the proxy of the environment, except towards this machine itself; a redirect cannot lead out of https, which alone has a handler."""
    opener = urllib.request.OpenerDirector()
    for handler in (urllib.request.HTTPSHandler, urllib.request.HTTPRedirectHandler, urllib.request.HTTPErrorProcessor, urllib.request.HTTPDefaultErrorHandler):
        opener.add_handler(handler())
    if _is_loopback(urlsplit(url).hostname):
        opener.add_handler(urllib.request.HTTPHandler())
    else:
        opener.add_handler(urllib.request.ProxyHandler())
    opener.add_handler(urllib.request.UnknownHandler())
    return opener
