"""What the ledger's pages print for people to take away."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from click.testing import CliRunner

from consentry.cli.ledger import ledger
from consentry.ledger import service
from consentry.ledger.page import verify_command
from consentry.platform.actors import Actor, ActorKind, Permission
from tests.ledger.logs import fill

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from consentry.platform.site import Site


def test_the_command_shown_beside_a_receipt_checks_it_as_it_stands(sqlite_site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    auditor = Actor(ActorKind.STAFF, "auditor", frozenset({Permission.VIEW_LEDGER}))
    fill(sqlite_site, 1)
    (tmp_path / "receipt of 0.json").write_bytes(service.receipt(sqlite_site, auditor, 0).data)
    monkeypatch.chdir(tmp_path)
    program, group, *rest = shlex.split(verify_command(service.log_key(sqlite_site), "receipt of 0.json"))
    assert (program, group) == ("consentry", "ledger")
    checked = CliRunner().invoke(ledger, rest)
    assert checked.exit_code == 0, checked.output
