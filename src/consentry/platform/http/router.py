"""Routes that say who may call them. A slice's ``api.py`` makes one ``ApiRouter``; a route without a permission is refused at import.

::

    router = ApiRouter(prefix="/cameras", tag="cameras")          # served under /api/v1/cameras

    @router.get("", permission=Permission.VIEW_CAMERAS)
    def list_cameras(site: SiteDep, actor: ActorDep) -> list[CameraState]:
        '''List the cameras.'''
        return service.cameras(site, actor)

Endpoints are plain functions (they run in worker threads). Errors are raised, not shaped: ``consentry.platform.http.problems`` does that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute

from consentry.platform.actors import Permission
from consentry.platform.http.access import PUBLIC, Access, ActorDep, SiteDep, admit
from consentry.platform.http.etags import tagged
from consentry.platform.http.problems import ANSWER
from consentry.platform.http.repeats import answer_once, document_key

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    Handler = Callable[[Request], Coroutine[Any, Any, Response]]
    Endpoint = Callable[..., Any]
    Declare = Callable[[Endpoint], Endpoint]

__all__ = ["PUBLIC", "ActorDep", "ApiRouter", "GuardedRoute", "SiteDep"]

PERMISSION = "x-permission"
"""The key under which a route's document names its permission, ``public`` where it needs none."""


class GuardedRoute(APIRoute):
    """A route that admits a request before it reads its body.

    Its permission stands in the route's document (``x-permission``), so that nobody can declare a route without one and readers of the
    document see it.
    """

    def __init__(self, path: str, endpoint: Endpoint, **options: Any) -> None:  # noqa: ANN401 - FastAPI's own options
        """Refuse a route that names no permission, with ``TypeError``."""
        named = (options.get("openapi_extra") or {}).get(PERMISSION)
        if named is None:
            msg = f"{path}: a route names its permission: permission=Permission.X, or PUBLIC"
            raise TypeError(msg)
        self.access: Access = PUBLIC if named == PUBLIC.value else Permission(named)
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Handler:
        """Put the admission before FastAPI's handler, repeats and entity tags around it."""
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            await run_in_threadpool(admit, request, self.access)
            return tagged(request, await answer_once(request, handle))

        return guarded


class ApiRouter(APIRouter):
    """An ``APIRouter`` whose declarations demand ``permission=Permission.X`` or ``permission=PUBLIC``."""

    def __init__(self, *, prefix: str, tag: str) -> None:
        """Start a router whose paths begin with ``prefix`` (below ``/api/v1``) and whose operations are grouped as ``tag``."""
        problems: dict[int | str, dict[str, Any]] = {"default": ANSWER}
        super().__init__(prefix=prefix, tags=[tag], route_class=GuardedRoute, responses=problems, generate_unique_id_function=_operation_id)

    def get(self, path: str, *, permission: Access, **options: Any) -> Declare:  # type: ignore[override]  # noqa: ANN401 - FastAPI's own options
        """Declare a route that reads."""
        return self._declare("GET", path, permission, options)

    def post(self, path: str, *, permission: Access, **options: Any) -> Declare:  # type: ignore[override]  # noqa: ANN401 - as above
        """Declare a route that makes something or starts something; whoever is signed in can repeat it safely (``Idempotency-Key``)."""
        if permission is not PUBLIC:
            options["dependencies"] = [*options.get("dependencies", ()), Depends(document_key)]
        return self._declare("POST", path, permission, options)

    def put(self, path: str, *, permission: Access, **options: Any) -> Declare:  # type: ignore[override]  # noqa: ANN401 - as above
        """Declare a route that replaces something."""
        return self._declare("PUT", path, permission, options)

    def patch(self, path: str, *, permission: Access, **options: Any) -> Declare:  # type: ignore[override]  # noqa: ANN401 - as above
        """Declare a route that changes something."""
        return self._declare("PATCH", path, permission, options)

    def delete(self, path: str, *, permission: Access, **options: Any) -> Declare:  # type: ignore[override]  # noqa: ANN401 - as above
        """Declare a route that removes something."""
        return self._declare("DELETE", path, permission, options)

    def _declare(self, method: str, path: str, permission: Access, options: dict[str, Any]) -> Declare:
        extra = {**options.pop("openapi_extra", {}), PERMISSION: permission.value}
        return self.api_route(path, methods=[method], openapi_extra=extra, **options)


def _operation_id(route: APIRoute) -> str:
    """Name an operation after its endpoint; endpoints of one API have different names."""
    return route.name
