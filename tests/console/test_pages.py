"""Every page and event names its permission, and nothing on a page can be started that is not declared."""

from __future__ import annotations

import ast
import asyncio
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from nicegui.ui import navigate

from consentry.console import dispatch
from consentry.console.answers import Answers
from consentry.console.every_page import MODULES
from consentry.console.pages import EVENTS, PAGES, PageEvent, at
from consentry.console.shell import NAVIGATION
from consentry.platform.actors import Actor, ActorKind, Permission, permission_of
from consentry.platform.errors import ConsentryError, InputError, SignInError
from consentry.platform.http.access import PUBLIC
from tests.console.catalogue import SPEAKING

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.console.screen import Screen

OPEN_PAGES = {at("/sign-in"), at("/welcome")}
OPEN_EVENTS = {"give_password", "give_code", "give_recovery_code", "begin_security_key", "accept"}
STARTERS = {"starter", "button", "form", "live_form", "perform", "_reasoned"}
CLIENT_SIDE = {"opener", "_chosen"}


def test_only_signing_in_is_open_to_strangers() -> None:
    assert {page.path for page in PAGES.values() if page.access is PUBLIC} == OPEN_PAGES
    assert {event.handle.__name__ for event in EVENTS.values() if event.access is PUBLIC} == OPEN_EVENTS


def test_every_page_and_event_names_a_permission() -> None:
    accesses = [page.access for page in PAGES.values()] + [event.access for event in EVENTS.values()]
    assert all(isinstance(access, Permission) or access is PUBLIC for access in accesses)
    assert len(MODULES) > 5
    assert len(EVENTS) > 30


def test_every_place_of_the_navigation_is_a_page_with_the_same_permission() -> None:
    assert all(PAGES[place.path].access is place.permission for place in NAVIGATION)


def test_pages_about_persons_carry_a_watermark() -> None:
    marked = {page.path for page in PAGES.values() if page.personal}
    assert {at("/staff"), at("/staff/{account}"), at("/account"), at("/ledger"), at("/alarms")} <= marked


def listeners(tree: ast.AST) -> list[str]:
    """Return where an element listens to something on the server without going through a declared event."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "on":
            handlers = [*node.args[1:], *(keyword.value for keyword in node.keywords if keyword.arg == "handler")]
            found += [ast.unparse(handler) for handler in handlers if not ast.unparse(handler).startswith("starter(")]
        if isinstance(node, ast.keyword) and node.arg in {"on_click", "on_change", "on_value_change", "on_submit"}:
            found.append(ast.unparse(node.value))
    return found


@pytest.mark.parametrize("path", SPEAKING, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_nothing_on_a_page_listens_but_declared_events(path: Path) -> None:
    assert listeners(ast.parse(path.read_text(encoding="utf-8"))) == []


def test_a_handler_that_bypasses_the_declared_events_is_noticed() -> None:
    tree = ast.parse('a.on("click", lambda: drop())\nb.on("click", starter(screen, save))\nc.on("click", js_handler="x")\nui.button(on_click=drop)')
    assert listeners(tree) == ["lambda: drop()", "drop"]


@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: event.name)
def test_the_services_of_an_event_need_no_other_permission_than_it_names(event: PageEvent) -> None:
    """What an event asks first is a service that is permitted by the very permission of the event, or by one that its readers hold anyway."""
    source = set(re.findall(r"screen\.ask\(\s*(?:service\.)?(\w+)", ast.unparse(_function(event))))
    module = __import__(event.handle.__module__, fromlist=["service"])
    services = [found for name in source if (found := getattr(getattr(module, "service", module), name, None) or getattr(module, name, None))]
    needed = {permission_of(service) for service in services} - {None}
    assert not needed or event.access in needed


def _function(event: PageEvent) -> ast.AST:
    module = __import__(event.handle.__module__, fromlist=["_"])
    with open(cast("str", module.__file__), encoding="utf-8") as file:  # noqa: PTH123 - a module's own file
        tree = ast.parse(file.read())
    return next(node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef) and node.name == event.handle.__name__)


class Recorder:
    """A page on which an event is started: who is signed in, and what became of it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, permissions: frozenset[Permission], *, signed_in: bool = True) -> None:
        self.started: list[Answers] = []
        self.sent: list[str] = []
        self.shown: list[ConsentryError] = []
        self.scripts: list[str] = []
        actor = Actor(ActorKind.STAFF, "a-1", permissions)
        identity = SimpleNamespace(actor=actor, name="Li", token="t")  # noqa: S106 - of nobody

        def identify(_site: object, _token: str) -> object:
            if not signed_in:
                raise SignInError("access.not-signed-in", "x", "nobody", "Sign in.")
            return identity

        monkeypatch.setattr(dispatch, "identity_of", identify)
        monkeypatch.setattr(navigate, "to", self.sent.append)
        client = SimpleNamespace(run_javascript=self.scripts.append)
        self.screen = cast(
            "Screen", SimpleNamespace(site=None, identity=identity, actor=actor, client=client, kept={}, address=lambda: "/console/alarms?show=closed")
        )

    def start(self, access: object, error: ConsentryError | None = None) -> None:
        async def handle(_screen: Screen, answers: Answers) -> None:
            self.started.append(answers)
            if error is not None:
                raise error

        event = PageEvent("test", cast("Any", access), handle)
        asyncio.run(dispatch.perform(self.screen, event, Answers.of({}), self.shown.append))


def test_an_event_runs_for_whoever_holds_its_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Recorder(monkeypatch, frozenset({Permission.HANDLE_ALARMS}))
    page.start(Permission.HANDLE_ALARMS)
    assert (len(page.started), page.shown) == (1, [])


def test_an_event_is_refused_without_its_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Recorder(monkeypatch, frozenset({Permission.VIEW_ALARMS}))
    page.start(Permission.HANDLE_ALARMS)
    assert page.started == []
    assert [error.code for error in page.shown] == ["access.denied"]


def test_whoever_was_signed_out_since_does_nothing_more_and_comes_back_here_after_signing_in(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Recorder(monkeypatch, frozenset(Permission), signed_in=False)
    page.start(Permission.HANDLE_ALARMS)
    assert (page.started, page.sent) == ([], [f"{at('/sign-in')}?next=%2Fconsole%2Falarms%3Fshow%3Dclosed"])


def test_an_open_event_asks_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Recorder(monkeypatch, frozenset(), signed_in=False)
    page.start(PUBLIC)
    assert len(page.started) == 1


def test_an_error_is_shown_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Recorder(monkeypatch, frozenset(Permission))
    page.start(Permission.VIEW_STAFF, InputError("form.empty", "name", "it is empty", "Fill it in."))
    assert [error.code for error in page.shown] == ["form.empty"]


def test_an_act_that_needs_the_password_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Recorder(monkeypatch, frozenset(Permission))
    page.start(Permission.MANAGE_STAFF, InputError("access.confirm", "staff:a", "this needs the password again", "Confirm."))
    assert page.shown == []
    assert page.screen.kept["pending"].event.name == "test"
    assert "showModal" in page.scripts[0]


@pytest.mark.parametrize("sent", [None, 7, "x", ["a"], {"name": "x"}, {"name": [1, None]}, {5: ["x"]}])
def test_what_a_browser_sends_in_another_shape_counts_as_left_out(sent: object) -> None:
    assert Answers.of({}, sent).all("name") == ()


def test_what_the_page_fixed_cannot_be_overruled_by_the_browser() -> None:
    assert Answers.of({"account": "mine"}, {"account": ["another"]}).all("account") == ("mine",)


def test_an_answer_that_is_needed_and_empty_is_refused() -> None:
    with pytest.raises(InputError, match="still empty"):
        Answers.of({}, {"name": ["  "]}).need("name")


def test_answers_do_not_show_what_was_typed() -> None:
    assert "secret" not in repr(Answers.of({}, {"password": ["secret"]}))
