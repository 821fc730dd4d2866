"""``python -m consentry.cli.web --config FILE``: the web process. ``consentry serve`` starts it and hands it its two sockets.

Started by hand it binds the address of the settings itself and has no cameras: those belong to the supervisor.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
import uvicorn

from consentry.cameras.link import connection_of
from consentry.cameras.service import note_settings, serve_link
from consentry.cli.web_app import build_app
from consentry.cli.web_jobs import site_jobs
from consentry.cli.web_measures import measure_site
from consentry.console.app import install as install_console
from consentry.ledger.service import latest_checkpoint
from consentry.platform.errors import ConsentryError, SettingsError
from consentry.platform.http.health import check_database, check_disk
from consentry.platform.http.protection import is_loopback
from consentry.platform.jobs import Jobs, measure_jobs
from consentry.platform.logs import write_logs
from consentry.platform.metrics import Metrics
from consentry.platform.migrations.run import prepare
from consentry.platform.opening import open_site
from consentry.platform.processes.link import LINK_VARIABLE, LISTENER_VARIABLE, WebLink, inherited_socket
from consentry.platform.tls.server import open_tls
from consentry.recognition.service import reconcile_tombstones

if TYPE_CHECKING:
    from fastapi import FastAPI

    from consentry.platform.http.health import Check
    from consentry.platform.site import Site
    from consentry.platform.tls.server import ServerTls

__all__ = ["main", "serve_web", "web"]

GRACE_S = 3
"""Seconds that open requests have to end after the process was told to stop; browsers' sockets would stay open for ever."""
VAULT_WAIT_S, VAULT_PAUSE_S = 10.0, 0.25
"""Seconds that a start waits for the vault, and between two tries."""
JOBS_GRACE_S = 3.0
"""Seconds that a running job then has; what it had not committed is rolled back."""

log = logging.getLogger(__name__)


class Server(uvicorn.Server):
    """A server that tells the supervisor when it takes requests."""

    def __init__(self, config: uvicorn.Config, link: WebLink | None) -> None:
        """Serve by ``config``; ``link`` is None without a supervisor."""
        super().__init__(config)
        self._link = link

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to take requests, and say so."""
        await super().startup(sockets)
        log.info("requests are served")
        if self._link is not None:
            await self._link.ready()


def serve_web(config: Path, listener: socket.socket | None, link: socket.socket | None) -> None:
    """Serve the site of ``config`` until the process is told to stop (SIGTERM or SIGINT), or the supervisor is gone.

    Args:
        config: The settings file.
        listener: A bound, listening socket, or None to bind the address of the settings.
        link: The socket to the supervisor, or None without one.

    Raises:
        ConsentryError: What keeps the site from being served.
    """
    with open_site(config) as site:
        _prepare_records(site)
        tls = open_tls(site.settings, site.store.places, site.clock.now())
        bound = listener or _bound(site)
        _refuse_plain(bound, tls)
        jobs = Jobs(site, site_jobs(tls, lambda: jobs.lags_s()))  # noqa: PLW0108 - the jobs do not exist before this line
        app = _application(site, jobs, supervised=link is not None)
        # What is loaded by now stays: the collector would otherwise look through all of it in the middle of a request.
        gc.freeze()
        jobs.start()
        try:
            asyncio.run(_serve(site, app, tls, bound, link))
        finally:
            if not jobs.stop(JOBS_GRACE_S):
                log.warning("a job did not end in time")


def _prepare_records(site: Site) -> None:
    """Give a new database its tables and tell the ledger of the settings in force; an older database waits for its operator."""
    prepare(site.database)
    note_settings(site)
    if site.settings.purposes:
        _reconcile_with_vault(site)


def _reconcile_with_vault(site: Site) -> None:
    """End what the vault has erased and the records do not know of, before anybody is served. Where it is slow to start, every ticket waits for that."""
    until = time.monotonic() + VAULT_WAIT_S
    while time.monotonic() < until:
        try:
            reconcile_tombstones(site)
        except ConsentryError as error:
            log.info("the vault is not ready yet: %s [%s]", error, error.code)
            time.sleep(VAULT_PAUSE_S)
        else:
            return
    log.warning("the vault does not answer; nobody is recognised until it does")


def _application(site: Site, jobs: Jobs, *, supervised: bool) -> FastAPI:
    metrics = Metrics()
    measure_jobs(metrics, jobs)
    measure_site(metrics, site)
    checks: dict[str, Check] = {"database": check_database, "disk": check_disk, "ledger": latest_checkpoint}
    if supervised:
        checks["supervisor"] = connection_of
    app = build_app(site, jobs, checks, metrics)
    install_console(app, site)
    return app


def _bound(site: Site) -> socket.socket:
    web = site.settings.web
    family = socket.AF_INET6 if ":" in web.host else socket.AF_INET
    try:
        return socket.create_server((web.host, web.port), family=family)
    except OSError as error:
        problem = f"the port cannot be opened: {error.strerror or error}"
        raise SettingsError("web.port", f"{web.host}:{web.port}", problem, "Stop what uses it, or choose another port in [web].") from error


def _refuse_plain(bound: socket.socket, tls: ServerTls | None) -> None:
    """Refuse plain HTTP that others could reach, whoever bound the socket."""
    host = str(bound.getsockname()[0])
    if tls is None and not is_loopback(host):
        mend = 'Choose a mode in [web.tls], such as "local-authority", or listen on 127.0.0.1.'
        raise SettingsError("settings.plain-http", host, "plain HTTP could be read by others in the network", mend)


async def _serve(site: Site, app: FastAPI, tls: ServerTls | None, bound: socket.socket, link_socket: socket.socket | None) -> None:
    link = None if link_socket is None else WebLink(link_socket)
    server = Server(_server_config(app, tls), link)
    serving = asyncio.create_task(server.serve([bound]))
    if link is None:
        await serving
        return
    linked = asyncio.create_task(serve_link(site, link))
    await asyncio.wait({serving, linked}, return_when=asyncio.FIRST_COMPLETED)
    if linked.done():
        log.warning("the supervisor is gone")
        server.should_exit = True
    await serving
    linked.cancel()
    await asyncio.wait({linked})
    if not linked.cancelled():
        linked.result()


def _server_config(app: FastAPI, tls: ServerTls | None) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="on",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
        ssl_context_factory=None if tls is None else lambda *_: tls.context,
    )


@click.command()
@click.option("--config", required=True, type=click.Path(path_type=Path), help="The settings file.")
def web(config: Path) -> None:
    """Serve a site's interface for programs, console and public pages."""
    serve_web(config, inherited_socket(LISTENER_VARIABLE), inherited_socket(LINK_VARIABLE))


def main() -> int:
    """Run the web process and return its exit code; what keeps it from running is a line of the log."""
    write_logs()
    for number in (signal.SIGTERM, signal.SIGINT):
        # The server raises the signal again after it has ended cleanly; the default would then end the process before its records are closed.
        signal.signal(number, lambda *_: None)
    try:
        web(standalone_mode=False)
    except ConsentryError as error:
        log.error("%s [%s]", error, error.code)  # noqa: TRY400 - meant for the operator, without a traceback
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
