"""Random histories that seek trouble: equal instants, lengths met to the second, kin of kin, links that contradict, desks cut off, rules that change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any

from hypothesis import HealthCheck, settings

Document = dict[str, Any]

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For property tests: how long an example takes says nothing on a machine that does other things too."""
EPOCH = datetime(2026, 3, 1, tzinfo=UTC)
STEP = 300
"""Seconds between the instants that most events fall on; as long as a report may be held up by an outage."""
LAST = 40
"""Steps until a signing at the latest."""
ZONES = (UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-3, minutes=-30)))
PEOPLE = ("p0", "p1", "p2", "p3", "p4")
AGENCIES = ("A", "B", "C")
KINDS = ("id", "phone", "face", "not_same", "spouse", "parent", "child", "sibling", "friend")
KIND_WEIGHTS = (5, 5, 3, 2, 4, 3, 3, 3, 2)
LENGTHS = {"lead": (0, 1, 2, 2), "report_valid": (4, 6, 8), "visit_protection": (4, 12, 20, 40), "natural_protection": (0, 2, 6, 12), "reply_within": (0, 1, 2)}
NUDGES = (0, 0, 0, 0, 0, 0, -1, 1)


def history(seed: int) -> Document:
    """Return the history number ``seed``: a valid case document."""
    return _History(Random(seed)).document()  # noqa: S311 - chance, not secrecy


class _History:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.signed = random.randint(LAST // 2, LAST) * STEP
        self.zone = random.choice(ZONES)
        self.cut_off = random.choice((0, 0, 0.6))
        self.versions = self._versions()
        self.events: list[Document] = []
        self.reports: list[tuple[Document, int]] = []
        self.visits: list[tuple[Document, int]] = []

    def document(self) -> Document:
        random = self.random
        buyers = random.choice((["p0"], ["p0"], ["p0", "p1"], ["p1"], ["p2", "p3"]))
        self._repeat(4, self._report)
        self._repeat(6, self._visit)
        self._repeat(random.choice((0, 0, 2, 5)), self._link)
        if random.random() < 0.25:
            self._rivals()
        for likely, add in ((0.15, self._refusal), (0.12, self._contract), (0.3, self._outage), (0.1, self._statement), (0.2, self._edit)):
            while random.random() < likely:
                add()
        self.events.append({"type": "signing", "at": self._time(self.signed), "buyers": buyers})
        random.shuffle(self.events)
        rules = {"rulebooks": self.versions} if "from" in self.versions[0] else {"rulebook": self.versions[0]}
        return {"name": "random"} | rules | {"events": self.events}

    def _versions(self) -> list[Document]:
        if self.random.random() < 0.6:
            return [self._version()]
        begins = self.random.sample(range(1, LAST), k=self.random.choice((0, 1, 2)))
        versions = [self._version() | {"from": self._time(begin * STEP)} for begin in (-1000, *begins)]
        self.random.shuffle(versions)
        return versions

    def _version(self) -> Document:
        lengths = {key: f"PT{self.random.choice(steps) * STEP}S" for key, steps in LENGTHS.items()}
        kin = self.random.choice((["self", "spouse", "parent", "child"], ["self", "spouse"], ["self", "parent", "sibling"], []))
        return lengths | {"kin": kin, "mode": self.random.choice(("visit_first", "visit_first", "report_first"))}

    def _repeat(self, most: int, add: Any) -> None:  # noqa: ANN401 - any of the methods below
        for _ in range(self.random.randint(most // 2, most)):
            add()

    def _report(self) -> None:
        self._add_report(self.random.choice(AGENCIES), self._person(), self._instant())

    def _add_report(self, agency: str, client: str, at: int) -> None:
        report = {"type": "report", "id": f"r{len(self.reports)}", "agency": agency, "client": client, "at": self._time(at)}
        self.reports.append((report, at))
        self.events.append(report)

    def _visit(self) -> None:
        """Add a visit, most often of a client who was reported, and often at an instant that something else already has."""
        random = self.random
        report, told = random.choice([*self.reports, *self.reports, (None, 0)])
        at = self._arrival(told) if report else self._instant()
        if self.visits and random.random() < 0.25:
            at = random.choice(self.visits)[1]
        person = report["client"] if report and random.random() < 0.8 else self._person()
        self._add_visit(person, at, report["id"] if report else None, bound=random.random() < (0.93 if report else 0.1))

    def _add_visit(self, person: str, at: int, report: str | None, *, bound: bool) -> None:
        random = self.random
        visit = {"type": "visit", "id": f"v{len(self.visits)}", "person": person, "at": self._time(at), "report": report, "bound": bound}
        if random.random() < self.cut_off:
            visit["claimed_at"] = self._time(at - random.choice((-1, 1, 1, 2, 5)) * STEP)
        if random.random() < 0.3:
            visit["grade"] = random.choice("ABCX")
        self.visits.append((visit, at))
        self.events.append(visit)

    def _rivals(self) -> None:
        """Add two agencies that report one client, perhaps at one instant, and bring them at one instant or one after the other."""
        told = self._instant()
        came = self._arrival(told)
        for agency in self.random.sample(AGENCIES, k=2):
            self._add_report(agency, "p0", told - self.random.choice((0, 0, 1)) * STEP)
            self._add_visit("p0", came + self.random.choice((0, 0, 0, STEP)), self.reports[-1][0]["id"], bound=True)

    def _arrival(self, told: int) -> int:
        """Return an instant at the ends of the time in which the client of a report must come, between them, or anywhere."""
        begun = [version for version in self.versions if "from" not in version or version["from"] <= self._time(told)]
        lead, valid = (int(self.random.choice(begun)[key][2:-1]) for key in ("lead", "report_valid"))
        return told + self.random.choice((lead, lead, valid, (lead + valid) // 2, self.random.randint(0, 8) * STEP)) + self.random.choice(NUDGES)

    def _link(self) -> None:
        a, b = self.random.choice((["p0", "p1"], ["p1", "p0"], self.random.sample(PEOPLE, k=2), self.random.sample(PEOPLE, k=2)))
        link = {"type": "link", "a": a, "b": b, "kind": self.random.choices(KINDS, KIND_WEIGHTS)[0], "grade": self.random.choice("AABBCX")}
        if self.random.random() < 0.5:
            link["at"] = self._time(self._instant())
        self.events.append(link)

    def _refusal(self) -> None:
        report, told = self.random.choice(self.reports)
        at = told + self.random.choice((0, 1, 2, 3)) * STEP + self.random.choice((0, 1))
        self.events.append({"type": "refusal", "report": report["id"], "at": self._time(at)})

    def _contract(self) -> None:
        start = self._instant()
        until = start + self.random.randint(0, 20) * STEP
        self.events.append({"type": "contract", "agency": self.random.choice(AGENCIES), "from": self._time(start), "until": self._time(until)})

    def _outage(self) -> None:
        """Add an outage; it often ends so that a report came right after it."""
        told = self.random.choice(self.reports)[1]
        until = told - self.random.choice((0, STEP, STEP + 1, STEP - 1, 3 * STEP, -STEP))
        start = until - self.random.choice((0, 1, STEP, 4 * STEP))
        self.events.append({"type": "outage", "from": self._time(start), "until": self._time(until)})

    def _statement(self) -> None:
        at, credible = self._time(self._instant()), self.random.random() < 0.7
        self.events.append({"type": "statement", "person": self._person(), "kind": "earlier_visit", "at": at, "credible": credible})

    def _edit(self) -> None:
        of = self.random.choice([*self.reports, *self.visits])[0]["id"]
        self.events.append({"type": "edit", "of": of, "field": "at", "to": self._time(0), "at": self._time(self._instant())})

    def _person(self) -> str:
        return self.random.choice((*PEOPLE, *["p0"] * 9, "p1", "p1"))

    def _instant(self) -> int:
        """Return seconds after the epoch: before the signing, at it, or a little after it; often the same ones."""
        at = self.random.choice((self.random.randint(0, LAST), self.random.randint(0, 10), self.random.randint(0, 10), self.signed // STEP))
        return at * STEP + self.random.choice(NUDGES)

    def _time(self, seconds: int) -> str:
        return (EPOCH + timedelta(seconds=seconds)).astimezone(self.zone).isoformat()
