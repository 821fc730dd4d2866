"""What each process may reach when it has a user of its own."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from consentry.platform.clock import SystemClock
from consentry.platform.errors import InputError
from consentry.platform.processes.accounts import Part, accounts
from consentry.platform.processes.ownership import prepare, run_folder
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
    found = {path: path.stat().st_uid for path in (places.data, places.main_key, places.vault_key, places.keys, run_folder(places))}
    assert found == {places.data: web, places.main_key: web, places.vault_key: vault, places.keys: 0, run_folder(places): vault}
    run = run_folder(places).stat()
    assert (stat.S_IMODE(run.st_mode), run.st_gid) == (0o2750, owners[Part.WEB].group)
