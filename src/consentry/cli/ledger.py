"""``consentry ledger``: audit the log, hand out proofs of it, verify proofs of any log, be a witness."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from consentry.cli.checkpoint_file import read_checkpoint_file
from consentry.cli.config_option import config_option
from consentry.cli.operator import this_operator
from consentry.platform.errors import InputError, ProofError

if TYPE_CHECKING:
    from consentry.ledger.model import AuditReport, VerifierKey
    from consentry.ledger.offline import Trust, Verdict

__all__ = ["ledger"]

existing = click.Path(path_type=Path)
as_json = click.option("--json", "for_machines", is_flag=True, help="Print one JSON document.")
out = click.option("--out", type=existing, help="Write the file here instead of stdout.")
pins = click.option("--key", "pinned", multiple=True, required=True, metavar="KEY", help="A log key to rely on, from a place the site does not control.")


@click.group("ledger")
def ledger() -> None:
    """Audit the log, hand out proofs of it, verify proofs offline, be a witness."""


@ledger.command()
@click.argument("files", nargs=-1, required=True, type=existing)
@pins
@click.option("--witness", "witnesses", multiple=True, metavar="KEY", help="A witness's key to rely on.")
@click.option("--quorum", type=click.IntRange(0), default=0, help="How many of the witnesses must have co-signed.")
@as_json
def verify(files: tuple[Path, ...], pinned: tuple[str, ...], witnesses: tuple[str, ...], quorum: int, for_machines: bool) -> None:
    """Verify receipts, bundles, codes and checkpoints in FILES, offline; exit code 1 where one does not hold."""
    from consentry.ledger.offline import Trust

    trust = Trust(_keys(pinned), _keys(witnesses), quorum)
    results = _verified(files, trust)
    if for_machines:
        _print_json({"files": results})
    else:
        for result in results:
            click.echo(_line(result))
            for event in result.get("unproven", ()):
                click.echo(f"UNPROVEN  {result['file']}: event {event}: its entry was erased from the log, so that nothing here shows what it said")
    if any(not result["holds"] for result in results):
        raise click.exceptions.Exit(1)


@ledger.command("verify-timestamp")
@click.argument("file", type=existing)
@click.argument("token", type=existing)
@pins
@click.option("--certificates", required=True, type=existing, help="The root certificates (PEM) of the time-stamping authority.")
def verify_timestamp(file: Path, token: Path, pinned: tuple[str, ...], certificates: Path) -> None:
    """Print when an authority saw the checkpoint of FILE (a receipt, bundle or checkpoint), as TOKEN proves."""
    from consentry.ledger.offline import Trust, verify_file
    from consentry.ledger.rules.notes import checkpoint_text
    from consentry.ledger.timestamps import verify_stamp

    verdict = verify_file(_read(file), Trust(_keys(pinned)))
    click.echo(verify_stamp(checkpoint_text(verdict.checkpoint), _read(token), _read(certificates)).isoformat())


@ledger.command()
@config_option
@click.option(
    "--checkpoint",
    "kept",
    multiple=True,
    type=existing,
    help="A signed checkpoint that was kept elsewhere, or a receipt or bundle that holds one; may be given several times.",
)
@as_json
def audit(config: Path, kept: tuple[Path, ...], for_machines: bool) -> None:
    """Recompute the whole log and name the first index that cannot be trusted; exit code 1 where there is one."""
    from consentry.ledger import service
    from consentry.platform.opening import open_site

    with open_site(config) as site:
        report = service.audit(site, this_operator(), [read_checkpoint_file(path) for path in kept])
    if for_machines:
        _print_json(_report(report))
    else:
        _print_report(report)
    if not report.clean:
        raise click.exceptions.Exit(1)


@ledger.command()
@config_option
@as_json
def key(config: Path, for_machines: bool) -> None:
    """Print the log's public key, for others to pin."""
    from consentry.ledger import service
    from consentry.ledger.rules.notes import verifier_key_text
    from consentry.platform.opening import open_site

    with open_site(config) as site:
        text = verifier_key_text(service.log_key(site))
    if for_machines:
        _print_json({"key": text})
    else:
        click.echo(text)


@ledger.command()
@config_option
@click.option("--since", type=click.IntRange(0), default=0, help="Prove that the log continues its checkpoint of this size.")
@out
def checkpoint(config: Path, since: int, out: Path | None) -> None:
    """Sign the log as it stands and write what a witness or auditor needs to follow it."""
    from consentry.ledger import service
    from consentry.platform.opening import open_site

    with open_site(config) as site:
        service.checkpoint(site)
        _write(service.consistency(site, this_operator(), since).data, out)


@ledger.command()
@config_option
@click.argument("indexes", nargs=-1, required=True, type=click.IntRange(0))
@click.option("--qr", type=existing, help="Write the receipt as a QR code (SVG) here too.")
@out
def receipt(config: Path, indexes: tuple[int, ...], qr: Path | None, out: Path | None) -> None:
    """Write the receipt of the entry INDEX, or one bundle for several."""
    from consentry.ledger import service
    from consentry.ledger.pictures import qr_svg
    from consentry.platform.opening import open_site

    with open_site(config) as site:
        sealed = service.receipts(site, this_operator(), indexes)
    if qr:
        _write(qr_svg(sealed), qr)
    _write(sealed.data, out)


@ledger.command()
@config_option
@click.argument("note", type=existing)
@click.option("--witness", "witnesses", multiple=True, required=True, metavar="KEY", help="The key of a witness whose co-signature to keep.")
def accept(config: Path, note: Path, witnesses: tuple[str, ...]) -> None:
    """Keep the co-signatures of witnesses on the checkpoint in NOTE, so that later receipts carry them."""
    from consentry.ledger import service
    from consentry.platform.opening import open_site

    with open_site(config) as site:
        accepted = service.accept_cosignatures(site, this_operator(), read_checkpoint_file(note), _keys(witnesses))
    click.echo(f"{accepted} new")


@ledger.command()
@config_option
@click.option("--authority", required=True, metavar="URL", help="The address of the time-stamping authority.")
@click.option("--certificates", required=True, type=existing, help="Its root certificates (PEM).")
@click.option("--out", required=True, type=existing, help="Write the token here.")
def timestamp(config: Path, authority: str, certificates: Path, out: Path) -> None:
    """Have an outside authority stamp a new checkpoint with its time (RFC 3161); print the checkpoint's text."""
    from consentry.ledger.timestamps import stamp
    from consentry.platform.opening import open_site

    with open_site(config) as site:
        text, token = stamp(site, this_operator(), authority, _read(certificates))
    _write(token, out)
    click.echo(text, nl=False)


@ledger.command()
@config_option
@click.option("--last", type=existing, help="The newest checkpoint that is known outside.")
@click.option("--reason", required=True, help="Why: what was restored, and what happened.")
def reopen(config: Path, last: Path | None, reason: str) -> None:
    """Go on with the log of a restored backup under a new origin, and say what was lost."""
    from consentry.ledger import service
    from consentry.ledger.rules.notes import note_text
    from consentry.platform.opening import open_site

    with open_site(config) as site:
        click.echo(note_text(service.reopen(site, read_checkpoint_file(last) if last else None, reason)), nl=False)


@ledger.group()
def witness() -> None:
    """Co-sign the checkpoints of somebody else's log, and refuse forks."""


@witness.command("init")
@click.argument("folder", type=existing)
@click.option("--name", required=True, help="The witness's public name, such as auditor.example/shop.")
def witness_init(folder: Path, name: str) -> None:
    """Make a witness in FOLDER and print its public key."""
    from consentry.ledger.rules.notes import verifier_key_text
    from consentry.ledger.witness import Witness

    click.echo(verifier_key_text(Witness.create(folder, name).verifier_key))


@witness.command("show")
@click.argument("folder", type=existing)
def witness_show(folder: Path) -> None:
    """Print the witness's public key and how far it followed each log, as JSON."""
    from consentry.ledger.rules.notes import verifier_key_text
    from consentry.ledger.witness import Witness

    opened = Witness.open(folder)
    _print_json({"key": verifier_key_text(opened.verifier_key), "logs": opened.newest()})


@witness.command("sign")
@click.argument("folder", type=existing)
@click.argument("bundle", type=existing)
@pins
@out
def witness_sign(folder: Path, bundle: Path, pinned: tuple[str, ...], out: Path | None) -> None:
    """Co-sign the checkpoint of BUNDLE (from `consentry ledger checkpoint --since N`), unless it contradicts what was co-signed before."""
    from consentry.ledger.rules.notes import note_text
    from consentry.ledger.witness import Witness
    from consentry.platform.clock import SystemClock

    note = Witness.open(folder).cosign(_read(bundle), _keys(pinned), SystemClock().now())
    _write(note_text(note).encode(), out)


def _keys(texts: tuple[str, ...]) -> tuple[VerifierKey, ...]:
    from consentry.ledger.rules.notes import read_verifier_key

    return tuple(map(read_verifier_key, texts))


def _verified(files: tuple[Path, ...], trust: Trust) -> list[dict[str, Any]]:
    """Return a result a file. A file that contradicts those before it is refused, though it is sound by itself."""
    from consentry.ledger.offline import check_agreement, verify_file

    seen: list[Any] = []
    results = []
    for path in files:
        try:
            verdict = verify_file(data := _read(path), trust)
            unproven = _check_case(verdict, data, path.name)
            check_agreement([*seen, verdict.checkpoint, *verdict.earlier])
            seen += [verdict.checkpoint, *verdict.earlier]
            results.append({"file": str(path), "holds": True, **_claims(verdict), "unproven": [*unproven]})
        except ProofError as error:
            results.append({"file": str(path), "holds": False, "code": error.code, "problem": str(error)})
    return results


def _check_case(verdict: Verdict, data: bytes, name: str) -> tuple[str, ...]:
    """Pass what is no verdict on a sale, and a verdict whose case is what the log received; return the events whose entries were erased since."""
    from consentry.attribution.dossiers import check_bundle

    is_verdict = verdict.document is not None and "proposal" in verdict.document
    return check_bundle(data, name) if is_verdict else ()


def _claims(verdict: Verdict) -> dict[str, Any]:
    from consentry.ledger.rules.entries import entry_document
    from consentry.ledger.rules.notes import checkpoint_text

    return {
        "origin": verdict.checkpoint.origin,
        "size": verdict.checkpoint.size,
        "checkpoint": checkpoint_text(verdict.checkpoint),
        "entries": [entry_document(entry) for entry in verdict.entries],
        "continues": [earlier.size for earlier in verdict.earlier],
        "witnesses": list(verdict.witnesses),
    }


def _line(result: dict[str, Any]) -> str:
    if not result["holds"]:
        return f"REFUSED   {result['file']}: {result['problem']}"
    proven = ", ".join(str(entry["index"]) for entry in result["entries"]) or "none"
    return f"verified  {result['file']}: {result['origin']}, {result['size']} entries; proven: {proven}; witnesses: {len(result['witnesses'])}"


def _report(report: AuditReport) -> dict[str, Any]:
    findings = [{"first": one.first, "last": one.last, "code": one.code, "problem": one.problem} for one in report.findings]
    counts = {"size": report.size, "checkpoints": report.checkpoints, "erased": report.erased}
    return {"clean": report.clean, "first_bad": report.first_bad, **counts, "findings": findings}


def _print_report(report: AuditReport) -> None:
    click.echo(f"Entries: {report.size}, of these erased: {report.erased}. Checkpoints: {report.checkpoints}.")
    for finding in report.findings:
        click.echo(f"WRONG  {finding.problem} [{finding.code}]")
    click.echo("Nothing was altered." if report.clean else f"The first index that cannot be trusted: {report.first_bad}")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError("input.file", str(path), error.strerror or "it cannot be read", "Give a file that exists.") from error


def _write(data: bytes, path: Path | None) -> None:
    if path is None:
        sys.stdout.buffer.write(data)
        return
    try:
        path.write_bytes(data)
    except OSError as error:
        raise InputError("input.file", str(path), error.strerror or "it cannot be written", "Give a place that exists.") from error


def _print_json(document: dict[str, Any]) -> None:
    json.dump(document, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")
