"""What the supervisor tells the vault when it starts it: one line of JSON on standard input."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from consentry.consent.model import Purpose

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["THREADS", "VaultOrder"]

THREADS = 2
"""Cores that one answer may take: somebody stands at a station and waits for it."""


@dataclass(frozen=True, slots=True)
class VaultOrder:
    """Where the vault's things lie, who may ask it what, and what it may recognise for.

    ``key``: the file of the vault's root key. ``data``: the site's data folder; the templates lie in ``vault`` in it. ``keystore``: the folder
    of the persons' keys, in no backup. ``socket``, ``stations_socket``: where the web process and the station workers ask; ``askers``,
    ``station_askers``: their users. ``grant_keys``, ``calibration_keys``: by epoch, the public Ed25519 keys (hex) of the site that sign grants and
    calibration files. ``calibration``: the text of the calibration file, None without one. ``family``: the embedder, None without one.
    ``profile``: ``cn`` or ``eu``. ``target_fpir``: the false positive identification rate to keep. ``purposes``: those the site has set up;
    ``identifies``: those of them whose method is 1:N; the others only verify. ``separate``: whether this process runs as a user of its own;
    otherwise it recognises nobody. ``models``: the folder of weights. ``accept_test_calibration``: for tests; ``consentry serve`` never sets it.
    """

    key: str
    data: str
    keystore: str
    socket: str
    stations_socket: str
    askers: tuple[int, ...]
    station_askers: tuple[int, ...]
    grant_keys: Mapping[int, str] = field(default_factory=dict)
    calibration_keys: Mapping[int, str] = field(default_factory=dict)
    calibration: str | None = None
    family: str | None = None
    profile: str = "cn"
    target_fpir: float = 0.01
    purposes: tuple[Purpose, ...] = ()
    identifies: tuple[Purpose, ...] = ()
    separate: bool = False
    models: str | None = None
    accept_test_calibration: bool = False

    @property
    def in_tokens(self) -> bool:
        """Whether templates lie in the persons' own tokens, and none in the vault."""
        return self.profile == "eu"

    def to_line(self) -> str:
        """Return the order as one line of JSON."""
        return json.dumps(asdict(self)) + "\n"

    @classmethod
    def from_line(cls, line: str) -> VaultOrder:
        """Return the order written by ``to_line``."""
        fields = json.loads(line)
        read = {
            "askers": tuple(fields["askers"]),
            "station_askers": tuple(fields["station_askers"]),
            "grant_keys": {int(epoch): key for epoch, key in fields["grant_keys"].items()},
            "calibration_keys": {int(epoch): key for epoch, key in fields["calibration_keys"].items()},
            "purposes": tuple(Purpose(purpose) for purpose in fields["purposes"]),
            "identifies": tuple(Purpose(purpose) for purpose in fields["identifies"]),
        }
        return cls(**{**fields, **read})
