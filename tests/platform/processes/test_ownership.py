"""What each process may reach when it has a user of its own."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from consentry.platform.clock import SystemClock
from consentry.platform.errors import InputError
from consentry.platform.processes.accounts import Part, accounts
from consentry.platform.processes.ownership import Meeting, meeting_place, prepare, run_folder
from consentry.platform.settings.founding import found_site

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.platform.settings.founding import FoundedSite

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="reason: only root can give files away")


@pytest.fixture
def site(tmp_path: Path) -> FoundedSite:
    answers = {
        "site.id": "shop",
        "site.name": {"zh": "店", "en": "Shop"},
        "site.zone": "Asia/Shanghai",
        "site.controller": {"zh": "甲", "en": "Controller"},
        "site.contact": "100",
    }
    return found_site(tmp_path, answers, SystemClock().now())


def test_as_one_user_the_folder_of_the_socket_is_closed_to_all_others(site: FoundedSite) -> None:
    prepare(site.file, site.places, None)
    assert stat.S_IMODE(run_folder(site.places).stat().st_mode) == 0o700


@as_root
def test_files_are_given_to_the_process_that_needs_them_and_what_is_out_of_reach_is_named(site: FoundedSite, tmp_path: Path) -> None:
    owners = accounts(one_user=False)
    assert owners is not None
    # No other account may look into the folders of root's tests, so this start is always refused, after the files were given.
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(InputError) as refused:
        prepare(site.file, site.places, owners, [closed / "clip.mp4"])
    assert refused.value.code == "serve.unreachable"
    assert "one_user" in refused.value.mend
    web, vault = owners[Part.WEB].user, owners[Part.VAULT].user
    places = site.places
    of_web, of_vault = (places.data, places.main_key), (places.vault_key, places.templates, places.person_keys)
    found = {path: path.stat().st_uid for path in (*of_web, *of_vault, places.keys, run_folder(places))}
    assert found == {**dict.fromkeys(of_web, web), **dict.fromkeys(of_vault, vault), places.keys: 0, run_folder(places): 0}


@as_root
@pytest.mark.parametrize(
    ("meeting", "listener", "asker", "stranger"),
    [
        (Meeting.VAULT, Part.VAULT, Part.WEB, Part.STATION),
        (Meeting.VAULT_STATIONS, Part.VAULT, Part.STATION, Part.WEB),
        (Meeting.STATIONS, Part.STATION, Part.WEB, Part.VAULT),
    ],
)
def test_only_the_two_that_meet_at_a_socket_may_enter_its_folder(site: FoundedSite, meeting: Meeting, listener: Part, asker: Part, stranger: Part) -> None:
    owners = accounts(one_user=False)
    assert owners is not None
    with suppress(InputError):  # the test's own folder is closed to the processes
        prepare(site.file, site.places, owners)
    found = meeting_place(site.places, meeting).stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (owners[listener].user, owners[asker].group, 0o2750)
    assert owners[stranger].group != found.st_gid


@as_root
def test_the_vault_reaches_its_own_folder_in_the_data_and_nothing_else_there(site: FoundedSite) -> None:
    owners = accounts(one_user=False)
    assert owners is not None
    data, templates = site.places.data.stat(), site.places.templates.stat()
    assert (data.st_gid, stat.S_IMODE(data.st_mode)) == (owners[Part.VAULT].group, 0o710), "it may pass, and not look"
    assert stat.S_IMODE(templates.st_mode) == stat.S_IMODE(site.places.person_keys.stat().st_mode) == 0o700
