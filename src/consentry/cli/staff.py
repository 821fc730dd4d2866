"""``consentry staff``: accounts, for whoever operates the machine; also the way back in when nobody can sign in any more."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from consentry.cli.config_option import config_option
from consentry.cli.operator import this_operator
from consentry.platform.errors import NotFoundError
from consentry.staff.model import Role

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from consentry.platform.actors import Actor
    from consentry.platform.site import Site
    from consentry.staff.model import Account, IssuedLink

__all__ = ["staff"]

as_json = click.option("--json", "for_machines", is_flag=True, help="Print one JSON document.")
why = click.option("--reason", required=True, help="Why, without names of persons; the ledger keeps it.")


@click.group("staff")
def staff() -> None:
    """Invite, list, recover and disable the accounts of staff.

    ACCOUNT is a name or an id.
    """


@staff.command()
@click.argument("name")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True, help="What they are here for.")
@click.option("--unit", default="", help="The organisation they belong to, where it is not the site's own.")
@config_option
@as_json
def invite(name: str, role: str, unit: str, config: Path, for_machines: bool) -> None:
    """Make an account that signs in as NAME, and print the one-time link to it."""
    from consentry.staff import service

    with _opened(config) as (site, actor):
        _print_link(site, service.invite(site, actor, name, Role(role), unit), for_machines=for_machines)


@staff.command()
@click.option("--address", help="Where the pages are, if not where the settings say.")
@config_option
def first(address: str | None, config: Path) -> None:
    """Print the one-time link of the first administrator, or that there is one already. A new link ends the one before."""
    from consentry.staff import service

    with _opened(config) as (site, _):
        path = service.first_administrator_link(site)
        click.echo(f"First sign-in, once, within 24 hours: {address or service.site_address(site)}{path}" if path else "There is an administrator already.")


@staff.command()
@click.argument("account")
@why
@config_option
@as_json
def recover(account: str, reason: str, config: Path, for_machines: bool) -> None:
    """Print a one-time link for whoever lost the password or second factor of ACCOUNT."""
    from consentry.staff import service

    with _opened(config) as (site, actor):
        _print_link(site, service.recover(site, actor, _found(site, actor, account).id, reason), for_machines=for_machines)


@staff.command("list")
@config_option
@as_json
def list_accounts(config: Path, for_machines: bool) -> None:
    """List every account."""
    from consentry.staff import service

    with _opened(config) as (site, actor):
        rows = [_described(account) for account in service.accounts(site, actor)]
    _print_rows(rows, "accounts", for_machines=for_machines)


@staff.command()
@config_option
@as_json
def review(config: Path, for_machines: bool) -> None:
    """Review who may do what, and what to look at; the ledger keeps that it was done."""
    from consentry.staff import service

    with _opened(config) as (site, actor):
        reviewed = service.access_review(site, actor)
    rows = [{**_described(row.account), "permissions": sorted(row.permissions), "api_keys": row.api_keys, "findings": list(row.findings)} for row in reviewed]
    _print_rows(rows, "accounts", for_machines=for_machines)


@staff.command()
@click.argument("account")
@why
@config_option
def disable(account: str, reason: str, config: Path) -> None:
    """Disable ACCOUNT; its sessions end at once."""
    from consentry.staff import service

    with _opened(config) as (site, actor):
        service.disable(site, actor, _found(site, actor, account).id, reason)
    click.echo("disabled")


@staff.command()
@click.argument("account")
@config_option
def enable(account: str, config: Path) -> None:
    """Enable ACCOUNT again."""
    from consentry.staff import service

    with _opened(config) as (site, actor):
        service.enable(site, actor, _found(site, actor, account).id)
    click.echo("enabled")


@staff.command()
@click.argument("account")
@why
@click.option("--ticket", required=True, help="The request or case that it belongs to.")
@config_option
@as_json
def sessions(account: str, reason: str, ticket: str, config: Path, for_machines: bool) -> None:
    """List where ACCOUNT is signed in; the ledger keeps that somebody looked."""
    from consentry.staff import service
    from consentry.staff.model import Reason

    with _opened(config) as (site, actor):
        details = service.account_details(site, actor, _found(site, actor, account).id, Reason(reason, ticket))
    rows = [
        {"id": one.id, "created": one.created.isoformat(), "last_seen": one.last_seen.isoformat(), "expires": one.expires.isoformat()}
        for one in details.sessions
    ]
    _print_rows(rows, "sessions", for_machines=for_machines)


@staff.command("sign-out")
@click.argument("account")
@config_option
def sign_out(account: str, config: Path) -> None:
    """End every session of ACCOUNT."""
    from consentry.staff import service

    with _opened(config) as (site, actor):
        ended = service.end_sessions(site, actor, _found(site, actor, account).id)
    click.echo(f"{ended} ended")


@staff.command()
def roles() -> None:
    """Print what each role may do."""
    from consentry.staff.rules import table_of_roles

    click.echo(table_of_roles())


@contextmanager
def _opened(config: Path) -> Iterator[tuple[Site, Actor]]:
    """Give the site and the one who works at this terminal. One that was never served gets its tables."""
    from consentry.platform.migrations.run import prepare
    from consentry.platform.opening import open_site

    with open_site(config) as site:
        prepare(site.database)
        yield site, this_operator()


def _found(site: Site, actor: Actor, given: str) -> Account:
    from consentry.staff import service
    from consentry.staff.rules import name_key

    wanted = name_key(given)
    found = next((account for account in service.accounts(site, actor) if account.id == given or name_key(account.name) == wanted), None)
    if found is None:
        raise NotFoundError("staff.unknown", given, "there is no such account", "`consentry staff list` shows them.")
    return found


def _described(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "name": account.name,
        "role": account.role.value,
        "state": account.state.value,
        "unit": account.unit,
        "second_factors": account.factors,
        "last_sign_in": account.last_sign_in.isoformat() if account.last_sign_in else None,
    }


def _print_link(site: Site, link: IssuedLink, *, for_machines: bool) -> None:
    from consentry.staff import service

    address = f"{service.site_address(site)}{link.path}"
    if for_machines:
        click.echo(json.dumps({"account": link.account, "purpose": link.purpose.value, "address": address, "expires": link.expires.isoformat()}))
    else:
        until = link.expires.astimezone(ZoneInfo(site.settings.site.zone))
        click.echo(f"{address}\nIt works once, until {until:%Y-%m-%d %H:%M} ({site.settings.site.zone}).")


def _print_rows(rows: list[dict[str, Any]], name: str, *, for_machines: bool) -> None:
    if for_machines:
        click.echo(json.dumps({name: rows}, ensure_ascii=False))
        return
    table = [[key.replace("_", " ") for key in rows[0]], *([_cell(value) for value in row.values()] for row in rows)] if rows else []
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for line in table:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value if value not in {None, ""} else "-")
