"""Messages: read exactly as they were written, and refused when anything about them is not as it must be."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from consentry.consent.model import Purpose
from consentry.platform.errors import InputError, ProofError
from consentry.recognition import messages
from consentry.recognition.codec import MOST_ITEMS, from_document, from_text, to_document, to_text
from consentry.recognition.messages import read_answer, read_station_question, read_web_question, written
from consentry.recognition.model import Act, Activation, Band, Capture, Decision, Outcome, StationTicket, TicketKind
from consentry.recognition.seals import SealKind, opened_erasure, opened_outcome, signed_bytes

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
CAPTURE = Capture("yunet", {"sharpness": 80}, {"active": True}, attested=True)
TICKET = StationTicket("t", "s", TicketKind.VERIFY, Purpose.GREETING, NOW, "ab", "c", attended=True)
OUTCOME = Outcome(3, NOW, "t", "s", TicketKind.VERIFY, Purpose.GREETING, Decision.ACCEPT, Band.CLEAR, "1e-4", "m@1", ("low",), "p", "c", ("d",))
TOMBSTONE = messages.Tombstone(1, NOW, "p", "c", Purpose.GREETING)
WEB: list[messages.WebQuestion] = [
    messages.Status(),
    messages.RegisterStation("s", "key", (Purpose.GREETING, Purpose.DOOR_ACCESS), may_enrol=True, attested=False),
    messages.RemoveStation("s"),
    messages.MintTicket("{}", "sig", None),
    messages.MintTicket("{}", "sig", "staff"),
    messages.Revoke("p", "c", Purpose.GREETING),
    messages.Suspend("c"),
    messages.Resume("c"),
    messages.Tombstones(0),
    messages.LoadCalibration("{\n}"),
    messages.RotateTransform(Purpose.SALE_ATTRIBUTION),
    messages.Population(),
    messages.FetchToken("t"),
]
STATION: list[messages.StationQuestion] = [messages.Enrol("t", "g", CAPTURE), messages.Verify("t", "c", CAPTURE), messages.Identify("t", CAPTURE)]
ANSWERS: list[messages.Answer] = [
    messages.VaultStatus("s", "cn", True, (Purpose.GREETING,), "dlib", None, False, {"1": "k"}, 4, 1),  # noqa: FBT003 - fields in their order
    messages.Done(),
    messages.Refused("vault.rate", "too often", "wait"),
    messages.MintedTicket(TICKET),
    messages.SignedOutcome("{}", "sig", 1),
    messages.SignedErasure("{}", "sig", 1),
    messages.TombstoneList((TOMBSTONE,), more=False),
    messages.PopulationCount({"greeting": 3}),
    messages.IssuedToken("CT1.x"),
]


@pytest.mark.parametrize("message", WEB)
def test_a_question_of_the_web_process_is_read_as_written(message: messages.WebQuestion) -> None:
    assert read_web_question(written(message)) == message


@pytest.mark.parametrize("message", STATION)
def test_a_question_of_a_station_is_read_as_written(message: messages.StationQuestion) -> None:
    assert read_station_question(written(message)) == message


@pytest.mark.parametrize("message", ANSWERS)
def test_an_answer_is_read_as_written(message: messages.Answer) -> None:
    assert read_answer(written(message)) == message


@pytest.mark.parametrize("message", [*WEB, *STATION, *ANSWERS], ids=lambda message: message.TYPE)
def test_a_field_too_many_or_too_few_is_refused(message: messages.Message) -> None:
    header = written(message)
    read: Any = read_web_question if message in WEB else read_station_question if message in STATION else read_answer
    for wrong in ({**header, "more": 1}, *({key: value for key, value in header.items() if key != name} for name in header)):
        with pytest.raises(InputError) as caught:
            read(wrong)
        assert caught.value.code == "vault.message"


WRONG: list[Any] = [None, True, 1, "x" * 201, "a\nb", "\x00", [], {}, ["x"], {"a": None}, {"a": "b"}, "2026-01-01T00:00:00", -(2**53) + 1]


@given(data=st.data())
def test_a_value_of_another_type_is_refused_or_means_itself(data: st.DataObject) -> None:
    message = data.draw(st.sampled_from([*WEB[1:], *STATION]))
    header = written(message)
    name = data.draw(st.sampled_from(sorted(header)))
    header[name] = data.draw(st.sampled_from(WRONG))
    read: Any = read_web_question if message in WEB else read_station_question
    code, text = "vault.message", ""
    try:
        assert written(read(header)) == header
    except InputError as error:
        code, text = error.code, str(error)
    assert code == "vault.message"
    assert "x" * 201 not in text, "what came is never repeated"


def test_no_question_of_one_door_is_read_at_the_other() -> None:
    for message in WEB:
        with pytest.raises(InputError):
            read_station_question(written(message))
    for question in STATION:
        with pytest.raises(InputError):
            read_web_question(written(question))


def test_lists_and_mappings_have_an_end() -> None:
    header = written(messages.Identify("t", CAPTURE))
    capture = to_document(CAPTURE)
    header["capture"] = {**capture, "quality": {str(number): 1 for number in range(MOST_ITEMS + 1)}}
    with pytest.raises(InputError):
        read_station_question(header)


def test_instants_have_a_zone_and_become_utc() -> None:
    activation = Activation("s", TicketKind.IDENTIFY, Purpose.GREETING, Act.QR, 1, NOW, "ff", "ab")
    document = to_document(activation)
    for text in ("2026-05-01T12:00:00Z", "2026-05-01T12:00:00.000Z", "2026-05-01T20:00:00+08:00"):
        assert from_document(Activation, {**document, "at": text}).at == NOW
    for wrong in ("2026-05-01T12:00:00", "noon", "", "0001-01-01T00:00:00+23:59", 1, "9" * 50):
        with pytest.raises(InputError):
            from_document(Activation, {**document, "at": wrong})
    assert to_document(replace(activation, at=NOW.astimezone(timezone(timedelta(hours=8)))))["at"] == "2026-05-01T12:00:00+00:00"


def test_a_text_is_canonical_or_refused() -> None:
    text = to_text(OUTCOME)
    assert from_text(Outcome, text) == OUTCOME
    for wrong in (" " + text, text.replace(":", ": "), text[:-1], text.replace('"sequence":3', '"sequence":3.0'), "\ud800", "[]", ""):
        with pytest.raises(InputError):
            from_text(Outcome, wrong)


def sealed(text: str, kind: SealKind, key: Ed25519PrivateKey) -> str:
    return base64.b64encode(key.sign(signed_bytes(kind, text))).decode()


def test_an_outcome_is_believed_only_with_the_signature_of_the_vault() -> None:
    key, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    keys = {1: key.public_key().public_bytes_raw()}
    text = to_text(OUTCOME)
    good = messages.SignedOutcome(text, sealed(text, SealKind.OUTCOME, key), 1)
    assert opened_outcome(good, keys) == OUTCOME
    for wrong in (
        replace(good, outcome=text.replace("accept", "reject")),
        replace(good, signature=sealed(text, SealKind.OUTCOME, other)),
        replace(good, signature=sealed(text, SealKind.ERASURE, key)),
        replace(good, signature="é"),
        replace(good, signature=""),
        replace(good, epoch=2),
    ):
        with pytest.raises(ProofError) as caught:
            opened_outcome(wrong, keys)
        assert caught.value.code == "vault.signature"
    erased = messages.Erased(1, NOW, "p", "c", Purpose.GREETING, ("gallery",))
    answer = messages.SignedErasure(to_text(erased), sealed(to_text(erased), SealKind.ERASURE, key), 1)
    assert opened_erasure(answer, keys) == erased
    with pytest.raises(ProofError):
        opened_erasure(replace(answer, signature=good.signature), keys)
