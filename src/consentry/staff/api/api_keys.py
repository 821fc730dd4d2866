"""``/api-keys``: keys for programs."""

from __future__ import annotations

from http import HTTPStatus

from consentry.platform.actors import Permission
from consentry.platform.http.router import ActorDep, ApiRouter, SiteDep
from consentry.staff import service
from consentry.staff.api.shapes import ApiKeyIn, ApiKeyOut, NewApiKeyOut

__all__ = ["router"]

router = ApiRouter(prefix="/api-keys", tag="API keys")


@router.get("", permission=Permission.VIEW_STAFF)
def list_api_keys(site: SiteDep, actor: ActorDep) -> list[ApiKeyOut]:
    """List every API key, without its secret."""
    return [ApiKeyOut.model_validate(one) for one in service.api_keys(site, actor)]


@router.post("", permission=Permission.MANAGE_API_KEYS, status_code=HTTPStatus.CREATED)
def create_api_key(site: SiteDep, actor: ActorDep, body: ApiKeyIn) -> NewApiKeyOut:
    """Make an API key; its text is shown this once."""
    return NewApiKeyOut.model_validate(service.create_api_key(site, actor, body.label, body.scopes, body.expires))


@router.delete("/{key}", permission=Permission.MANAGE_API_KEYS, status_code=HTTPStatus.NO_CONTENT)
def revoke_api_key(site: SiteDep, actor: ActorDep, key: str) -> None:
    """Revoke an API key; it opens nothing from now on."""
    service.revoke_api_key(site, actor, key)
