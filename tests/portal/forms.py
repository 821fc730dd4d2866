"""Reading pages as a browser without scripts does: their text, their links, and their forms with what they hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

    from tests.api.client import Client

VOID = frozenset({"br", "img", "input", "link", "meta", "hr"})


@dataclass
class Form:
    """A form of a page: where it goes, what it holds, and the buttons that send it (name, value, words)."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    ticked: list[str] = field(default_factory=list)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)


class Page(HTMLParser):
    """A page that was read: ``text`` of every element with an id, ``links`` as (address, words), ``forms``."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(convert_charrefs=True)
        self.text: dict[str, str] = {}
        self.links: list[tuple[str, str]] = []
        self.forms: list[Form] = []
        self._open: list[tuple[str, dict[str, str]]] = []
        self.feed(answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(found.get("action", ""), found.get("method", "get")))
        if self.forms and tag == "input":
            self._hold(found)
        if self.forms and tag == "button" and found.get("name"):
            self.forms[-1].buttons.append((found["name"], found.get("value", ""), ""))
        if tag == "a":
            self.links.append((found.get("href", ""), ""))
        if tag not in VOID:
            self._open.append((tag, found))
        if "id" in found:
            self.text[found["id"]] = ""

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        for tag, found in self._open:
            if "id" in found:
                self.text[found["id"]] += data
            if tag == "a":
                self.links[-1] = (self.links[-1][0], self.links[-1][1] + data)

    def _hold(self, found: dict[str, str]) -> None:
        form = self.forms[-1]
        if found.get("type") in {"radio", "checkbox"}:
            if "checked" in found:
                form.ticked.append(found["name"])
        elif found.get("name"):
            form.fields[found["name"]] = found.get("value", "")

    def link(self, ending: str) -> str:
        """Return the address of the one link whose path ends so."""
        found = [address for address, _ in self.links if address.partition("?")[0].endswith(ending)]
        assert len(found) == 1, (ending, self.links)
        return found[0]


def send(client: Client, form: Form, **answers: str) -> httpx.Response:
    """Send a form as a browser does."""
    return client.send(form.method.upper(), form.action, data={**form.fields, **answers})
