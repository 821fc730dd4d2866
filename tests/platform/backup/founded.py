"""A site founded on disk, as an operator has it: settings, keys, secrets and records, with something in each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from consentry.cli.main import main
from consentry.ledger.model import Act
from consentry.ledger.service import record
from consentry.platform.actors import operator
from consentry.platform.keys.key_file import KeyKind, create_key_file
from consentry.platform.opening import open_site
from consentry.statistics.model import Step
from consentry.statistics.service import footfall, record_minute
from tests.statistics.shop import DOOR, SETTINGS, at, minute, span

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.platform.database import Database

OWNER = operator("test")
SECRET = "the-password-of-the-camera"  # noqa: S105 - made up


@dataclass(frozen=True, slots=True)
class Founded:
    """``config`` is its settings file."""

    config: Path

    def run(self, *arguments: str) -> int:
        """Run a command on it and return the exit code."""
        return main([*arguments, "--config", str(self.config)])

    def count(self, first: int, last: int) -> None:
        """Count one person a minute, each minute with an entry in the ledger."""
        with open_site(self.config) as site:
            for index in range(first, last):
                with site.database.transaction() as session:
                    record_minute(session, "front", minute(at(index), 1))
                    record(session, Act(OWNER.label, "test.counted", f"minute:{index}", "testing"), datetime.now(UTC))

    def counted(self) -> int:
        """Return how many people it knows of."""
        with open_site(self.config) as site:
            total = footfall(site, OWNER, span(Step.HOUR, 24, DOOR)).total
            return total.entered.value if total.entered else 0


def found(folder: Path, database: Database) -> Founded:
    """Found a site in ``folder`` whose records are in ``database``."""
    more = "" if database.is_sqlite else f'[database]\nurl = "{database.url.render_as_string(hide_password=False)}"\n'
    folder.mkdir(exist_ok=True)
    config = folder / "site.toml"
    config.write_text(more + SETTINGS.format(zone="UTC", hours="", more=""), encoding="utf-8")
    keys = folder / "keys"
    keys.mkdir(mode=0o700)
    for name, kind in (("main.key", KeyKind.MAIN), ("vault.key", KeyKind.VAULT)):
        create_key_file(keys / name, kind, "shop", datetime.now(UTC))
    (keys / "secrets").mkdir(mode=0o700)
    (keys / "secrets" / "front").write_text(SECRET + "\n", encoding="utf-8")
    (keys / "secrets" / "front").chmod(0o600)
    (folder / "data").mkdir(mode=0o700)
    site = Founded(config)
    assert site.run("migrate") == 0
    return site
