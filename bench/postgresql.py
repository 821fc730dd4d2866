"""A real PostgreSQL server for measuring and testing: Debian's, started under an account that is not root, on a Unix socket alone.

It does not flush to disk. What is read is measured alike; what survives a power cut is proven elsewhere.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import create_engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError

from consentry.platform.errors import MissingPartError, RecordsError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["programs", "server"]

OWNER = "consentry"
PATIENCE = 60.0
OPTIONS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "shared_buffers": "256MB", "max_connections": "200", "listen_addresses": ""}


def programs() -> Path | None:
    """Return the folder of the newest PostgreSQL server of this machine, or None where there is none."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    on_path = shutil.which("initdb")
    return folders[-1] if folders else Path(on_path).parent if on_path else None


@contextmanager
def server() -> Iterator[URL]:
    """Run a server and give the address of an account on it that may create databases.

    Raises:
        MissingPartError: PostgreSQL is not installed.
        RecordsError: it did not start.
    """
    folder = programs()
    if folder is None:
        raise MissingPartError("bench.no-postgresql", "PostgreSQL", "it is not installed", "Run make system.")
    with tempfile.TemporaryDirectory(prefix="consentry-pg-", ignore_cleanup_errors=True) as name:
        home = Path(name)
        _hand_over(home)
        initdb = [str(folder / "initdb"), "--pgdata", str(home / "data"), "--username", OWNER, "--auth", "trust", "--no-sync", "--encoding", "UTF8"]
        subprocess.run([*_account(), *initdb, "--locale", "C"], check=True, capture_output=True)
        with _running(folder / "postgres", home) as address:
            yield address


@contextmanager
def _running(program: Path, home: Path) -> Iterator[URL]:
    options = [part for name, value in {**OPTIONS, "unix_socket_directories": str(home)}.items() for part in ("-c", f"{name}={value}")]
    # Told to stop with its parent, so that whoever is killed leaves no server behind.
    command = [*_account("--pdeathsig", "QUIT"), str(program), "-D", str(home / "data"), *options]
    with (home / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            address = URL.create("postgresql+psycopg", username=OWNER, database="postgres", query={"host": str(home)})
            _wait_for(address, process, home / "log")
            yield address
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE)


def _hand_over(home: Path) -> None:
    """Let the server's account own its folder, and others (a process that a test starts under another account) reach the socket in it."""
    home.chmod(0o755)
    if os.geteuid() == 0:
        shutil.chown(home, "postgres", "postgres")


def _account(*options: str) -> list[str]:
    as_postgres = ["--reuid", "postgres", "--regid", "postgres", "--clear-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *as_postgres, *options, "--"]


def _wait_for(address: URL, process: subprocess.Popen[bytes], log: Path) -> None:
    engine = create_engine(address)
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            engine.connect().close()
            break
        except OperationalError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RecordsError("bench.postgresql", "PostgreSQL", "it did not start", log.read_text(errors="replace")) from error
            time.sleep(0.05)
    engine.dispose()
