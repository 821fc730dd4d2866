"""``consentry init``: found a site by answering a few questions."""

from __future__ import annotations

import json
import re
import socket
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

import click

from consentry.platform.clock import SystemClock
from consentry.platform.errors import InputError
from consentry.platform.settings.founding import found_site

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from consentry.platform.settings.founding import FoundedSite

__all__ = ["Questions", "init"]

_LOCAL_TIME = Path("/etc/localtime")
_PORT = 8000
_LAN_PORT = 8443
_SLUG_LENGTH = 40


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--yes", is_flag=True, help="Take the default of every question that no option answers.")
@click.option("--name", help="What people call the site.")
@click.option("--site-id", help="Its name in keys and the ledger: lower-case letters, digits, hyphens. It never changes.")
@click.option("--controller", help="Who answers for the processing: the legal name.")
@click.option("--contact", help="How people reach the controller.")
@click.option("--zone", help="The time zone, an IANA name.")
@click.option("--lan/--no-lan", default=None, help="Whether other devices open the pages. It takes TLS, with an authority of the site's own.")
@click.option("--lan-name", "lan_names", multiple=True, help="A name or address by which other devices reach this machine.")
@click.option("--port", type=click.IntRange(1, 65535), help="The port of the pages.")
@click.option("--one-user", is_flag=True, help="Run all parts of the server as one user, where others cannot reach this installation. Weaker.")
@click.option("--json", "for_machines", is_flag=True, help="Print one JSON document instead of sentences; takes --yes.")
def init(
    *,
    folder: Path,
    yes: bool,
    name: str | None,
    site_id: str | None,
    controller: str | None,
    contact: str | None,
    zone: str | None,
    lan: bool | None,
    lan_names: tuple[str, ...],
    port: int | None,
    one_user: bool,
    for_machines: bool,
) -> None:
    """Found a site in FOLDER: a commented site.toml, with keys and data folders beside it.

    Nothing that exists is overwritten. When it was interrupted, run it again.
    """
    questions = Questions(quiet=yes or for_machines)
    called = questions.text("What is the site called?", name, folder.resolve().name or "site")
    answers: dict[str, object] = {
        "site.name": {"zh": called, "en": called},
        "site.id": questions.text("A short name for keys and the ledger, which never changes", site_id, _slug(called)),
        "site.controller": questions.text("Who answers for the processing (the legal name)?", controller, called),
        "site.contact": questions.text("How do people reach them?", contact, "at the counter"),
        "site.zone": questions.text("In which time zone is it?", zone, _local_zone()),
        "data.folder": "data",
        "keys.folder": "keys",
        "processes.one_user": one_user,
    }
    founded = found_site(folder, answers | _transport(questions, lan, lan_names, port), SystemClock().now())
    if for_machines:
        click.echo(
            json.dumps({"config": str(founded.file), "data": str(founded.places.data), "keys": str(founded.places.keys), "authority": founded.fingerprint})
        )
    else:
        _tell(founded)


@dataclass(frozen=True, slots=True)
class Questions:
    """Asks what no option answers, or takes the defaults where it is quiet."""

    quiet: bool

    def text(self, question: str, given: str | None, default: str) -> str:
        """Return the answer to a question."""
        if given is not None or self.quiet:
            return default if given is None else given
        with _answered(question):
            return str(click.prompt(question, default=default))

    def agreed(self, question: str) -> bool:
        """Return the answer to a question of yes or no; no where nobody is asked."""
        if self.quiet:
            return False
        with _answered(question):
            return click.confirm(question)


@contextmanager
def _answered(question: str) -> Iterator[None]:
    """Name the question that standard input ended at; an interrupt at a terminal stays one."""
    try:
        yield
    except click.Abort:
        if sys.stdin.isatty():
            raise
        raise InputError("init.no-answer", question, "there was no answer", "Give it as an option, or take the defaults with --yes.") from None


def _transport(questions: Questions, lan: bool | None, names: Sequence[str], port: int | None) -> dict[str, object]:
    """Return the settings of the web process: plain HTTP for this machine alone, or TLS for the LAN."""
    if lan is None:
        lan = bool(names) or questions.agreed("Will phones or other computers open its pages?")
    if not lan:
        return {"web.host": "127.0.0.1", "web.port": port or _PORT, "web.tls.mode": "off"}
    called = list(names) or [questions.text("By which name do they reach this machine?", None, f"{_slug(socket.gethostname())}.local")]
    # 0.0.0.0: every network of this machine, which is what was asked for.
    return {"web.host": "0.0.0.0", "web.port": port or _LAN_PORT, "web.names": called, "web.tls.mode": "local-authority"}  # noqa: S104


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:_SLUG_LENGTH].strip("-") or "site"


def _local_zone() -> str:
    """Return the time zone of this machine, or that of most sites."""
    path = str(_LOCAL_TIME.resolve())
    zone = path.partition("/zoneinfo/")[2]
    return zone if zone in available_timezones() else "Asia/Shanghai"


def _tell(founded: FoundedSite) -> None:
    file = founded.file
    click.echo(f"The site is founded. Its settings: {file}")
    click.echo(f"Its keys: {founded.places.keys}. Copy them to a safe place apart from the data: nothing else restores them.")
    if founded.fingerprint:
        click.echo(f"Devices install its authority from the page /install-ca and compare this fingerprint:\n  {founded.fingerprint}")
    click.echo(f"Next: put cameras into the settings, run `consentry config check --config {file}`, then `consentry serve --config {file}`.")
