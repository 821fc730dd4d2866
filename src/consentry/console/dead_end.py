"""The page where a way ends: an address that leads nowhere, a site that cannot answer now, a defect. It is plain HTML, without a socket.

A page of the console keeps memory in the server until its browser comes back for it; whoever asks for pages that do not exist costs none.
"""

from __future__ import annotations

from html import escape
from http import HTTPStatus
from string import Template
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from consentry.console.elements import PICTURES
from consentry.console.pages import BASE, at
from consentry.console.screen import explained
from consentry.console.speech import LANGUAGES, message, preferred_language, speech
from consentry.platform.http.problems import http_problem, problem_response

if TYPE_CHECKING:
    from fastapi import Request, Response

    from consentry.console.speech import Speech
    from consentry.platform.errors import ConsentryError
    from consentry.platform.site import Site

__all__ = ["DeadEnds"]

_MISSING: Final = (message("There is no such page"), message("Check the address, or begin anew."))
_DEFECT: Final = (message("The server could not draw this page"), message("Try again; if it happens again, tell whoever runs the server. Its log says why."))

_PAGE: Final = Template("""<!doctype html>
<html lang="$language">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>$title · Consentry</title>
<link rel="stylesheet" href="$style">
</head>
<body class="plain-page $dark"><script>
if ("$theme" === "system") document.body.classList.toggle("body--dark", matchMedia("(prefers-color-scheme: dark)").matches);
</script>
<div class="gate"><div class="gate-card">
<a class="brand" href="$begin"><span class="brand-mark"><svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="$mark"/></svg></span>
<span class="brand-words"><span class="brand-name">Consentry</span><span class="brand-site">$site</span></span></a>
<main><section class="card" role="alert"><h1>$title</h1><p class="quiet">$mend</p>
<div class="form-end gate-help"><a class="button main-action" href="$begin">$begin_words</a></div></section>
<div class="gate-foot">$languages</div></main>
</div></div></body></html>
""")


class DeadEnds:
    """Answers for people, in their language; programs, which do not ask for HTML, get a problem document."""

    def __init__(self, site: Site, style: str) -> None:
        """``style``: the address of the console's style sheet."""
        self._site, self._style = site, style

    async def missing(self, request: Request, error: Exception) -> Response:
        """Answer a request for an address that leads nowhere."""
        if "text/html" not in request.headers.get("accept", ""):
            return await http_problem(request, error if isinstance(error, HTTPException) else HTTPException(HTTPStatus.NOT_FOUND))
        return self._page(request, HTTPStatus.NOT_FOUND, *map(self._speech(request).say, _MISSING))

    async def defect(self, request: Request, _: Exception) -> Response:
        """Answer where the server has a defect, and tell nothing of it; the exception is raised again afterwards, and so it reaches the log."""
        return self._page(request, HTTPStatus.INTERNAL_SERVER_ERROR, *map(self._speech(request).say, _DEFECT))

    def refused(self, request: Request, error: ConsentryError) -> Response:
        """Answer a request for a page that cannot be drawn now; of the server's own trouble, such as with its records, nothing is told."""
        problem = problem_response(request, error)
        found = self._speech(request)
        own_trouble = problem.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
        answer = self._page(request, problem.status_code, *(map(found.say, _DEFECT) if own_trouble else explained(found, error)))
        for name in {"retry-after"} & set(problem.headers):
            answer.headers[name] = problem.headers[name]
        return answer

    def _speech(self, request: Request) -> Speech:
        language = preferred_language(request.cookies.get("language"), request.headers.get("accept-language", ""))
        return speech(language, self._site.settings.site.zone)

    def _page(self, request: Request, status: int, title: str, mend: str) -> HTMLResponse:
        found, theme = self._speech(request), request.cookies.get("theme", "system")
        inside = request.url.path.startswith(BASE)
        words = {
            "language": found.language,
            "title": title,
            "mend": mend,
            "style": self._style,
            "theme": theme if theme in {"light", "dark"} else "system",
            "dark": "body--dark" if theme == "dark" else "",
            "begin": at("/") if inside else "/",
            "begin_words": found.say("Overview") if inside else found.say("Start page"),
            "mark": PICTURES["footfall"],
            "site": found.own(self._site.settings.site.name.model_dump()),
        }
        shown = {name: escape(word) for name, word in words.items()}
        return HTMLResponse(_PAGE.substitute(shown, languages=_languages(request, found.language)), status)


def _languages(request: Request, chosen: str) -> str:
    back = quote(request.url.path, safe="")
    return " ".join(
        f'<a href="{at("/preferences")}?language={language}&amp;back={back}" lang="{language}"{" aria-current=true" * (language == chosen)}>{escape(words)}</a>'
        for language, words in LANGUAGES.items()
    )
