"""Making a device a station, and what keeps a purpose from running."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from consentry.consent import service as consents
from consentry.consent.model import Purpose
from consentry.platform.errors import ConflictError, ConsentryError, DeniedError, NotFoundError, ProofError
from consentry.recognition import service
from consentry.recognition.model import TicketKind
from consentry.recognition.service.pairing import CODE_LASTS
from tests.consent.shop import CHINESE, ENGLISH, OFFICER, TERMS
from tests.recognition.house import DESK, MANAGER, STATION, Device, House, founded, opened, order_of, vault_of
from tests.recognition.vault.running import NUMBERED, running

if TYPE_CHECKING:
    from collections.abc import Iterator

GATE = """
[[purpose]]
id = "door_access"
method = "1:N"
retention = "90 days"
validity = "365 days"
alternatives = ["card"]

[[station]]
id = "gate"
name = "Gate"
purposes = ["door_access"]
"""


@pytest.fixture
def house() -> Iterator[House]:
    with opened() as found:
        yield found


def test_a_device_becomes_a_station_with_a_code_that_works_once(house: House) -> None:
    with vault_of(house):
        code = service.pair_station(house.site, MANAGER, STATION).code
        face = service.complete_pairing(house.site, f" {code[:5].lower()}-{code[5:]} ", house.device.public_key)
        assert (face.station, face.purposes, face.enrols) == (STATION, (Purpose.GREETING,), True)
        with pytest.raises(NotFoundError) as again:
            service.complete_pairing(house.site, code, Device().public_key)
        assert again.value.code == "station.code"
        assert house.decision(5) == "reject", "the device that was first is the station"
    assert [act.actor for act in house.acts("station.paired")] == [MANAGER.label] * 2
    assert code not in str(house.acts("station.pairing-started"))


def test_a_code_that_is_old_replaced_or_made_up_pairs_nothing(house: House) -> None:
    with vault_of(house):
        replaced = service.pair_station(house.site, MANAGER, STATION).code
        old = service.pair_station(house.site, MANAGER, STATION).code
        house.clock.pass_by(seconds=CODE_LASTS.total_seconds())
        for code in (replaced, old, "23456789AB", "", "\ud800"):
            with pytest.raises(NotFoundError):
                service.complete_pairing(house.site, code, Device().public_key)


def test_another_device_takes_the_place_of_the_first(house: House) -> None:
    with vault_of(house):
        first = house.device
        house.device = Device()
        house.pair()
        assert house.decision(5) == "reject"
        house.device = first
        with pytest.raises(ProofError):
            house.decision(5)


def test_a_station_that_is_unpaired_activates_nothing(house: House) -> None:
    with vault_of(house):
        service.unpair_station(house.site, MANAGER, STATION, "sold")
        with pytest.raises(ProofError):
            house.ticket(TicketKind.IDENTIFY)
        with pytest.raises(NotFoundError):
            service.unpair_station(house.site, MANAGER, STATION, "again")
    assert [act.reason for act in house.acts("station.unpaired")] == ["sold"]


def test_only_who_manages_stations_may(house: House) -> None:
    for use in (
        lambda: service.stations(house.site, DESK),
        lambda: service.pair_station(house.site, DESK, STATION),
        lambda: service.unpair_station(house.site, DESK, STATION, "x"),
        lambda: service.resume_station(house.site, DESK, STATION, "x"),
    ):
        with pytest.raises(DeniedError):
            use()


@pytest.mark.parametrize("use", [service.station_face, lambda site, name: service.pair_station(site, MANAGER, name)])
def test_a_station_that_the_settings_do_not_name_is_unknown(house: House, use: object) -> None:
    with pytest.raises(NotFoundError) as refused:
        use(house.site, "gate")  # type: ignore[operator]
    assert refused.value.code == "station.unknown"


def test_settings_that_change_reach_the_vault_and_a_station_they_drop_is_gone(house: House) -> None:
    path = house.site.store.path
    with vault_of(house):
        path.write_text(path.read_text(encoding="utf-8").replace("enrols = true", "enrols = false"), encoding="utf-8")
        house.site.store.reload()
        service.look_after(house.site)
        with pytest.raises(ConsentryError) as refused:
            house.ticket(TicketKind.ENROL, "00000000-0000-4000-8000-000000000000")
        assert refused.value.code == "station.purpose"
        text = path.read_text(encoding="utf-8")
        path.write_text(text[: text.index('[[station]]\nid = "kiosk"')], encoding="utf-8")
        house.site.store.reload()
        service.look_after(house.site)
        assert service.vault_status(house.site).stations == 0
    assert [act.actor for act in house.acts("station.unpaired")] == ["system:recognition"]


def test_a_vault_that_lost_its_stations_is_told_of_them_again(house: House) -> None:
    with vault_of(house):
        assert house.decision(5) == "reject"
    for kept in house.site.store.places.person_keys.glob("registers.db*"):
        kept.unlink()
    with vault_of(house):
        assert service.vault_status(house.site).stations == 0
        house.ticket(TicketKind.IDENTIFY)
        assert service.vault_status(house.site).stations == 1


def blockers(house: House) -> list[str]:
    [state] = service.purposes_open(house.site)
    return [blocker.code for blocker in state.blockers]


@pytest.mark.parametrize(
    ("change", "code"),
    [({"separate": False}, "vault.not-separate"), ({"calibration": None}, "vault.no-calibration"), ({"purposes": (), "identifies": ()}, "vault.off")],
)
def test_what_the_vault_lacks_keeps_a_purpose_from_running_and_says_so_in_both_languages(house: House, change: dict[str, object], code: str) -> None:
    assert "vault.away" in blockers(house)
    with vault_of(house):
        assert blockers(house) == []
    with running(replace(house.order, **change), NUMBERED):  # type: ignore[arg-type]
        assert blockers(house)[0] == code
        with pytest.raises(ConflictError) as refused:
            house.ticket(TicketKind.IDENTIFY)
        assert refused.value.code == code
    [state] = service.purposes_open(house.site)
    assert all(blocker.zh and blocker.en.endswith(".") for blocker in state.blockers)


def test_without_notice_or_station_a_purpose_does_not_run() -> None:
    with founded(more=GATE) as (site, _), running(order_of(site), NUMBERED):
        states = service.purposes_open(site)
        assert [state.purpose for state in states] == [Purpose.GREETING, Purpose.DOOR_ACCESS]
        assert not any(state.open for state in states)
        codes = [blocker.code for blocker in states[0].blockers]
        assert codes[-1] == "station.none"
        assert set(codes) > {"station.none"}, "notice and assessment are missing too"
        consents.publish_notice(site, OFFICER, Purpose.GREETING, {"zh-CN": CHINESE, "en": ENGLISH}, TERMS)
        assert len(service.purpose_state(site, Purpose.GREETING).blockers) < len(codes)
