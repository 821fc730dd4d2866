"""Everything that the console says, collected from the code; ``python -m tests.console.catalogue`` brings the catalogues up to date.

Sentences are the literals given to ``say``, ``say_count`` and ``message``. Words of the system (roles, states, actions, error codes) come from
their enums and from the codes that the code raises, so that a new one without a name is noticed.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, fields
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from consentry.access.happenings import ModeStep
from consentry.access.model import AccessEvent, AntiPassback, ContactState, CredentialKind, CredentialState, DoorEvent, DoorMode, ReaderKind
from consentry.access.page.modes import SETTABLE
from consentry.access.register import CardForm, PersonKind, Why
from consentry.access.residence import GuestState
from consentry.alarms.model import AlarmKind, AlarmState, Channel, DeliveryState, Severity, Step
from consentry.attribution.channel import AgentState, ReplyKind, ReportState
from consentry.attribution.channel import RefusalGround as ReplyGround
from consentry.attribution.deals import AppealDecision, DealState, FraudKind, PayState, Side
from consentry.attribution.model import Finding, Flag, Grade, Mode, VerdictKind
from consentry.attribution.page.deals import SOURCES
from consentry.attribution.page.rulebooks import TERMS
from consentry.attribution.page.visits import KIN
from consentry.attribution.rules.documents import TYPES
from consentry.attribution.visiting import Answer, Binding, EditField, HintKind, OutageCause, PartyKind, Voiced
from consentry.cameras.model import CameraState, GapCause
from consentry.cameras.troubles import Trouble
from consentry.consent.model import Audience, ConsentState, Ending, Method, NoticeText, Purpose
from consentry.consent.page.governance import SECTIONS
from consentry.consent.requests import Decision, RefusalGround, RequestKind
from consentry.console.settings_text import form_entries
from consentry.console.speech import LANGUAGES, catalogue_text
from consentry.ledger.actions import ACTIONS
from consentry.ledger.reasons import SYSTEM_REASONS
from consentry.platform.actors import ActorKind, Permission
from consentry.platform.settings.fields import Effect
from consentry.platform.settings.model import Basis, Encryption, TlsMode, ZoneType
from consentry.recognition.answers import IncidentKind, ReviewDecision
from consentry.staff.model import AccountState, FactorKind, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from enum import StrEnum

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "consentry"
SPEAKING = [*sorted((PACKAGE / "console").glob("*.py")), *sorted(PACKAGE.glob("*/page.py")), *sorted(PACKAGE.glob("*/page/*.py"))]
SPEAKING = [path for path in SPEAKING if path.parent.name != "portal"]
FOLDERS = {"zh-CN": "zh_CN", "en": "en"}
CAMERA_KEYS = ("source", "zone_type", "basis", "retention", "secondary_use", "sign", "sign.text", "sign.place", "sign.photo", "sign.placed_on")
PURPOSES = ("attribution", "counting", "operation", "evidence", "staff-access", "statistics")
RAISING = (
    "staff",
    "ledger",
    "cameras",
    "alarms",
    "statistics",
    "console",
    "platform/settings",
    "platform/http",
    "platform/actors.py",
    "counting/rules.py",
    "consent/page",
    "consent/rules",
    "consent/service",
    "recognition/page.py",
    "recognition/service",
    "attribution/page",
    "attribution/service",
    "attribution/numbers.py",
    "attribution/identity.py",
    "attribution/rules/reports.py",
    "access/page",
    "access/service",
    "access/policy_text.py",
    "access/marks.py",
    "access/passes.py",
    "access/rules/pins.py",
)
CODE = re.compile(r"""(?:Error|_refused)\(\s*"([a-z]+(?:-[a-z]+)*\.[a-z]+(?:-[a-z]+)*)\"""")
PUT_TOGETHER = {"line.same-name", *(f"area.{word}" for word in ("corners", "no-area", "outside", "same-name"))}
"""Codes that the code puts together; they stand nowhere as a whole."""
SETTINGS_CODE = re.compile(r'"(settings\.[a-z]+(?:-[a-z]+)*)"')
NOT_SEEN = {"idempotency", "http", "paging", "timestamp", "witness", "keys", "region", "records", "capture", "recognition", "vault"}
"""Kinds of errors of programs and of the command line, which no page brings about."""
NOT_SEEN_CODES = {
    "settings.applied",
    "settings.applied-unreadable",
    "settings.exists",
    # What only visitors and devices meet; their pages have words of their own.
    *(f"consent.{word}" for word in ("action", "action-used", "alias", "closed", "language", "not-over", "not-valid", "notice-changed", "person-unknown")),
    *("consent.phone", "consent.secret", "consent.too-many", "request.kind", "request.words"),
    *(f"guardian.{word}" for word in ("late", "name", "present", "question", "staff", "station", "unattended")),
    "consent.guardian-needed",
    *("station.code", "station.purpose", "station.signature", "station.stopped"),
    *(f"desk.{word}" for word in ("clock", "code", "key-used", "signature", "too-many")),
    *(f"report.{word}" for word in ("batch", "cap", "commitment", "count", "duplicate", "lapsed", "no-contract", "nonce", "project", "too-many-begun")),
    *(f"visit.{word}" for word in ("answered", "nobody-claims", "number-needed", "other-number", "secret")),
    *("agent.no-link", "statement.enough", "statement.words"),
    *(f"attribution.face-{word}" for word in ("closed", "person", "purpose")),
    "access.confirm",
    "access.not-signed-in",
    "access.api-key",
    "sign-in.proof",
}

SALES: dict[str, type[StrEnum]] = {
    "actor": ActorKind,
    "agent-state": AgentState,
    "report-state": ReportState,
    "reply": ReplyKind,
    "reply-ground": ReplyGround,
    "binding": Binding,
    "who-brought": Answer,
    "hint": HintKind,
    "grade": Grade,
    "statement": Voiced,
    "edit-field": EditField,
    "outage-cause": OutageCause,
    "party": PartyKind,
    "deal-state": DealState,
    "verdict": VerdictKind,
    "verdict-flag": Flag,
    "finding": Finding,
    "mode": Mode,
    "fraud": FraudKind,
    "pay-state": PayState,
    "side": Side,
    "appeal-decision": AppealDecision,
}
"""The words of visit attribution that are enums."""
DOORS: dict[str, type[StrEnum]] = {
    "door-reader": ReaderKind,
    "door-mode": DoorMode,
    "door-person": PersonKind,
    "contact": ContactState,
    "passback": AntiPassback,
    "credential": CredentialKind,
    "credential-state": CredentialState,
    "credential-act": CredentialState,
    "credential-why": Why,
    "card-form": CardForm,
    "guest-state": GuestState,
    "mode-step": ModeStep,
}
"""The words of doors that are enums."""
EXPLAINED = tuple(
    event
    for event in (*AccessEvent, *DoorEvent)
    if event not in {AccessEvent.GRANTED, DoorEvent.NORMAL, DoorEvent.UNLOCKED, DoorEvent.OPENED, DoorEvent.CLOSED, DoorEvent.STARTED}
)
"""The events of doors that say more than their name."""
HELD = ("not-signed", "sent-back", "appeal-window", "appealed", "disputed", "not-screened", "cancelled")
"""Why commission is held; besides, a flag that nobody cleared."""
SAW = ("events", "edits", "late_entries", "too_short", "close_visits_that_day", "statements", "hour", "entered", "recorded")
"""What flags saw."""
STEP_VALUES = ("members", "rulebook", "signed", "mode", "agency", "arrived", "reported", "protection", "agencies", "received", "claimed")
"""What the steps of a verdict rest on."""

Words = str | tuple[str, str]


@dataclass(frozen=True, slots=True, order=True)
class Message:
    """One message: its text (or singular and plural), and the kind of word it is where it is no sentence."""

    text: Words
    kind: str | None = None


def sentences(path: Path) -> Iterator[Message]:
    """Yield the sentences of one module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield from _of_call(node)


def _of_call(call: ast.Call) -> Iterator[Message]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id if isinstance(call.func, ast.Name) else ""
    texts = [argument.value for argument in call.args if isinstance(argument, ast.Constant) and isinstance(argument.value, str)]
    if name in {"say", "message"} and texts:
        yield Message(texts[0])
    elif name == "say_count" and len(texts) > 1:
        yield Message((texts[0], texts[1]))
    for keyword in call.keywords:
        if name == "console_page" and keyword.arg == "title" and isinstance(keyword.value, ast.Constant):
            yield Message(str(keyword.value.value))


def words() -> Iterator[Message]:
    """Yield the words of the system, each with its kind."""
    enums: dict[str, Iterable[str]] = {
        "role": Role,
        "permission": Permission,
        "account-state": AccountState,
        "factor": FactorKind,
        "camera-state": CameraState,
        "trouble": Trouble,
        "gap-cause": GapCause,
        "zone-type": ZoneType,
        "basis": Basis,
        "alarm": AlarmKind,
        "alarm-mend": AlarmKind,
        "severity": Severity,
        "alarm-state": AlarmState,
        "channel": Channel,
        "delivery": DeliveryState,
        "alarm-step": Step,
        "effect": Effect,
        "face-purpose": Purpose,
        "method": Method,
        "audience": Audience,
        "consent-state": ConsentState,
        "ending": Ending,
        "request-kind": RequestKind,
        "answer": Decision,
        "refusal-ground": RefusalGround,
        "incident": IncidentKind,
        "review": ReviewDecision,
        **SALES,
        **DOORS,
    }
    for kind, enum in enums.items():
        yield from (Message(str(word), kind) for word in enum)
    yield from (Message(word, "choice") for enum in (TlsMode, Encryption) for word in enum)
    yield from (Message(field.name, "notice-field") for field in fields(NoticeText))
    yield from (Message(name, "assessment-section") for name in SECTIONS)
    yield from (Message(word, "action") for word in ACTIONS)
    yield from (Message(word, "purpose") for word in PURPOSES)
    yield from (Message(word, "system-reason") for word in SYSTEM_REASONS)
    yield from (Message(word, kind) for kind, known in (sales_words() | door_words()).items() for word in known)
    yield from (Message(word, "setting") for word in (*CAMERA_KEYS, *(entry.path for part in form_entries().values() for entry in part)))


def sales_words() -> dict[str, Iterable[str]]:
    """Return the words of visit attribution that are no enum, by their kind."""
    return {
        "link-kind": ("id", "phone", "face", "self", *KIN),
        "event": TYPES.values(),
        "rule-term": TERMS,
        "rule-effect": TERMS,
        "identity-check": SOURCES,
        "held": HELD,
        "saw": SAW,
        "step-value": STEP_VALUES,
        "outage-reason": ("no heartbeat of the server",),
    }


def door_words() -> dict[str, Iterable[str]]:
    """Return the words of doors that are no enum of their own, by their kind."""
    return {"door-event": (*AccessEvent, *DoorEvent), "door-event-help": EXPLAINED, "door-mode-choice": SETTABLE}


def descriptions() -> Iterator[Message]:
    """Yield what the settings say about their keys."""
    return (Message(entry.description) for part in form_entries().values() for entry in part)


def error_codes() -> set[str]:
    """Return every code of an error that a reader of the console can meet."""
    places = [PACKAGE / place for place in RAISING]
    files = [file for place in places for file in ([place] if place.is_file() else sorted(place.rglob("*.py")))]
    texts = [file.read_text(encoding="utf-8") for file in files]
    settings = "".join(text for file, text in zip(files, texts, strict=True) if "settings" in file.parts)
    found = PUT_TOGETHER | {code for text in texts for code in CODE.findall(text)} | set(SETTINGS_CODE.findall(settings))
    return {code for code in found - NOT_SEEN_CODES if code.partition(".")[0] not in NOT_SEEN}


def messages() -> set[Message]:
    """Return everything that has to be in every catalogue."""
    return {message for path in SPEAKING for message in sentences(path)} | set(words()) | set(descriptions())


def errors() -> set[Message]:
    """Return what has to be in the catalogues of languages other than that of the code: what is wrong, and how to mend it."""
    return {Message(code, kind) for code in error_codes() for kind in ("error", "mend")}


def read(language: str) -> Catalog:
    """Return a catalogue as it stands."""
    return read_po(BytesIO(catalogue_text(language)), locale=FOLDERS[language])


def needed(language: str) -> set[Message]:
    """Return what a catalogue has to hold."""
    return messages() | (errors() if language == "zh-CN" else set())


def update(language: str) -> None:
    """Write a catalogue anew: translations that are there stay, what nobody says any more goes."""
    before, after = read(language), Catalog(locale=FOLDERS[language], project="Consentry", charset="utf-8", fuzzy=False)
    for message in sorted(needed(language), key=lambda found: (found.kind or "", str(found.text))):
        known = before.get(message.text if isinstance(message.text, str) else message.text[0], context=message.kind)
        after.add(message.text, known.string if known else None, context=message.kind)
    path = PACKAGE / "console" / "locale" / FOLDERS[language] / "LC_MESSAGES" / "console.po"
    with path.open("wb") as file:
        write_po(file, after, width=140, omit_header=False, sort_output=False, ignore_obsolete=True)


if __name__ == "__main__":
    for each in LANGUAGES:
        update(each)
