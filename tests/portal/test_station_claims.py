"""Where a yes was given: at the station whose key signed it, or else on a device of the person's own."""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from consentry.consent import service as consent
from consentry.consent.grants import KEY_PURPOSE, verified
from consentry.consent.model import ConsentState, Purpose
from consentry.ledger.rules.canonical import canonical
from consentry.ledger.signatures import public_bytes
from consentry.recognition.records import StationRow
from tests.consent.shop import NOON, acts
from tests.portal.forms import Page, send
from tests.recognition.house import Device

if TYPE_CHECKING:
    import httpx

    from consentry.platform.site import Site
    from tests.api.client import Client

FOREIGN = {
    "another act": {"action": "0" * 32},
    "another text": {"notice_sha256": "0" * 64},
    "another purpose": {"purpose": "door_access"},
    "another station": {"station": "gate"},
}


@pytest.fixture
def device(station_site: Site) -> Device:
    """Return the device that is the kiosk; the gate has none."""
    made = Device()
    row = StationRow(station="kiosk", public_key=made.public_key, paired=NOON, paired_by="staff:1", registered="{}", stopped=None)
    with station_site.database.transaction() as session:
        session.add(row)
    return made


def say_yes(visitor: Client, device: Device, asked: str = "greeting", **changes: str) -> httpx.Response:
    """Say yes at the kiosk as its page does; ``changes``: what its key signs of another yes than this."""
    form = Page(visitor.get(f"/kiosk/kiosk/agree/{asked}/notice?age=14&lang=en")).forms[0]
    said = {"action": form.fields["action"], "notice_sha256": form.fields["notice"], "purpose": asked, "station": "kiosk", **changes}
    claim = canonical(dict(said)).decode()
    return send(visitor, form, answer="yes", claim=claim, signature=device.sign(claim))


def stations_of(site: Site) -> list[Any]:
    """Return where each consent was given, as the log has it."""
    return [act.details["station"] for act in acts(site, "consent.given")]


def test_a_yes_that_the_station_signed_was_given_at_it_and_goes_on_to_the_camera(visitor: Client, station_site: Site, device: Device) -> None:
    answer = say_yes(visitor, device)
    wish = json.loads(html.unescape(re.findall(r'data-capture="([^"]*)"', answer.text)[0]))
    (given,) = acts(station_site, "consent.given")
    assert given.details["station"] == "kiosk"
    assert wish == {"station": "kiosk", "kind": "enrol", "purpose": "greeting", "consent": given.object.removeprefix("consent:"), "notice": wish["notice"]}
    assert "camera=(self)" in answer.headers["permissions-policy"]
    assert consent.state_of(station_site, wish["consent"]) is ConsentState.GIVEN


@pytest.mark.parametrize(("signed", "attested"), [(True, True), (False, False)], ids=["signed by the station", "from anywhere"])
def test_only_a_yes_that_the_station_signed_may_enrol_for_doors(visitor: Client, station_site: Site, device: Device, signed: bool, attested: bool) -> None:
    if signed:
        say_yes(visitor, device, "door_access")
    else:
        answer = send(visitor, Page(visitor.get("/kiosk/kiosk/agree/door_access/notice?age=14&lang=en")).forms[0], answer="yes")
        assert "data-capture" not in answer.text, "what no station signed goes on like a telephone's"
        assert stations_of(station_site) == [None]
    (given,) = acts(station_site, "consent.given")
    grant = consent.grant_of(station_site, given.object.removeprefix("consent:"))
    key = public_bytes(station_site.keys.signing_key(KEY_PURPOSE))
    assert verified(grant, {1: key}).may_enrol_for_doors is attested
    assert given.purpose == Purpose.DOOR_ACCESS


@pytest.mark.parametrize("changes", FOREIGN.values(), ids=FOREIGN)
def test_a_claim_of_something_else_than_this_yes_is_refused_and_nothing_is_recorded(
    visitor: Client, station_site: Site, device: Device, changes: dict[str, str]
) -> None:
    assert say_yes(visitor, device, **changes).status_code == 422
    assert acts(station_site, "consent.given") == []


def test_a_claim_that_another_device_signed_is_refused_whether_the_station_has_one_or_not(visitor: Client, station_site: Site, device: Device) -> None:
    assert say_yes(visitor, Device()).status_code == 422
    with station_site.database.transaction() as session:
        session.delete(session.get_one(StationRow, "kiosk"))
    assert say_yes(visitor, device).status_code == 422
    assert acts(station_site, "consent.given") == []


def test_a_station_that_an_incident_stopped_vouches_for_no_yes(visitor: Client, station_site: Site, device: Device) -> None:
    with station_site.database.transaction() as session:
        session.get_one(StationRow, "kiosk").stopped = "other-capture"
    assert say_yes(visitor, device).status_code == 409
    assert acts(station_site, "consent.given") == []


def test_a_no_needs_no_station_and_claims_none(visitor: Client, station_site: Site) -> None:
    answer = send(visitor, Page(visitor.get("/kiosk/kiosk/agree/greeting/notice?age=14&lang=en")).forms[0], answer="no")
    assert answer.status_code == 200
    assert [act.details["station"] for act in acts(station_site, "consent.refused")] == [None]
