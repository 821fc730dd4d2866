"""Forged, replayed, expired and misplaced passes, and cards and PINs that nobody has, drawn at random: none may open a door."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key

from consentry.access.marks import inner_card
from consentry.access.model import CredentialState
from consentry.access.passes import FacePass, IssuerKey, issue_face_pass, issue_phone_pass, phone_code, step_at
from consentry.access.proving import CardShown, PinShown
from consentry.ledger.rules.canonical import canonical
from tests.access.proofs.house import NOW, UID, UNIT, House, holder_point, issuer

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

__all__ = ["KINDS", "Try", "pin"]

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the group of P-256 (SEC 2, section 2.4.2)."""
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
STRANGE = "\0\n\t =+/%٣３²é中\ud800😀.-_"
HARMLESS: list[tuple[str, object]] = [("nbf", 0), ("took", 0), ("nonce", "x"), ("doors", None), ("doors", ["gate"])]
"""What a site might well sign."""
SECONDS = [-(10**9), -86_400, -91, -61, 61, 91, 86_400, 10**9]


@dataclass(frozen=True, slots=True)
class Try:
    """What somebody shows, where and when; what was shown ``before``; and the house, whose register may say otherwise by now."""

    shown: str | CardShown | PinShown
    door: str = "gate"
    at: datetime = NOW
    before: tuple[str, ...] = ()
    house: House | None = None


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def full_width(digits: str) -> str:
    return "".join(chr(ord(digit) + 0xFEE0) for digit in digits)


def arabic(digits: str) -> str:
    return "".join(chr(ord(digit) + 0x630) for digit in digits)


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def genuine(chance: random.Random, home: House) -> str:
    return chance.choice([home.phone_shown(), home.guest_shown(), home.face_shown()])


def signed(key: IssuerKey, name: str, body: bytes) -> str:
    return f"{name}.{b64(body)}.{b64(key.key.sign(b'consentry/pass/v1' + bytes([10]) + body))}"


def body_of(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(raw(text.split(".")[1]))
    return found


def flipped_bit(chance: random.Random, home: House) -> Try:
    parts = genuine(chance, home).split(".")
    place = chance.choice([index for index in range(1, len(parts)) if len(parts[index]) > 60])
    flipped = bytearray(raw(parts[place]))
    flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
    parts[place] = b64(bytes(flipped))
    return Try(".".join(parts))


def changed_sign(chance: random.Random, home: House) -> Try:
    text = genuine(chance, home)
    place = chance.randrange(len(text))
    other = chance.choice([sign for sign in ALPHABET + STRANGE if sign != text[place]])
    return Try(text[:place] + other + text[place + 1 :])


def swapped_parts(chance: random.Random, home: House) -> Try:
    texts = [home.phone_shown(), home.guest_shown(), home.face_shown(), other_phone(home)]
    first, second = (text.split(".") for text in chance.sample(texts, 2))
    places = range(min(len(first), len(second)))
    moved = chance.sample(places, chance.randint(1, len(places) - 1))
    mixed = ".".join(second[index] if index in moved else part for index, part in enumerate(first))
    # The swap of two equal names, and of all that follows them, gives a genuine pass back.
    return Try(mixed if mixed not in texts else mixed + ".")


def other_phone(home: House) -> str:
    """Return what a telephone shows whose pass this site issued and its register does not have."""
    holder = derive_private_key(999, SECP256R1())
    phone = replace(home.phone, id="phone-9", holder=holder_point(holder))
    return phone_code(issue_phone_pass(home.issuer, phone), phone.id, holder, "gate", step_at(NOW))


def unknown_pass(_: random.Random, home: House) -> Try:
    return Try(other_phone(home))


def wrong_issuer(chance: random.Random, home: House) -> Try:
    key = issuer(chance.choice([1, 2, 3, 2**53 - 1]), chance.randrange(20, 250))
    return Try(issued_again(chance, home, key))


def other_epoch(chance: random.Random, home: House) -> Try:
    key = IssuerKey(1, home.issuer.key) if chance.random() < 0.5 else IssuerKey(2, issuer(1, 6).key)
    return Try(issued_again(chance, home, key))


def issued_again(chance: random.Random, home: House, key: IssuerKey) -> str:
    return genuine(chance, replace(home, issuer=key))


def odd_field(chance: random.Random, home: House) -> Try:
    """Write something else into one field and let the site itself sign it: what its signature covers is read strictly too."""
    name, text = chance.choice([("CG1", home.guest_shown()), ("CF1", home.face_shown()), ("CP1", home.phone_shown())])
    body = body_of(text)
    values: list[Any] = [None, True, -1, 0, 10**400, "", "x", full_width("2"), [], {}, ["gate"], [1], 2**53]
    key, value = chance.choice([(key, value) for key in body for value in values if value != body[key] and (key, value) not in HARMLESS])
    body[key] = value
    written = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return Try(reshown(home, signed(home.issuer, name, written), text))


def missing_or_more(chance: random.Random, home: House) -> Try:
    name, text = chance.choice([("CG1", home.guest_shown()), ("CF1", home.face_shown()), ("CP1", home.phone_shown())])
    body = body_of(text)
    if chance.random() < 0.5:
        del body[chance.choice(list(body))]
    else:
        body[chance.choice(["admin", "Doors", "v2", "", "host ", "doorS"])] = chance.choice([1, True, "gate"])
    return Try(reshown(home, signed(home.issuer, name, canonical(body)), text))


def other_json(chance: random.Random, home: House) -> Try:
    """Write the same body otherwise, and let the site itself sign it: spaces, another order, a key twice, escapes, a fraction, bytes after the end."""
    name, text = chance.choice([("CG1", home.guest_shown()), ("CF1", home.face_shown()), ("CP1", home.phone_shown())])
    plain = raw(text.split(".")[1]).decode()
    written = chance.choice([
        plain.replace(",", ", ", 1),
        plain + chance.choice(" \n\0}"),
        "\ufeff" + plain,
        json.dumps(dict(reversed(body_of(text).items())), separators=(",", ":")),
        plain[:-1] + ',"v":1}',
        '{"site":"home",' + plain[1:],
        plain.replace('"site"', '"s\\u0069te"'),
        plain.replace('"v":1', '"v":1.0'),
        plain.replace('"v":1', '"v":1e0'),
        plain.replace('"v":1', '"v":01'),
        plain.replace('"v":1', '"v":NaN'),
        "[" * 1000 + plain,
    ])  # fmt: skip
    return Try(reshown(home, signed(home.issuer, name, written.encode()), text))


def reshown(home: House, issued: str, text: str) -> str:
    """Return what is shown of a pass: a telephone adds door, step and its signature."""
    return phone_code(issued, home.phone.id, home.holder, "gate", step_at(NOW)) if text.startswith("CP1") else issued


def other_name(chance: random.Random, home: House) -> Try:
    name, *rest = genuine(chance, home).split(".")
    return Try(".".join([chance.choice([other for other in ("CP1", "CG1", "CF1", "CP2", "cp1", "CS1", "", "CP" + full_width("1")) if other != name]), *rest]))


def replayed(chance: random.Random, home: House) -> Try:
    text = chance.choice([home.phone_shown(), home.face_shown()])
    return Try(text, at=NOW + timedelta(seconds=chance.randint(0, 9)), before=(text,))


def resigned_replay(_: random.Random, home: House) -> Try:
    """Show the code of a step once more under the other signature that ECDSA has for the same text, (r, n - s)."""
    text = home.phone_shown()
    *parts, signature = text.split(".")
    pair = raw(signature)
    other = pair[:32] + (ORDER - int.from_bytes(pair[32:], "big")).to_bytes(32, "big")
    return Try(".".join([*parts, b64(other)]), before=(text,))


def odd_signature(chance: random.Random, home: House) -> Try:
    *parts, _ = home.phone_shown().split(".")
    numbers = [0, 1, ORDER - 1, ORDER, ORDER + 1, 2**256 - 1, chance.randrange(ORDER)]
    pair = chance.choice(numbers).to_bytes(32, "big") + chance.choice(numbers).to_bytes(32, "big")
    return Try(".".join([*parts, b64(pair[: chance.choice([64, 64, 63, 32, 1])])]))


def odd_holder(chance: random.Random, home: House) -> Try:
    """Put something else than a point of the curve into a pass that the site signed."""
    point = holder_point(home.holder)
    odd = chance.choice(
        [bytes(65), b"\x04" + bytes(64), b"\x02" + point[1:33], b"\x00", point[:-1] + bytes([point[-1] ^ 1]), point + b"\0", b"\x06" + point[1:]]
    )
    issued = signed(home.issuer, "CP1", canonical({**body_of(home.phone_shown()), "holder": b64(odd)}))
    return Try(phone_code(issued, home.phone.id, home.holder, "gate", step_at(NOW)))


def other_holder(chance: random.Random, home: House) -> Try:
    thief = replace(home, holder=derive_private_key(chance.randrange(1, ORDER), SECP256R1()))
    return Try(phone_code(issue_phone_pass(home.issuer, home.phone), home.phone.id, thief.holder, "gate", step_at(NOW)))


def other_step(chance: random.Random, home: House) -> Try:
    steps = chance.choice([-1, 1]) * chance.choice([2, 3, 10, 2880, 10**6])
    return Try(home.phone_shown(step=step_at(NOW) + steps))


def step_rewritten(chance: random.Random, home: House) -> Try:
    """Show an old code under the step of now, or the step in other digits."""
    old, now = home.phone_shown(step=step_at(NOW) - chance.randint(2, 9)).split("."), str(step_at(NOW))
    other = chance.choice(
        [now, "0" + now, "+" + now, now[:1] + "_" + now[1:], chance.choice([arabic, full_width])(now), " " + now, now + "\n", now + ".0", "-1", ""]
    )
    if other != now and chance.random() < 0.5:
        old = home.phone_shown().split(".")
    old[4] = other
    return Try(".".join(old))


def other_door(chance: random.Random, home: House) -> Try:
    text = home.phone_shown()
    shown_at_lobby = chance.choice([text, text.replace(".gate.", ".lobby."), home.guest_shown(), home.face_shown()])
    narrow = replace(home, phone=replace(home.phone, doors=("gate",))).phone_shown("lobby")
    name = chance.choice(["Lobby", "lobby ", "", "\ud800", "lobby%00", "löbby"])
    odd = text.replace(".gate.", f".{name}.")
    return Try(chance.choice([shown_at_lobby, narrow, odd]), "lobby")


def other_site(chance: random.Random, home: House) -> Try:
    elsewhere = replace(home, phone=replace(home.phone, site="other"), guest=replace(home.guest, site="other"))
    face = issue_face_pass(home.issuer, FacePass("other", "gate", "consent-1", "n1", timedelta(seconds=4), NOW + timedelta(seconds=9)))
    return Try(chance.choice([elsewhere.phone_shown(), elsewhere.guest_shown(), face]))


def out_of_date(chance: random.Random, home: House) -> Try:
    off = timedelta(seconds=chance.choice(SECONDS))
    ended = (NOW - timedelta(days=2), NOW) if chance.random() < 0.5 else (NOW + timedelta(seconds=1), NOW + timedelta(days=2))
    dated = replace(
        home, phone=replace(home.phone, valid_from=ended[0], valid_until=ended[1]), guest=replace(home.guest, valid_from=ended[0], valid_until=ended[1])
    )
    return chance.choice([Try(dated.phone_shown()), Try(dated.guest_shown()), Try(home.face_shown(), at=NOW + off), Try(home.phone_shown(), at=NOW + off)])


def truncated(chance: random.Random, home: House) -> Try:
    text = genuine(chance, home)
    return Try(text[: chance.randrange(len(text))])


def huge(chance: random.Random, home: House) -> Try:
    text, more = genuine(chance, home), chance.choice(["A", ".", "9", "中"]) * chance.choice([1_700, 2_048, 50_000])
    return Try(chance.choice([text + more, more + text, text.replace(".", "." + more, 1)]))


def other_base64(chance: random.Random, home: House) -> Try:
    parts = genuine(chance, home).split(".")
    place = chance.choice([index for index in range(1, len(parts)) if len(parts[index]) > 60])
    part = parts[place]
    last = part[:-1] + ALPHABET[(ALPHABET.index(part[-1]) | 1)]
    ways = [part + "=", part + "==", part + "\n", " " + part, part[:9] + "\n" + part[9:], part.replace("-", "+").replace("_", "/") + "=", part + "A", last]
    changed = [way for way in ways if way != part]
    parts[place] = chance.choice(changed)
    return Try(".".join(parts))


def register_says_no(chance: random.Random, home: House) -> Try:
    """Show a genuine pass whose credential the register does not let open any more."""
    credential, text = chance.choice([("phone", home.phone_shown()), ("guest", home.guest_shown()), ("face", home.face_shown())])
    changes: list[dict[str, Any]] = [
        *({"state": state} for state in CredentialState if state is not CredentialState.ACTIVE),
        {"valid_until": NOW},
        {"valid_from": NOW + timedelta(seconds=1)},
        {"doors": ("lobby",)},
        {"mark": "phone-2"},
    ]
    if credential == "guest":
        changes += [{"uses": 4}, {"uses": None}, {"needs_host": True}, {"uses": 0}]
    return Try(text, house=home.with_credential(credential, **chance.choice(changes)))


def noise(chance: random.Random, _: House) -> Try:
    signs = "".join(chance.choices(ALPHABET + STRANGE, k=chance.randrange(200)))
    return Try(chance.choice(["", "CP1.", "CG1.", "CF1.", "CP1.." + ".", "CP1......"]) + signs)


def guest_of_many_doors(_: random.Random, home: House) -> Try:
    """Show a pass that this site would never issue, for two doors, at the one that the register does not know of."""
    body = {**body_of(home.guest_shown()), "doors": ["gate", "lobby"]}
    return Try(signed(home.issuer, "CG1", canonical(body)), "lobby")


def card(chance: random.Random, home: House) -> Try:
    """Return a card that nobody has, made from one that somebody has."""
    marked = home.secrets.mark(inner_card("uid", UID)).encode()
    other = bytearray(UID)
    other[chance.randrange(len(other))] ^= 1 << chance.randrange(8)
    ways = [
        ("uid", bytes(other)),
        ("desfire", UID),
        ("ui", b"d" + UID),
        ("uid", UID[:-1]),
        ("uid", UID + b"\0"),
        ("uid", b""),
        ("uid", marked),
        ("uid", bytes(10**5)),
    ]
    return Try(CardShown("gate", *chance.choice([*ways, ("", UID), ("UID", UID), ("uid", chance.randbytes(7))])))


def pin(chance: random.Random, home: House) -> Try:
    """Return a PIN that is not the unit's or the card's; most cost an Argon2id."""
    pins = [
        "739151",
        "73915",
        "7391522",
        arabic("739152"),
        full_width("739152"),
        " 739152",
        "739152\n",
        "",
        "804417",
        home.compiled.credentials["pin"].mark,
        f"{chance.randrange(10**6):06}0",
    ]
    units: list[str | CardShown] = [UNIT, "3-1202", "", "3-1201" * 99, "\ud800", "\0", CardShown("gate", "uid", UID)]
    unit = chance.choice(units)
    return Try(PinShown("gate", unit, chance.choice([one for one in pins if one != "804417" or isinstance(unit, str)])))


KINDS: tuple[Callable[[random.Random, House], Try], ...] = (
    flipped_bit,
    changed_sign,
    swapped_parts,
    unknown_pass,
    wrong_issuer,
    other_epoch,
    odd_field,
    missing_or_more,
    other_json,
    other_name,
    replayed,
    resigned_replay,
    odd_signature,
    odd_holder,
    other_holder,
    other_step,
    step_rewritten,
    other_door,
    other_site,
    out_of_date,
    truncated,
    huge,
    other_base64,
    register_says_no,
    noise,
    guest_of_many_doors,
    card,
)
