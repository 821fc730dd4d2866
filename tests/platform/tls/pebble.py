"""A real ACME authority on this machine: Debian's ``pebble``, started on free ports with a certificate of its own."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from consentry.platform.tls.authority import create_authority, issue
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Pebble:
    """Where the authority's directory is, the roots to check it against, and the port that its challenges come to."""

    directory: str
    roots: Path
    challenge_port: int


@contextmanager
def pebble(folder: Path) -> Iterator[Pebble]:
    """Start the authority; it resolves every name to this machine and validates for real."""
    folder.mkdir()
    api, management, dns, web = free_port(), free_port(), free_port(), free_port()
    authority = create_authority(folder, "Pebble", ["localhost"], datetime.now(UTC))
    server = issue(authority, ["localhost"], datetime.now(UTC))
    key, _, chain = server.partition(b"-----BEGIN CERTIFICATE-----")
    (folder / "key.pem").write_bytes(key)
    (folder / "cert.pem").write_bytes(b"-----BEGIN CERTIFICATE-----" + chain)
    roots = folder / "roots.pem"
    roots.write_bytes((b"-----BEGIN CERTIFICATE-----" + chain).split(b"\n\n")[-1])
    options = {
        "listenAddress": f"127.0.0.1:{api}",
        "managementListenAddress": f"127.0.0.1:{management}",
        "certificate": str(folder / "cert.pem"),
        "privateKey": str(folder / "key.pem"),
        "httpPort": web,
        "tlsPort": free_port(),
        "ocspResponderURL": "",
        "externalAccountBindingRequired": False,
    }
    (folder / "config.json").write_text(json.dumps({"pebble": options}))
    names = ["pebble-challtestsrv", "-dns01", f"127.0.0.1:{dns}", "-management", f"127.0.0.1:{free_port()}", "-defaultIPv4", "127.0.0.1"]
    names += ["-defaultIPv6", "", "-http01", "", "-https01", "", "-tlsalpn01", ""]
    serving = ["pebble", "-config", str(folder / "config.json"), "-dnsserver", f"127.0.0.1:{dns}", "-strict"]
    with _running(names, folder, {}), _running(serving, folder, {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0"}):
        _wait_for(api)
        yield Pebble(f"https://localhost:{api}/dir", roots, web)


@contextmanager
def _running(command: list[str], folder: Path, environment: dict[str, str]) -> Iterator[None]:
    log = folder / f"{Path(command[0]).name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env={"PATH": "/usr/bin:/bin", **environment})
        try:
            yield
        finally:
            process.terminate()
            process.wait(60)


def _wait_for(port: int) -> None:
    for _ in range(1200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    message = f"nothing listens on port {port}"
    raise TimeoutError(message)
