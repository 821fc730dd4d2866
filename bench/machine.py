"""The machine that a measurement was made on."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

__all__ = ["Machine", "this_machine"]


@dataclass(frozen=True, slots=True)
class Machine:
    """What a reader needs in order to compare figures. ``load``: runnable processes of the last minute, before the measurement."""

    cpu: str
    family: str
    cores: int
    load: float
    python: str
    date: str


def this_machine() -> Machine:
    """Return this machine, now."""
    facts = _processor_facts()
    return Machine(
        cpu=facts.get("model name", platform.machine()),
        family=facts.get("cpu family", "unknown"),
        cores=len(os.sched_getaffinity(0)),
        load=os.getloadavg()[0],
        python=platform.python_version(),
        date=datetime.now(UTC).date().isoformat(),
    )


def _processor_facts() -> dict[str, str]:
    """Return what Linux says of the first core."""
    first, _, _ = Path("/proc/cpuinfo").read_text(encoding="utf-8").partition("\n\n")
    pairs = (line.partition(":") for line in first.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}
