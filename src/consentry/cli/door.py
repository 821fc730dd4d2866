"""``consentry door``: the controller of doors, on the device beside them."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import click

from consentry.platform.errors import InputError, RecordsError

__all__ = ["door"]

_AUTHORITY_HELP = "Certificates (PEM) to check the server by, such as that of its own authority."


@click.group("door", invoke_without_command=True)
@click.option("--policy", type=click.Path(path_type=Path), help="A snapshot as the server wrote it; the newer of this and the kept one is in force.")
@click.option("--data", type=click.Path(path_type=Path), help="The controller's own folder, which `consentry door pair` made.")
@click.option("--server", help="Address of the server, https://; without it the controller works alone.")
@click.option("--authority", type=click.Path(path_type=Path), help=_AUTHORITY_HELP)
@click.option("--hardware", type=click.Path(path_type=Path), help="What stands at the doors (door.toml); without it nothing but the page.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where the page listens; beyond this machine only over TLS.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port of the page; without it there is none, and 0 takes any free one.")
@click.option("--certificate", type=click.Path(path_type=Path), help="Certificate chain (PEM) of the page.")
@click.option("--key", type=click.Path(path_type=Path), help="Key (PEM) of that certificate.")
@click.option("--name", "names", multiple=True, metavar="HOST", help="A name by which the page is called from other machines; may be given again.")
@click.option("--tablet", "tablets", multiple=True, metavar="DOOR", help="A door whose page reads as a software reader; may be given again.")
@click.pass_context
def door(
    context: click.Context,
    *,
    policy: Path | None,
    data: Path | None,
    server: str | None,
    authority: Path | None,
    hardware: Path | None,
    host: str,
    port: int | None,
    certificate: Path | None,
    key: Path | None,
    names: tuple[str, ...],
    tablets: tuple[str, ...],
) -> None:
    """Decide at doors, online or cut off, from a snapshot that the server signed.

    Runs until it is told to stop (SIGTERM); SIGHUP reads the file of --policy anew. Logs go to stderr, one JSON object a line.
    """
    if context.invoked_subcommand is not None:
        return
    from consentry.access.controller.running import DoorPlan, run_doors
    from consentry.platform.clock import SystemClock
    from consentry.platform.logs import write_logs

    if data is None:
        raise click.UsageError("Missing option '--data'.", context)
    if (certificate is None) != (key is None):
        raise click.UsageError("--certificate and --key go together.", context)
    write_logs()
    files = None if certificate is None or key is None else (certificate, key)
    listener = None if port is None else _bound(host, port, tls=files is not None)
    run_doors(DoorPlan(data, policy, server, authority, hardware, listener, files, frozenset(tablets), names), SystemClock())


@door.command("pair")
@click.option("--data", required=True, type=click.Path(path_type=Path), help="The controller's own folder; it is made, for nobody else to read.")
@click.option("--code", help="The code that the console shows for this controller.")
@click.option("--server", help="Address of the server, https://.")
@click.option("--authority", type=click.Path(path_type=Path), help=_AUTHORITY_HELP)
@click.option("--request", type=click.Path(path_type=Path), help="Without a network: write to this file what the server must be given.")
@click.option("--answer", type=click.Path(path_type=Path), help="Without a network: the file with the server's answer to that.")
def pair(*, data: Path, code: str | None, server: str | None, authority: Path | None, request: Path | None, answer: Path | None) -> None:
    """Make this device a controller: with --server and --code; without a network first with --code and --request, then with --answer."""
    from consentry.access.controller.pairing import begin_pairing, complete_pairing, pairing_request, waiting_keys

    match (code, server, request, answer):
        case (str(), str(), None, None):
            keys = begin_pairing(data)
            answered = _asked(server, authority, pairing_request(keys, code))
        case (str(), None, Path(), None):
            _write(request, pairing_request(begin_pairing(data), code))
            click.echo(f"Give the server {request}, and its answer to: consentry door pair --data {data} --answer FILE")
            return
        case (None, None, None, Path()):
            keys, answered = waiting_keys(data), _read(answer)
        case _:
            raise click.UsageError("Give --server and --code, or --code and --request, or --answer.")
    identity = complete_pairing(data, keys, answered)
    click.echo(f"This is now controller {identity.controller} of {identity.site}.")


def _asked(server: str, authority: Path | None, request: dict[str, str]) -> object:
    import httpx

    from consentry.access.controller.link import open_client

    with open_client(server, authority) as client:
        try:
            answer = client.post("/api/v1/public/controllers/pair", json=request)
        except httpx.HTTPError as error:
            raise RecordsError("door.server", server, f"it cannot be reached: {error}", "Check the address, the network and the certificate.") from error
        if answer.is_client_error:
            raise InputError("door.pairing-code", server, f"it refused the code ({answer.status_code})", "Let the console show a new code.")
        if not answer.is_success:
            raise RecordsError("door.server", server, f"it answered {answer.status_code}", "See the server's log.")
        return _parsed(answer.content, server)


def _write(file: Path, request: dict[str, str]) -> None:
    try:
        file.write_text(json.dumps(request, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError("door.pairing-request", str(file), f"it cannot be written: {error.strerror}", "Name a file in a folder that is there.") from error


def _read(file: Path) -> object:
    try:
        return _parsed(file.read_bytes(), str(file))
    except OSError as error:
        raise InputError("door.pairing-answer", str(file), f"it cannot be read: {error.strerror}", "Give the server's answer as it was.") from error


def _parsed(content: bytes, origin: str) -> object:
    try:
        document: object = json.loads(content)
    except ValueError:
        raise InputError("door.pairing-answer", origin, "it is no JSON", "Give the server's answer as it was.") from None
    return document


def _bound(host: str, port: int, *, tls: bool) -> socket.socket:
    from consentry.platform.http.protection import is_loopback

    if not tls and not is_loopback(host):
        raise InputError("door.plain-http", host, "plain HTTP could be read by others in the network", "Give --certificate and --key, or 127.0.0.1.")
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        problem = f"the port cannot be opened ({error.strerror or error})"
        raise InputError("door.port", f"{host}:{port}", problem, "Stop what uses it, or choose another port.") from None
