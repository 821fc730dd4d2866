"""Devices that become controllers: by a code, once, with a secret of their own; and stop being one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from consentry.access.controller.sealing import open_secret
from consentry.access.model import DoorEvent
from consentry.access.records.policies import ControllerSnapshotRow
from consentry.access.service import controllers
from consentry.platform.errors import ConsentryError, DeniedError
from tests.access.events.lodge import FIRST, GUARD, Controller

if TYPE_CHECKING:
    from tests.access.events.lodge import Lodge


def test_a_code_makes_a_device_the_controller_and_its_secret_reaches_it_alone(any_lodge: Lodge) -> None:
    device, stranger = Controller(any_lodge.site), Controller(any_lodge.site)
    paired = device.pair()
    assert (paired.controller, paired.site) == ("main", "lodge-1")
    assert len(open_secret(device.exchange, "main", paired.secret)) == 32
    with pytest.raises(ConsentryError, match=r"not encrypted to this controller"):
        open_secret(stranger.exchange, "main", paired.secret)
    state = next(state for state in controllers.controllers(any_lodge.site, GUARD) if state.controller == "main")
    assert (state.doors, state.paired_by, state.away) == (("front", "hall", "out"), FIRST.label, False)
    assert len(any_lodge.acts("access.controller-paired")) == 1


def test_another_device_takes_the_place_of_the_first_with_another_secret_and_a_log_of_its_own(lodge: Lodge, main: Controller) -> None:
    main.happen(DoorEvent.OPENED)
    assert main.send().acknowledged == 1
    first, second = Controller(lodge.site), Controller(lodge.site)
    secrets = {open_secret(device.exchange, "main", device.pair().secret) for device in (first, second)}
    assert len(secrets) == 2
    with pytest.raises(ConsentryError, match="no key of this controller signed it"):
        main.send()
    assert second.send().acknowledged == 0
    second.happen(DoorEvent.OPENED)
    assert second.send().acknowledged == 1


def test_a_code_works_once_and_for_ten_minutes_and_only_the_newest_one(lodge: Lodge) -> None:
    older = controllers.pair_controller(lodge.site, FIRST, "main").code
    newer = controllers.pair_controller(lodge.site, FIRST, "main").code
    assert _code_of(lodge, older) == "controller.code"
    assert _code_of(lodge, f" {newer[:5].lower()}-{newer[5:]} ") == "paired"
    assert _code_of(lodge, newer) == "controller.code"
    late = controllers.pair_controller(lodge.site, FIRST, "main").code
    lodge.pass_by(minutes=10)
    assert _code_of(lodge, late) == "controller.code"


def test_a_key_that_was_a_controllers_makes_no_other_one(lodge: Lodge, main: Controller) -> None:
    controllers.revoke_controller(lodge.site, FIRST, "main", "stolen")
    with pytest.raises(ConsentryError, match="that of another controller"):
        main.pair()


def test_a_revoked_controller_is_heard_no_more_and_the_ledger_says_why(lodge: Lodge, main: Controller) -> None:
    controllers.revoke_controller(lodge.site, FIRST, "main", "stolen in the night")
    with pytest.raises(ConsentryError, match="no key of this controller signed it"):
        main.send()
    assert [act.reason for act in lodge.acts("access.controller-revoked")] == ["stolen in the night"]
    with pytest.raises(ConsentryError, match="no device is it"):
        controllers.revoke_controller(lodge.site, FIRST, "main", "again")


def test_what_a_revoked_controller_was_given_is_kept_no_longer(lodge: Lodge, main: Controller) -> None:
    main.send()
    lodge.controller("garage").send()
    controllers.revoke_controller(lodge.site, FIRST, "main", "stolen in the night")
    with lodge.site.database.reading() as session:
        assert session.scalars(select(ControllerSnapshotRow.controller)).all() == ["garage"]


def test_only_who_manages_doors_pairs_and_only_controllers_of_the_settings(lodge: Lodge) -> None:
    with pytest.raises(DeniedError):
        controllers.pair_controller(lodge.site, GUARD, "main")
    with pytest.raises(ConsentryError, match="no door of the settings names it"):
        controllers.pair_controller(lodge.site, FIRST, "cellar")


def _code_of(lodge: Lodge, code: str) -> str:
    """Return the code of the refusal, or ``paired``."""
    try:
        Controller(lodge.site).pair(code)
    except ConsentryError as error:
        return error.code
    return "paired"
