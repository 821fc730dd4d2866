"""Verify receipts, bundles and checkpoints of a Consentry log with nothing but Python 3.10 or newer: no package, no network, no site.

    python3 verify_receipt.py --key KEY [--witness KEY]... [--quorum N] FILE...

KEY is what the site publishes as its log key (`consentry ledger key`); get it from a place that the site does not control. A FILE is a receipt
or bundle, the text of a receipt's QR code, or a signed checkpoint. Exit code 0: everything holds. 1: a file was refused. 2: usage.

The formats are described in docs/ledger.md. Sources: RFC 9162 (tree and proofs), RFC 8785 (canonical JSON), RFC 8032 (Ed25519), C2SP signed-note,
tlog-checkpoint and tlog-cosignature. This file shares no code with the package that issues receipts, so that each checks the other.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import sys
import zlib
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

LARGEST_FILE = 16 * 2**20
FORMAT = "consentry-evidence/1"
DOSSIER = "consentry-dossier/1"
FIELDS = "checkpoint earlier entries format key_changes seal"
DOSSIER_FIELDS = "checkpoint document earlier entries format key_changes seal"
QR_PREFIX = "CONSENTRY1:"
BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
LARGEST_INTEGER = 2**53 - 1
DEEPEST = 16
MOST_STEPS = 128
MOST_SIGNATURES = 64
LATEST = 2**63 - 1
LOG_KEY, WITNESS_KEY = 1, 4
Json = Any


class RefusedError(ValueError):
    """A claim that does not hold."""


def require(holds: object, claim: str) -> None:
    """Refuse the file unless ``claim`` holds."""
    if not holds:
        raise RefusedError(claim)


# Ed25519, RFC 8032 section 5.1. Points are (X, Y, Z, T) with x = X/Z, y = Y/Z, x*y = T/Z on -x^2 + y^2 = 1 + d*x^2*y^2.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]
NEUTRAL: Point = (0, 1, 1, 0)


def add(left: Point, right: Point) -> Point:
    """Return the sum of two points."""
    a, b = (left[1] - left[0]) * (right[1] - right[0]) % P, (left[1] + left[0]) * (right[1] + right[0]) % P
    c, d = 2 * left[3] * right[3] * D % P, 2 * left[2] * right[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiply(scalar: int, point: Point) -> Point:
    """Return ``scalar`` times a point. Not in constant time: nothing here is secret."""
    found = NEUTRAL
    while scalar:
        if scalar & 1:
            found = add(found, point)
        point, scalar = add(point, point), scalar >> 1
    return found


def decompress(data: bytes) -> Point | None:
    """Return the point of 32 bytes, or None where there is none."""
    number = int.from_bytes(data, "little")
    y, sign = number & (2**255 - 1), number >> 255
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P)


def compress(point: Point) -> bytes:
    """Return a point as 32 bytes."""
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return int.to_bytes(y | (x & 1) << 255, 32, "little")


BASE = decompress((4 * pow(5, P - 2, P) % P).to_bytes(32, "little")) or NEUTRAL


def is_signature(public: bytes, signature: bytes, message: bytes) -> bool:
    """Say whether ``signature`` is that of the Ed25519 key ``public`` on ``message``."""
    key = decompress(public) if len(public) == 32 and len(signature) == 64 else None  # noqa: PLR2004 - lengths of RFC 8032
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or scalar >= ORDER:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    negated = (P - key[0], key[1], key[2], P - key[3])
    return compress(add(multiply(scalar, BASE), multiply(challenge, negated))) == signature[:32]


# Canonical JSON, RFC 8785, with integers of at most 53 bits as the only numbers.
def canonical(value: Json) -> bytes:
    """Return the one sequence of bytes that stands for ``value``."""
    return json.dumps(ordered(value, 0), ensure_ascii=False, separators=(",", ":")).encode()


def ordered(value: Json, depth: int) -> Json:
    """Return ``value`` with the names of its objects in order."""
    if isinstance(value, int) and not isinstance(value, bool):
        require(abs(value) <= LARGEST_INTEGER, "integers have at most 53 bits")
    if not isinstance(value, (dict, list)):
        return value
    require(depth < DEEPEST, "it is not nested too deeply")
    if isinstance(value, list):
        return [ordered(item, depth + 1) for item in value]
    return {name: ordered(value[name], depth + 1) for name in sorted(value, key=lambda name: name.encode("utf-16-be"))}


def parse(data: bytes) -> Json:
    """Return the value of canonical JSON."""
    try:
        value = json.loads(data.decode(), parse_float=fraction, parse_constant=fraction, parse_int=integer)
        again = canonical(value)
    except RefusedError:
        raise
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"it is canonical JSON ({error})") from error
    require(again == data, "it is canonical JSON (order, spacing, escapes, each name once)")
    return value


def fraction(_: str) -> None:
    """Refuse a number that is no integer."""
    require(holds=False, claim="numbers are integers")


def integer(text: str) -> int:
    """Return an integer; a long one is refused before it costs time."""
    require(len(text) <= len(str(-LARGEST_INTEGER)), "integers have at most 53 bits")
    return int(text)


# The tree, RFC 9162 section 2.1.
def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees side by side."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_from_leaf(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    """Return the root that ``path`` leads to from a leaf, or None where its length does not fit."""
    # Each level of the tree but the incomplete right edge has a neighbour; which side it is on, the index says.
    position, last, found, steps = index, size - 1, leaf, list(path)
    while last:
        if position & 1 or position < last:
            if not steps:
                return None
            step = steps.pop(0)
            found = node_hash(step, found) if position & 1 else node_hash(found, step)
        position, last = position >> 1, last >> 1
    return None if steps else found


def is_continued(earlier: int, later: int, path: list[bytes], before: bytes, after: bytes) -> bool:
    """Say whether the tree of ``later`` leaves and root ``after`` begins with that of ``earlier`` leaves and root ``before``."""
    if earlier in (0, later):
        return not path and before == (after if earlier == later else hashlib.sha256(b"").digest())
    if not 0 < earlier < later:
        return False
    # The largest complete subtree at the old right edge is where both trees are climbed from.
    level = (earlier & -earlier).bit_length() - 1
    position, last = (earlier - 1) >> level, (later - 1) >> level
    steps = [before, *path] if earlier == earlier & -earlier else list(path)
    if not steps:
        return False
    old = new = steps.pop(0)
    while last:
        if position & 1 or position < last:
            if not steps:
                return False
            step = steps.pop(0)
            if position & 1:
                old, new = node_hash(step, old), node_hash(step, new)
            else:
                new = node_hash(new, step)
        position, last = position >> 1, last >> 1
    return not steps and (old, new) == (before, after)


# Notes, checkpoints and keys.
class Key(NamedTuple):
    """A public key: its name, its kind (1 log, 4 witness), 32 bytes."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """Return the four bytes that name it on a signature line."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]


class Note(NamedTuple):
    """A signed text and its signature lines: (name, id, value)."""

    text: str
    lines: list[tuple[str, bytes, bytes]]


class Head(NamedTuple):
    """A checkpoint."""

    origin: str
    size: int
    root: bytes


def base64_bytes(text: Json, length: int | None = None) -> bytes:
    """Return the bytes of strict Base64."""
    try:
        data = base64.b64decode(text, validate=True) if isinstance(text, str) else None
    except ValueError:
        data = None
    if data is None or base64.b64encode(data).decode() != text or length not in (None, len(data)):
        raise RefusedError("hashes, salts and signatures are whole")
    return data


def read_key(text: str) -> Key:
    """Return a key given as ``<name>+<id>+<key>``."""
    matched = re.fullmatch(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})", text.strip())
    require(matched, "a key is written <name>+<id>+<key>")
    data = base64_bytes(matched[3], 33)  # type: ignore[index]
    key = Key(matched[1], data[0], data[1:])  # type: ignore[index]
    require(key.id.hex() == matched[2] and key.kind in (LOG_KEY, WITNESS_KEY), "the key is whole")  # type: ignore[index]
    return key


def read_note(text: Json) -> Note:
    """Return a signed note."""
    require(isinstance(text, str), "a checkpoint is text")
    body, gap, signatures = text.rpartition("\n\n")
    whole = gap and body and signatures.endswith("\n") and not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text)
    require(whole, "a checkpoint is a text, an empty line and signature lines")
    rows = signatures[:-1].split("\n")
    require(len(rows) <= MOST_SIGNATURES, "a checkpoint has few signatures")
    lines = []
    for row in rows:
        matched = re.fullmatch(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})", row)
        data = base64_bytes(matched[2]) if matched else b""
        require(len(data) > 4, "signature lines are whole")  # noqa: PLR2004 - a key's id
        lines.append((matched[1], data[:4], data[4:]))  # type: ignore[index]
    return Note(body + "\n", lines)


def read_head(note: Note) -> Head:
    """Return the checkpoint that a note states."""
    lines = note.text.split("\n")
    well_formed = len(lines) == 4 and lines[0] and not lines[3] and re.fullmatch("0|[1-9][0-9]{0,15}", lines[1])  # noqa: PLR2004 - three lines
    require(well_formed, "a checkpoint is three lines: origin, size and root")
    return Head(lines[0], int(lines[1]), base64_bytes(lines[2], 32))


def signed_by(note: Note, key: Key) -> bool | None:
    """Say whether ``key`` signed the note; None where no line is of that key."""
    values = [value for name, key_id, value in note.lines if (name, key_id) == (key.name, key.id)]
    return all(line_holds(note.text, value, key) for value in values) if values else None


def line_holds(text: str, value: bytes, key: Key) -> bool:
    """Say whether one signature line is right."""
    if key.kind == LOG_KEY:
        return is_signature(key.public, value, text.encode())
    seconds = int.from_bytes(value[:8], "big")
    return seconds <= LATEST and is_signature(key.public, value[8:], f"cosignature/v1\ntime {seconds}\n{text}".encode())


def is_for(name: str, origin: str) -> bool:
    """Say whether a key of that name may sign for ``origin``: it names the log itself, or the site whose logs end in eight digits."""
    site, _, opening = origin.rpartition("/")
    return name == origin or (name == site and re.fullmatch("[0-9a-f]{8}", opening) is not None)


# What a bundle claims.
class Trust(NamedTuple):
    """Whom the reader relies on."""

    logs: list[Key]
    witnesses: list[Key]
    quorum: int


class Proven(NamedTuple):
    """What a file proves: entries; checkpoints, the newest first. ``unproven``: events of a verdict's case whose entries were erased since."""

    entries: list[dict[str, Json]]
    heads: list[Head]
    unproven: list[str]


def verify(data: bytes, trust: Trust) -> Proven:
    """Return what a file proves; raise ``RefusedError`` for the first claim that fails."""
    require(len(data) <= LARGEST_FILE, "the file is not too large")
    if data.startswith(QR_PREFIX.encode()):
        data = from_qr(data)
    if data.startswith(b"{"):
        return verify_bundle(data, trust)
    try:
        note = read_note(data.decode())
    except UnicodeDecodeError as error:
        raise RefusedError("it is a receipt, a bundle or a checkpoint") from error
    head = read_head(note)
    signers(note, keys_of(head.origin, trust, []))
    count_witnesses(note, trust)
    return Proven([], [head], [])


def from_qr(data: bytes) -> bytes:
    """Return the receipt that the text of a QR code holds: Base45 (RFC 9285) of its compressed bytes."""
    try:
        text = data.decode("ascii").rstrip("\r\n")[len(QR_PREFIX) :]
        packed = bytearray()
        for start in range(0, len(text), 3):
            digits = [BASE45.index(character) for character in text[start : start + 3]]
            number = sum(digit * 45**place for place, digit in enumerate(digits))
            require(len(digits) > 1, "the text of the QR code is whole")
            packed += number.to_bytes(len(digits) - 1, "big")
        engine = zlib.decompressobj()
        unpacked = engine.decompress(bytes(packed), LARGEST_FILE)
    except (ValueError, OverflowError, zlib.error) as error:
        # RefusedError is a ValueError too, and says the same.
        raise RefusedError("the text of the QR code is whole") from error
    require(engine.eof and not engine.unused_data, "the text of the QR code is whole")
    return unpacked


def verify_bundle(data: bytes, trust: Trust) -> Proven:
    """Verify a receipt or bundle."""
    found = parse(data)
    is_dossier = isinstance(found, dict) and found.get("format") == DOSSIER
    document = fields(found, DOSSIER_FIELDS if is_dossier else FIELDS)
    require(is_dossier or document["format"] == FORMAT, f"its format is {FORMAT} or {DOSSIER}")
    seal = base64_bytes(document["seal"], 64)
    note = read_note(document["checkpoint"])
    head = read_head(note)
    changes = [read_change(change) for change in items(document["key_changes"])]
    proofs = [fields(proof, "entry path salt") for proof in items(document["entries"])]
    earlier = [fields(past, "checkpoint path") for past in items(document["earlier"])]
    signing = signers(note, keys_of(head.origin, trust, changes))
    message = document["format"].encode() + b"\x00" + canonical({name: value for name, value in document.items() if name != "seal"})
    require(any(is_signature(key.public, seal, message) for key in signing), "the whole file is signed by the log")
    leaves = [prove_entry(proof, head) for proof in proofs]
    kept = predecessors(head.origin, [(proof["entry"], leaf) for proof, leaf in zip(proofs, leaves, strict=True)])
    heads = [head, *(prove_earlier(past, head, kept, trust, changes) for past in earlier)]
    count_witnesses(note, trust)
    entries, unproven = [proof["entry"] for proof in proofs], []
    if is_dossier:
        prove_document(document["document"], [entry["details"] for entry in entries])
        unproven = prove_verdict(document["document"], entries)
    return Proven(entries, heads, unproven)


def fields(value: Json, names: str) -> dict[str, Json]:
    """Return an object that has exactly these fields."""
    if not isinstance(value, dict) or sorted(value) != names.split():
        raise RefusedError(f"an object has exactly the fields {names}")
    return value


def items(value: Json) -> list[Json]:
    """Return a list."""
    if not isinstance(value, list):
        raise RefusedError("lists are lists")
    return value


def path_of(value: Json) -> list[bytes]:
    """Return the hashes of a proof."""
    require(len(items(value)) <= MOST_STEPS, "a proof is short")
    return [base64_bytes(step, 32) for step in value]


def read_change(value: Json) -> dict[str, Json]:
    """Return a change of the log's key that both keys signed."""
    found = fields(value, "new old signed_by_new signed_by_old site")
    require(isinstance(found["site"], str), "a change of key names the site")
    old, new = base64_bytes(found["old"], 32), base64_bytes(found["new"], 32)
    message = b"consentry-key-change/1\x00" + canonical({name: found[name] for name in ("new", "old", "site")})
    by_old, by_new = base64_bytes(found["signed_by_old"], 64), base64_bytes(found["signed_by_new"], 64)
    require(is_signature(old, by_old, message) and is_signature(new, by_new, message), "both keys signed a change of key")
    return {"site": found["site"], "old": old, "new": new}


def keys_of(origin: str, trust: Trust, changes: list[dict[str, Json]]) -> list[Key]:
    """Return the keys that may sign for ``origin``: pinned ones, and those that took over from them in turn."""
    trusted = [key.public for key in trust.logs if key.kind == LOG_KEY and is_for(key.name, origin)]
    require(trusted, f"a pinned key is for the log {origin}")
    for change in changes:
        require(is_for(change["site"], origin), "a change of key is of this log")
        if change["old"] in trusted:
            trusted.append(change["new"])
    return [Key(origin, LOG_KEY, public) for public in dict.fromkeys(trusted)]


def signers(note: Note, keys: list[Key]) -> list[Key]:
    """Return the keys that signed the note."""
    verdicts = {key: signed_by(note, key) for key in keys}
    require(True in verdicts.values() and False not in verdicts.values(), "a pinned key of the log signed the checkpoint")
    return [key for key, verdict in verdicts.items() if verdict]


def prove_entry(proof: dict[str, Json], head: Head) -> bytes:
    """Return the leaf of an entry that stands in the log."""
    entry = fields(proof["entry"], "action actor at details index object purpose reason")
    texts = all(isinstance(entry[name], str) for name in ("action", "actor", "at", "object", "purpose", "reason"))
    index = entry["index"]
    numbered = isinstance(index, int) and not isinstance(index, bool) and index >= 0
    require(texts and numbered and isinstance(entry["details"], dict), "an entry's fields are of their kinds")
    require(is_instant(entry["at"]), "an entry's time exists")
    leaf = hashlib.sha256(b"\x00" + canonical(entry) + base64_bytes(proof["salt"], 32)).digest()
    found = root_from_leaf(leaf, index, head.size, path_of(proof["path"])) if index < head.size else None
    require(found == head.root, f"entry {index} is in the log that the checkpoint commits to")
    return leaf


def is_instant(text: str) -> bool:
    """Say whether a time is written as 2026-01-31T23:59:59.999Z."""
    try:
        datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")  # noqa: DTZ007 - only whether it exists is asked
    except ValueError:
        return False
    return re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z", text) is not None


def predecessors(origin: str, entries: list[tuple[dict[str, Json], bytes]]) -> dict[str, int]:
    """Return the logs that this one continues after a restore, with the number of entries kept of each."""
    restores = {leaf.hex()[:8]: entry["details"] for entry, leaf in entries if entry["action"] == "ledger.restored"}
    kept = {origin: 2**53}
    found = restores.get(origin[-8:])
    while found:
        previous, size = found.get("previous"), found.get("kept")
        if not isinstance(previous, str) or not isinstance(size, int) or previous in kept:
            break
        kept[previous] = size
        found = restores.get(previous[-8:])
    return kept


def prove_earlier(past: dict[str, Json], now: Head, kept: dict[str, int], trust: Trust, changes: list[dict[str, Json]]) -> Head:
    """Return an earlier checkpoint that the newest one continues."""
    note = read_note(past["checkpoint"])
    head = read_head(note)
    require(head.size <= kept.get(head.origin, -1), f"{now.origin} continues {head.origin} up to {head.size} entries")
    signers(note, keys_of(head.origin, trust, changes))
    continued = is_continued(head.size, now.size, path_of(past["path"]), head.root, now.root)
    require(continued, f"the checkpoint of size {now.size} continues the one of size {head.size}")
    return head


def prove_document(document: Json, details: list[dict[str, Json]]) -> None:
    """Require that an entry of the log states the hash of a dossier's document."""
    require(isinstance(document, dict), "a dossier's document is an object")
    stated = hashlib.sha256(canonical(document)).hexdigest()
    require(any(found.get("document_sha256") == stated for found in details), "an entry of the log states the hash of the document")


# The bundle of a verdict (docs/attribution-verdicts.md): what its case says is what the log received.
SAME = {
    "report": ("report-filed", "report:{id}", "agency=agency client=client"),
    "refusal": ("report-replied", "report:{report}", "kind=!refuse"),
    "visit": ("arrived", "visit:{id}", "visitor=person report=report claimed_at=@claimed_at"),
    "edit": ("visit-edited", "visit:{of}", "edit=id field=field after=to"),
    "link": ("linked", "party:{a}", "with=b kind=kind grade=grade"),
    "statement": ("visitor-stated", "statement:{id}", "kind=kind person=person"),
    "outage": ("outage", "outage:{id}", "from=@from until=@until"),
    "contract": ("contract-added contract-changed", "contract:{id}", "agency=agency start=@from until=@until"),
    "signing": ("deal-recorded", "deal:{id}", "signed=@at buyers=buyers"),
}
"""By type of event: actions of its entry, the entry's object, and pairs of a detail and the event's key: `@` before an instant, `!` before a text."""
SAID_ELSEWHERE = ("outage", "contract", "signing")
"""Events that say when something held, not when they were received."""


def prove_verdict(document: dict[str, Json], entries: list[dict[str, Json]]) -> list[str]:
    """Require of the bundle of a verdict that each event of its case is what the log received; a document of another kind passes.

    Return the events of which nothing shows that any more: a tombstone stands where the entry was.
    """
    proposal = document.get("proposal")
    if not isinstance(proposal, dict):
        return []
    proven, unproven = {entry["index"]: entry for entry in entries}, []
    try:
        erased = {tombstone["details"]["index"]: tombstone for tombstone in entries if tombstone["action"] == "ledger.erased"}
        events, placed = proposal["explanation"]["case"]["events"], proposal["entries"]
        signed = next(instant(event["at"]) for event in events if event["type"] == "signing")
        for event in events:
            first = placed[event["id"]][0]
            if first not in proven and is_erased(event, first, erased.get(first)):
                unproven.append(event["id"])
            else:
                prove_event(event, placed[event["id"]], proven, signed)
    except (AttributeError, IndexError, KeyError, StopIteration, TypeError) as error:
        raise RefusedError("every event of the verdict's case names its entries") from error
    return unproven


def is_erased(event: dict[str, Json], index: int, tombstone: dict[str, Json] | None) -> bool:
    """Say whether a tombstone shows that an entry of the kind that received an event stood at an index; without its signing there is no case."""
    if tombstone is None or event["type"] == "signing" or not 0 <= index < tombstone["index"]:
        return False
    return tombstone["details"]["action"].removeprefix("attribution.") in SAME[event["type"]][0].split()


def prove_event(event: dict[str, Json], indexes: list[int], proven: dict[int, dict[str, Json]], signed: datetime | None) -> None:
    """Require that an event says what its entries say."""
    actions, named, pairs = SAME[event["type"]]
    subject = f"event {event['id']} of the case"
    require(indexes[0] in proven, f"{subject} is in the log")
    first, answers = proven[indexes[0]], [proven[index] for index in indexes[1:] if index in proven]
    is_its_own = first["action"].removeprefix("attribution.") in actions.split() and first["object"] == named.format(**event)
    require(is_its_own, f"{subject} is in the log")
    for detail, _, key in (pair.partition("=") for pair in pairs.split()):
        require(detail in first["details"] and is_same(first["details"][detail], key, event), f"{subject} has the {detail} that the log received")
    received = instant(event.get("at")) == instant(first["at"]) or is_brought(event, first, answers)
    require(event["type"] in SAID_ELSEWHERE or received, f"{subject} has the time at which the log received it")
    prove_answers(event, first, [answer for answer in answers if answer["object"] == first["object"]], signed, subject)


def prove_answers(event: dict[str, Json], first: dict[str, Json], answers: list[dict[str, Json]], signed: datetime | None, subject: str) -> None:
    """Require that what an event says only because of an answer was answered: a visitor's yes, a statement that somebody found credible."""
    said = {(answer["action"], answer["details"].get("answer"), answer["details"].get("credible")) for answer in answers if in_time(answer, signed, event)}
    if event["type"] == "visit":
        binding, confirmed = first["details"].get("binding"), ("attribution.visitor-answered", "confirmed", None) in said
        require(event["bound"] == (binding in ("bound", "bound-unrevealed") or confirmed), f"{subject} is bound as the log says")
        require(event.get("grade") == ("A" if binding == "bound" and confirmed else "B"), f"{subject} has the grade that follows from the log")
    elif event["type"] == "statement":
        require(not event["credible"] or ("attribution.statement-decided", None, True) in said, f"somebody found {subject} credible")


def in_time(answer: dict[str, Json], signed: datetime | None, event: dict[str, Json]) -> bool:
    """Say whether an answer counts: a visitor's only until the contract was signed."""
    at = instant(answer["at"])
    return event["type"] == "statement" or (at is not None and signed is not None and at <= signed)


def is_same(found: Json, key: str, event: dict[str, Json]) -> bool:
    """Say whether a detail of an entry is what an event has under a key."""
    if key.startswith("@"):
        return (found is None) == (event.get(key[1:]) is None) and instant(found) == instant(event.get(key[1:]))
    wanted = key[1:] if key.startswith("!") else event[key]
    return type(found) is type(wanted) and found == wanted


def is_brought(event: dict[str, Json], first: dict[str, Json], others: list[dict[str, Json]]) -> bool:
    """Say whether a link was entered with a contract that was signed at the link's time."""
    contracts = [one for one in others if one["action"] == "attribution.deal-recorded" and one["at"] == first["at"]]
    return event["type"] == "link" and any(instant(one["details"].get("signed")) == instant(event.get("at")) for one in contracts)


def instant(text: Json) -> datetime | None:
    """Return an instant to the millisecond, as the log keeps it, or None for what is none."""
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))  # noqa: FURB162 - Python 3.10 reads no Z
        return found.replace(microsecond=found.microsecond // 1000 * 1000) if found.tzinfo else None
    except (AttributeError, ValueError):
        return None


def count_witnesses(note: Note, trust: Trust) -> None:
    """Require the co-signatures that the reader asks for."""
    verdicts = {key: signed_by(note, key) for key in trust.witnesses}
    require(False not in verdicts.values(), "co-signatures of pinned witnesses are right")
    require(len({key.public for key, verdict in verdicts.items() if verdict}) >= trust.quorum, f"{trust.quorum} pinned witnesses co-signed")


def main() -> int:
    """Verify the files named on the command line."""
    parser = argparse.ArgumentParser(description="Verify receipts, bundles and checkpoints of a Consentry log, offline.")
    parser.add_argument("--key", action="append", required=True, help="a key of the log to rely on; may be given several times")
    parser.add_argument("--witness", action="append", default=[], help="a key of a witness to rely on")
    parser.add_argument("--quorum", type=int, default=0, help="how many of the witnesses must have co-signed")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    given = parser.parse_args()
    try:
        trust = Trust([read_key(text) for text in given.key], [read_key(text) for text in given.witness], given.quorum)
    except RefusedError as error:
        parser.error(f"give each key as the site published it; of one this does not hold: {error}")
    roots: dict[tuple[str, int], bytes] = {}
    refused = 0
    for path in given.files:
        try:
            entries, heads, unproven = verify(path.read_bytes(), trust)
            for head in heads:
                same = roots.setdefault((head.origin, head.size), head.root) == head.root
                require(same, f"no two files show different logs of size {head.size}: this log was forked")
        except OSError as error:
            refused += 1
            print(f"UNREAD    {path}: {error.strerror}")
        except RefusedError as error:
            refused += 1
            print(f"REFUSED   {path}: this does not hold: {error}")
        else:
            numbers = ", ".join(str(entry["index"]) for entry in entries) or "none"
            print(f"verified  {path}: {heads[0].origin}, {heads[0].size} entries; proven: {numbers}")
            for event in unproven:
                print(f"UNPROVEN  {path}: event {event}: its entry was erased from the log, so that nothing here shows what it said")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
