"""API keys for programs. A key acts for the account that made it, never beyond its scopes and never longer than that account may."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.platform.actors import Actor, ActorKind, Permission, permits
from consentry.platform.errors import ConflictError, NotFoundError
from consentry.platform.ids import new_id
from consentry.staff.accounts import existing, permissions
from consentry.staff.model import ApiKey, NewApiKey
from consentry.staff.records import ApiKeyRow
from consentry.staff.rules import check_key_life, check_scopes, check_text, key_permissions
from consentry.staff.sessions import current
from consentry.staff.tokens import Kind, digest, new_api_key, same, split_api_key
from consentry.staff.work import reading, writing

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from consentry.platform.site import Site

__all__ = ["actor_of_key", "api_keys", "create_api_key", "revoke_api_key"]

_SEEN_TO = timedelta(minutes=1)


@permits(Permission.MANAGE_API_KEYS)
def create_api_key(site: Site, actor: Actor, label: str, scopes: AbstractSet[Permission], expires: datetime) -> NewApiKey:
    """Make a key; its text is shown this once.

    Raises:
        InputError: ``input.text``, ``api-key.no-scope``, ``api-key.scope`` or ``api-key.expiry``.
        DeniedError: ``api-key.beyond-maker``.
        SignInError: ``access.not-signed-in`` for an actor who is no member of staff.
    """
    tidy = check_text(label, "label", longest=64)
    check_scopes(frozenset(scopes), actor.permissions)
    prefix, text = new_api_key()
    with writing(site) as work:
        check_key_life(work.now, expires)
        row = ApiKeyRow(
            id=new_id(work.now),
            label=tidy,
            prefix=prefix,
            digest=digest(site.keys, Kind.API_KEY, text),
            epoch=site.keys.epoch,
            account=current(work, actor).account,
            scopes=" ".join(sorted(scopes)),
            created=work.now,
            expires=expires,
        )
        work.session.add(row)
        work.record(actor, "staff.api-key-made", f"{ActorKind.API_KEY}:{row.id}", scopes=row.scopes, expires=expires.isoformat())
        return NewApiKey(_shown(row), text)


@permits(Permission.VIEW_STAFF)
def api_keys(site: Site, actor: Actor) -> tuple[ApiKey, ...]:  # noqa: ARG001 - the actor is checked before
    """Return every key without its secret, newest first, those revoked too."""
    with reading(site) as work:
        return tuple(_shown(row) for row in work.session.scalars(select(ApiKeyRow).order_by(ApiKeyRow.id.desc())))


@permits(Permission.MANAGE_API_KEYS)
def revoke_api_key(site: Site, actor: Actor, key: str) -> None:
    """Revoke a key; it opens nothing from now on.

    Raises:
        NotFoundError: ``api-key.unknown``.
        ConflictError: ``api-key.revoked``.
    """
    with writing(site) as work:
        row = work.session.get(ApiKeyRow, key) if key.isprintable() else None
        if row is None:
            raise NotFoundError("api-key.unknown", "API key", "there is none of that id", "List the keys.")
        if row.revoked is not None:
            raise ConflictError("api-key.revoked", "API key", "it was revoked before", "Nothing is left to do.")
        row.revoked = work.now
        work.record(actor, "staff.api-key-revoked", f"{ActorKind.API_KEY}:{row.id}")


def actor_of_key(site: Site, text: str) -> Actor | None:
    """Return who acts with an API key, or None for one that is unknown, expired, revoked, or whose maker may do none of it any more."""
    prefix = split_api_key(text)
    with reading(site) as work:
        row = work.session.scalar(select(ApiKeyRow).where(ApiKeyRow.prefix == prefix)) if prefix else None
        if row is None or row.epoch not in site.keys.epochs or not same(row.digest, digest(site.keys, Kind.API_KEY, text, row.epoch)):
            return None
        if row.revoked is not None or work.now >= row.expires:
            return None
        held = key_permissions(_scopes(row), permissions(work.session, existing(work.session, row.account)))
        unseen = row.last_used is None or work.now - row.last_used >= _SEEN_TO
    if held and unseen:
        _note_use(site, row.id)
    return Actor(ActorKind.API_KEY, row.id, held) if held else None


def _note_use(site: Site, key: str) -> None:
    with writing(site) as work:
        row = work.session.get(ApiKeyRow, key)
        if row is not None:
            row.last_used = work.now


def _scopes(row: ApiKeyRow) -> frozenset[Permission]:
    # A scope that a later release no longer knows permits nothing.
    return frozenset(Permission(scope) for scope in row.scopes.split() if scope in set(Permission))


def _shown(row: ApiKeyRow) -> ApiKey:
    return ApiKey(row.id, row.label, row.prefix, row.account, _scopes(row), row.created, row.expires, row.last_used, row.revoked)
