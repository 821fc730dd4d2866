"""Routes of pages: what goes wrong is told as a page, in the reader's language, where the reader stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError

from consentry.platform.errors import ConsentryError, InputError, NotFoundError
from consentry.platform.http.problems import problem_response
from consentry.platform.http.router import GuardedRoute
from consentry.portal.phrases import phrases
from consentry.portal.place import Place, person_page, place_of
from consentry.portal.rendering import language_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fastapi import Request, Response

__all__ = ["PageRoute"]

SERVER_TROUBLE = 500
_KINDS = {404: "missing", 429: "often"}


class PageRoute(GuardedRoute):
    """A route whose errors are pages, in the reader's language, and not documents for programs."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Put the drawing of errors around the guarded handler."""
        handle = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await handle(request)
            except ConsentryError as error:
                return self.problem_page(request, error)
            except RequestValidationError:
                return self.problem_page(request, InputError("request.invalid", request.url.path, "the request cannot be used", "Begin again."))

        return answered

    def problem_page(self, request: Request, error: ConsentryError) -> Response:
        """Draw what went wrong; the server's own trouble is told as everywhere, without its inside."""
        return _problem_page(request, error)


def _problem_page(request: Request, error: ConsentryError) -> Response:
    kind = _KINDS.get(error.http_status, "away" if error.http_status >= SERVER_TROUBLE else "other")
    # Whoever came from a door's screen must not be left on a page that leads elsewhere; where it was is not to be believed, but the browser knows.
    shown = {"code": error.code, "words": phrases(language_of(request))["problem"][kind], "returns": "back" in request.query_params}
    answer = person_page(request, _place(request), "problem.html", shown, status=error.http_status, sent=request.method == "POST")
    for name, value in problem_response(request, error).headers.items():
        if name in {"retry-after", "www-authenticate"}:
            answer.headers[name] = value
    return answer


def _place(request: Request) -> Place:
    try:
        return place_of(request)
    except NotFoundError:
        return Place(None)
