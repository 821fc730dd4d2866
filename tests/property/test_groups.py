"""Groups against a union-find: a partition by single linkage, whatever the order of equal times."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from math import hypot
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from consentry.counting.model import Crossing, Direction, GroupRule, Point, TrackId
from consentry.counting.rules import groups

if TYPE_CHECKING:
    from random import Random

quarters = st.integers(0, 40).map(lambda quarter: quarter / 4)
crossings = st.lists(
    st.builds(
        Crossing,
        st.sampled_from(["door", "back"]),
        st.sampled_from(Direction),
        quarters,
        st.integers(1, 10**6).map(lambda number: TrackId("camera", 0, number)),
        st.builds(Point, st.integers(0, 8).map(lambda x: 50.0 * x), st.integers(0, 2).map(lambda y: 50.0 * y)),
        st.sampled_from([70.0, 100.0, 140.0]),
    ),
    max_size=30,
    unique_by=lambda crossing: crossing.track,
)
rules = st.builds(GroupRule, st.sampled_from([0.0, 0.5, 1.5, 100.0]), st.sampled_from([0.0, 1.0, 3.0]))


def linked(a: Crossing, b: Crossing, rule: GroupRule) -> bool:
    near = hypot(a.at.x - b.at.x, a.at.y - b.at.y) <= rule.heights * max(a.height, b.height)
    return (a.line, a.direction) == (b.line, b.direction) and abs(a.time - b.time) <= rule.seconds and near


def partition(found: list[Crossing], rule: GroupRule) -> set[frozenset[TrackId]]:
    """Join whatever is linked, pair by pair (union-find without ranks)."""
    parent = {crossing.track: crossing.track for crossing in found}

    def root(track: TrackId) -> TrackId:
        while parent[track] != track:
            track = parent[track]
        return track

    for a, b in combinations(found, 2):
        if linked(a, b, rule):
            parent[root(a.track)] = root(b.track)
    members = defaultdict(set)
    for crossing in found:
        members[root(crossing.track)].add(crossing.track)
    return {frozenset(group) for group in members.values()}


@given(crossings, rules)
def test_groups_are_those_of_single_linkage(found: list[Crossing], rule: GroupRule) -> None:
    grouped = groups(found, rule)
    assert sorted(crossing.track for group in grouped for crossing in group) == sorted(crossing.track for crossing in found)
    assert {frozenset(crossing.track for crossing in group) for group in grouped} == partition(found, rule)
    assert min(1, len(found)) <= len(grouped) <= len(found) or not found


@given(crossings, rules, st.randoms(use_true_random=False))
def test_the_order_given_does_not_matter(found: list[Crossing], rule: GroupRule, random: Random) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)
    parts = [{frozenset(crossing.track for crossing in group) for group in groups(some, rule)} for some in (found, shuffled)]
    assert parts[0] == parts[1]


@given(crossings, rules)
def test_groups_and_their_members_are_in_order_of_time(found: list[Crossing], rule: GroupRule) -> None:
    grouped = groups(found, rule)
    assert [group[0].time for group in grouped] == sorted(group[0].time for group in grouped)
    for group in grouped:
        assert [crossing.time for crossing in group] == sorted(crossing.time for crossing in group)
