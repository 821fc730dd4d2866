"""``consentry serve``: run a site, its cameras, records, pages, until it is told to stop."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import click

from consentry.cli.config_option import config_option
from consentry.cli.serve_plan import ServePlan
from consentry.platform.backup.unfinished import refuse_unfinished
from consentry.platform.errors import SettingsError
from consentry.platform.keys import SiteKeys
from consentry.platform.logs import write_logs
from consentry.platform.processes.accounts import accounts
from consentry.platform.processes.control import only_server
from consentry.platform.processes.ownership import prepare
from consentry.platform.processes.supervisor import Supervisor
from consentry.platform.settings.model import TlsMode
from consentry.platform.settings.store import SettingsStore

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.platform.settings.model import Settings

__all__ = ["serve"]


@click.command("serve")
@config_option
@click.option("--port", type=click.IntRange(0, 65535), help="Another port than that of the settings; 0 takes any free one.")
def serve(config: Path, port: int | None) -> int:
    """Run a site until it is told to stop: its cameras, its records, its pages.

    Prints one line with the address when the pages are served, and on a terminal the one-time link of the first administrator as long as there
    is none; logs go to stderr, one JSON object a line. SIGHUP reads the settings anew.
    Started as root it gives each process a user of its own.
    """
    write_logs()
    store = SettingsStore(config)
    places, settings = store.places, store.current
    for key in (places.main_key, places.vault_key):
        SiteKeys.open(key, data_folder=places.data)
    refuse_unfinished(places.data)
    owners = accounts(one_user=settings.processes.one_user)
    with _bound(settings, port) as listener:
        plan = ServePlan(store, listener.fileno(), owners)
        prepare(store.path, places, owners, plan.read_by_cameras(), plan.weights())
        with only_server(places.data):
            return Supervisor(plan.read, lambda: _announce(store, listener)).run()


def _bound(settings: Settings, port: int | None) -> socket.socket:
    """Return the listening socket; a port below 1024 is bound here, before the web process gives up root."""
    address = (settings.web.host, settings.web.port if port is None else port)
    family = socket.AF_INET6 if ":" in settings.web.host else socket.AF_INET
    try:
        return socket.create_server(address, family=family)
    except OSError as error:
        problem = f"the port cannot be opened ({os.strerror(error.errno) if error.errno else error})"
        raise SettingsError("web.port", f"{address[0]}:{address[1]}", problem, "Stop what uses it, or choose another port.") from None


def _announce(store: SettingsStore, listener: socket.socket) -> None:
    """Say where the pages are, and to whoever sits at the terminal how the first administrator signs in. That is a secret: no log may hold it."""
    web = store.current.web
    scheme = "http" if web.tls.mode is TlsMode.OFF else "https"
    host = web.names[0] if web.names and scheme == "https" else web.host
    shown = f"[{host}]" if ":" in host else host
    address = f"{scheme}://{shown}:{listener.getsockname()[1]}"
    sys.stdout.write(f"Consentry serves {address}\n")
    sys.stdout.flush()
    if sys.stdout.isatty():
        # Another process, because this one has no database. Security keys work under a name, not under a bare address.
        address = address.replace("//127.0.0.1", "//localhost")
        subprocess.run([sys.executable, "-m", "consentry.cli.main", "staff", "first", "--address", address, "--config", str(store.path)], check=False)  # noqa: S603 - this very program
