"""``consentry recognition``: what an operator does for the recognition of those who agreed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from consentry.cli.config_option import config_option
from consentry.cli.operator import this_operator
from consentry.platform.durable import write_atomically
from consentry.platform.errors import InputError
from consentry.recognition.calibration import (
    KEY_PURPOSE,
    Signer,
    calibration_text,
    parse_calibration,
    signed,
)

if TYPE_CHECKING:
    from consentry.ledger.model import JSONValue
    from consentry.platform.settings.faces import Recognition
    from consentry.platform.site import Site
    from consentry.recognition.calibration import Calibration

__all__ = ["recognition"]

_DEFAULT_NAME = "calibration.json"
_FILE_MODE = 0o644
_PURPOSE = "recognition"

as_json = click.option("--json", "for_machines", is_flag=True, help="Print one JSON document instead of sentences.")


@click.group("recognition")
def recognition() -> None:
    """Sign the thresholds that the recognition of those who agreed works with."""


@recognition.command("calibrate")
@config_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@as_json
def calibrate(config: Path, file: Path, for_machines: bool) -> None:
    """Sign FILE, made by `consentry evaluate verification --calibration FILE`, for this site and put it where the settings point.

    Look at its figures first: the vault takes every threshold from it.
    """
    from consentry.platform.migrations.run import check_current
    from consentry.platform.opening import open_site

    calibration = parse_calibration(_text(file))
    with open_site(config) as site:
        check_current(site.database)
        settings = site.settings.recognition
        _check_fits(calibration, settings, file)
        target = site.store.places.file(settings.calibration or _DEFAULT_NAME)
        sha256 = _put(site, calibration, target)
    named = settings.calibration is not None
    if for_machines:
        document = {"calibration": str(target), "sha256": sha256, "named_in_settings": named, "door_access": _door(calibration)}
        click.echo(json.dumps(document, ensure_ascii=False))
        return
    click.echo(f"Signed for this site: {target}\nSHA-256: {sha256}\nDoors: {_door(calibration)}")
    click.echo("Restart the server." if named else f'Put calibration = "{_DEFAULT_NAME}" under [recognition] into the settings, then restart the server.')


def _put(site: Site, calibration: Calibration, target: Path) -> str:
    """Write the signed calibration and tell the ledger; both, or neither. Return its SHA-256 (hex)."""
    from consentry.ledger.model import Act
    from consentry.ledger.service import record

    epoch = site.keys.epoch
    content = calibration_text(signed(calibration, site.keys.signing_key(KEY_PURPOSE, epoch=epoch), epoch=epoch, by=Signer.SITE)).encode()
    sha256 = hashlib.sha256(content).hexdigest()
    details: dict[str, JSONValue] = {"sha256": sha256, "family": calibration.family, "detector": calibration.detector, "epoch": epoch}
    with site.database.transaction() as session:
        record(session, Act(this_operator().label, "calibration.signed", f"calibration:{sha256[:16]}", _PURPOSE, "", details), site.clock.now())
        _write(target, content)
    return sha256


def _check_fits(calibration: Calibration, settings: Recognition, file: Path) -> None:
    """Refuse thresholds of another chain than the settings name: they would mean nothing."""
    if calibration.family != settings.embedder:
        problem = f"it was measured with the embedder {calibration.family}, and the settings name {settings.embedder}"
        raise InputError("calibration.family", str(file), problem, "Measure with the embedder of the settings, or change it there.")
    if settings.detector not in {"auto", calibration.detector}:
        problem = f"it was measured with the detector {calibration.detector}, and the settings name {settings.detector}"
        raise InputError("calibration.detector", str(file), problem, "Measure with the detector of the settings, or change it there.")


def _door(calibration: Calibration) -> str:
    from consentry.consent.model import Purpose

    certification = calibration.certified_for(Purpose.DOOR_ACCESS)
    return "certified" if certification.granted else f"not certified: {'; '.join(certification.reasons)}"


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError("calibration.file", str(file), "it is not UTF-8 text", "Give the file that the evaluation wrote.") from error
    except OSError as error:
        raise InputError("input.file", str(file), error.strerror or "it cannot be read", "Give a file that exists.") from error


def _write(path: Path, content: bytes) -> None:
    try:
        write_atomically(path, content, mode=_FILE_MODE)
    except OSError as error:
        raise InputError("input.file", str(path), error.strerror or "it cannot be written", "Give a place that exists.") from error
