"""What a settings file may say, and every refusal: with file, line, key and a mend, and all of them at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.consent.model import Method, Purpose
from consentry.platform.errors import SettingsError
from consentry.platform.settings.camera import PersonDetectorName, ZoneType
from consentry.platform.settings.faces import ComparisonMethod, FacePurpose
from consentry.platform.settings.model import Language, Opening, Point, Settings, Text, TlsMode
from consentry.platform.settings.problems import InvalidSettingsError, Problem
from consentry.platform.settings.reading import keys_at, read_settings
from consentry.platform.settings.refused_places import REFUSED_PLACES
from consentry.platform.settings.values import show_duration
from consentry.vision.persons.select import AUTO, DETECTORS
from tests.platform.settings.texts import DOOR, FACES, LEAST, everything


def problems(text: str) -> list[Problem]:
    try:
        read_settings(text, "site.toml")
    except InvalidSettingsError as error:
        return list(error.problems)
    return []


def only_problem(text: str) -> Problem:
    found = problems(text)
    assert len(found) == 1, found
    return found[0]


def test_the_least_settings_have_safe_defaults() -> None:
    settings = read_settings(LEAST, "site.toml")
    assert (settings.web.host, settings.web.port, settings.web.tls.mode) == ("127.0.0.1", 8000, TlsMode.OFF)
    assert settings.cameras == ()
    assert settings.site.name == Text(zh="Shop", en="Shop")
    assert settings.site.languages == (Language.CHINESE, Language.ENGLISH)
    assert settings.site.hours is None
    assert settings.site.occupancy_reset == 240
    assert settings.retention.ledger_bodies >= timedelta(days=3 * 365 + 1)
    assert settings.processes.one_user is False


def test_a_camera_is_read_with_its_lines() -> None:
    door = read_settings(LEAST + DOOR, "site.toml").cameras[0]
    assert door.zone_type is ZoneType.ENTRANCE
    assert door.retention == timedelta(days=90)
    line = door.lines[0]
    assert (line.start, line.end, line.entrance, line.staff_only) == (Point(10, 20), Point(300, 20), True, False)
    assert door.missing() == ()


def test_every_key_of_the_template_can_be_used() -> None:
    settings = read_settings(everything(), "site.toml")
    assert settings.cameras[0].missing() == ()
    assert settings.alarms.email is not None
    assert settings.accuracy_of("door", "main") == settings.accuracy[0]


def test_settings_cannot_be_changed_in_place() -> None:
    settings = read_settings(LEAST, "site.toml")
    with pytest.raises(ValueError, match="frozen"):
        settings.web.port = 1


@pytest.mark.parametrize(
    ("added", "key", "code", "line"),
    [
        ("holiday = 3", "site.holiday", "settings.unknown-key", 7),
        ("[wep]\nport = 1", "wep", "settings.unknown-key", 7),
        ("[web]\nport = '80'", "web.port", "settings.int-type", 8),
        ("[web]\nport = true", "web.port", "settings.int-type", 8),
        ("[web]\nport = 0", "web.port", "settings.out-of-range", 8),
        ("[web]\nport = 65536", "web.port", "settings.out-of-range", 8),
        ("[web]\nhost = 1", "web.host", "settings.string-type", 8),
        ("[web]\nhost = ''", "web.host", "settings.out-of-range", 8),
        ("[web]\nnames = 'a'", "web.names", "settings.tuple-type", 8),
        ("[web]\nnames = ['a.lan', 'https://b']", "web.names[1]", "settings.host-name", 8),
        ("[web]\nhost = '0.0.0.0'", "web.tls.mode", "settings.plain-http", 7),
        ("[web]\nhost = '192.168.1.2'", "web.tls.mode", "settings.plain-http", 7),
        ("[web]\nhost = 'localhost.example'", "web.tls.mode", "settings.plain-http", 7),
        ("[web.tls]\nmode = 'on'", "web.tls.mode", "settings.choice", 8),
        ("[web.tls]\nmode = 'files'", "web.tls", "settings.tls-files", 7),
        ("[web.tls]\nmode = 'acme'", "web.tls", "settings.acme", 7),
        ("[web]\nnames=['a.example']\n[web.tls]\nmode='acme'\n[web.tls.acme]\ncontact='a@b'", "web.tls.acme.terms_agreed", "settings.acme-terms", 11),
        ("[web.tls]\nmode='acme'\n[web.tls.acme]\ncontact='a@b'\nterms_agreed=true", "web.names", "settings.acme-names", None),
        (
            "[web]\nnames=['a.example']\n[web.tls]\nmode='acme'\n[web.tls.acme]\ncontact='a@b'\nterms_agreed=true\ndirectory='http://ca.example'",
            "web.tls.acme.directory",
            "settings.plain-http",
            14,
        ),
        ("[processes]\none_user = 'yes'", "processes.one_user", "settings.bool-type", 8),
        ("[processes]\none_user = 1", "processes.one_user", "settings.bool-type", 8),
        ("[retention]\nfigures = 'forever'", "retention.figures", "settings.endless", 8),
        ("[retention]\nfigures = 0", "retention.figures", "settings.endless", 8),
        ("[retention]\nheat = '0'", "retention.heat", "settings.endless", 8),
        ("[retention]\nheat = 'two weeks'", "retention.heat", "settings.duration", 8),
        ("[retention]\nheat = '0 days'", "retention.heat", "settings.duration-bounds", 8),
        ("[retention]\nheat = '9999999 weeks'", "retention.heat", "settings.duration-bounds", 8),
        ("[retention]\nledger_bodies = '1000 days'", "retention.ledger_bodies", "settings.duration-bounds", 8),
        ("[database]\nurl = 'postgresql://u:geheim@h/d'", "database.url", "settings.password", 8),
        ("[database]\nurl = 'mysql://h/d'", "database.url", "settings.database", 8),
        ("[site.hours]\nmonday = ['9-18']", "site.hours.monday[0]", "settings.opening", 8),
        ("[site.hours]\nmonday = ['09:00-24:01']", "site.hours.monday[0]", "settings.opening", 8),
        ("[site.hours]\nmonday = ['09:00-12:00', '11:00-13:00']", "site.hours.monday", "settings.openings", 8),
        ("occupancy_reset = '24:00'", "site.occupancy_reset", "settings.day-time", 7),
        ("occupancy_reset = 4", "site.occupancy_reset", "settings.day-time", 7),
        ("languages = ['en', 'de']", "site.languages[1]", "settings.choice", 7),
        ("languages = []", "site.languages", "settings.out-of-range", 7),
        ("[alarms.email]\nhost='h'\nfrom='a@b'\nto=['c']", "alarms.email.to[0]", "settings.mail-address", 10),
        ("[alarms.email]\nhost='h'\nfrom='a'\nto=['c@d']", "alarms.email.from", "settings.mail-address", 9),
        ("[alarms.email]\nhost='h'\nfrom='a@b'\nto=['c@d']\nencryption='off'", "alarms.email.encryption", "settings.plain-mail", 11),
        ("[alarms.email]\nhost='h'\nto=['c@d']", "alarms.email.from", "settings.missing", 7),
        ("[alarms.webhook]\nurl='http://h.example/x'", "alarms.webhook.url", "settings.plain-http", 8),
        ("[alarms.webhook]\nurl='https://u:p@h.example/x'", "alarms.webhook.url", "settings.web-address", 8),
        ("[alarms]\nescalate_after='0 minutes'", "alarms.escalate_after", "settings.duration-bounds", 8),
        (
            "[[accuracy]]\ncamera='x'\nmeasured_on=2026-01-01\ndetector='d'\ncrossings=9\nerror_percent=0\nlow=0\nhigh=0",
            "accuracy[0].camera",
            "settings.unknown-camera",
            8,
        ),
    ],
)
def test_a_wrong_value_is_refused_where_it_stands(added: str, key: str, code: str, line: int | None) -> None:
    found = only_problem(LEAST + added)
    assert (found.key, found.code, found.line) == (key, code, line)
    assert found.file == "site.toml"
    assert found.problem
    assert found.mend.endswith((".", "?"))


@pytest.mark.parametrize(
    ("old", "new", "key", "code"),
    [
        ('id = "greeting"', 'id = "marketing"', "purpose[0].id", "settings.choice"),
        ('retention = "180 days"', "", "purpose[0].retention", "settings.missing"),
        ('retention = "180 days"', 'retention = "forever"', "purpose[0].retention", "settings.endless"),
        ('retention = "180 days"', 'retention = "366 days"', "purpose[0].retention", "settings.duration-bounds"),
        ('validity = "365 days"', "", "purpose[0].validity", "settings.missing"),
        ('validity = "365 days"', 'validity = "永久"', "purpose[0].validity", "settings.endless"),
        ('validity = "365 days"', 'validity = "366 days"', "purpose[0].validity", "settings.duration-bounds"),
        ('alternatives = ["desk"]', "", "purpose[0].alternatives", "settings.missing"),
        ('alternatives = ["desk"]', "alternatives = []", "purpose[0].alternatives", "settings.out-of-range"),
        ('alternatives = ["desk"]', 'alternatives = ["desk", "face"]', "purpose[0].alternatives[1]", "settings.choice"),
        ('alternatives = ["desk"]', 'alternatives = ["desk"]\ntags = ["vip"]', "purpose[0].tags", "settings.unknown-key"),
        ('purposes = ["greeting"]', "", "station[0].purposes", "settings.missing"),
        ('purposes = ["greeting"]', "purposes = []", "station[0].purposes", "settings.out-of-range"),
        ('purposes = ["greeting"]', 'purposes = ["greeting", "greeting"]', "station[0].purposes", "settings.purpose-twice"),
        ('purposes = ["greeting"]', 'purposes = ["greeting", "door_access"]', "station[0].purposes[1]", "settings.unknown-purpose"),
        ("zone = [0.2, 0, 0.8, 1]", "zone = [0.8, 0, 0.2, 1]", "station[0].zone", "settings.station-zone"),
        ("zone = [0.2, 0, 0.8, 1]", "zone = [0.2, 0, 0.8, 1.1]", "station[0].zone", "settings.station-zone"),
        ("zone = [0.2, 0, 0.8, 1]", "zone = [0.2, 0, nan, 1]", "station[0].zone", "settings.station-zone"),
        ("zone = [0.2, 0, 0.8, 1]", "zone = [true, 0, 0.8, 1]", "station[0].zone", "settings.station-zone"),
        ("[recognition]", "[recognition]\ntarget_fpir = 0.2", "recognition.target_fpir", "settings.out-of-range"),
        ("[recognition]", '[recognition]\nembedder = "arcface"', "recognition.embedder", "settings.choice"),
        ("[recognition]", '[recognition]\nprofile = "us"', "recognition.profile", "settings.choice"),
        ("[recognition]", "[recognition]\nstore_pictures = true", "recognition.store_pictures", "settings.unknown-key"),
    ],
)
def test_what_would_recognise_without_end_or_without_another_way_is_refused(old: str, new: str, key: str, code: str) -> None:
    found = only_problem(LEAST + FACES.replace(old, new))
    assert (found.key, found.code) == (key, code)
    assert found.mend.endswith((".", "?"))


@pytest.mark.parametrize("source", ["RTSP://h:554/s", "rtsps://u:{secret}@h/s", "http://[2001:db8::1]/s", "https://h/s?token={secret}", "webcam:0", "door.mp4"])
def test_every_kind_of_source_is_taken(source: str) -> None:
    assert problems(LEAST + DOOR.replace("loop:door.mp4", source)) == []


def test_the_detectors_that_settings_know_are_those_that_find_people() -> None:
    assert [str(name) for name in PersonDetectorName] == [AUTO, *DETECTORS]


def test_what_is_empty_is_called_so() -> None:
    found = only_problem(LEAST.replace('name = "Shop"', 'name = { zh = "", en = "Shop" }'))
    assert (found.key, found.problem) == ("site.name.zh", "it is empty")


def test_nobody_is_recognised_by_default() -> None:
    settings = read_settings(LEAST, "site.toml")
    assert (settings.purposes, settings.stations, settings.recognition.calibration) == ((), (), None)


def test_a_purpose_and_a_station_are_read() -> None:
    settings = read_settings(LEAST + FACES, "site.toml")
    purpose, station = settings.purpose("greeting"), settings.station("kiosk")
    assert purpose is not None
    assert (purpose.retention, purpose.validity) == (timedelta(days=180), timedelta(days=365))
    assert (purpose.alternatives, purpose.method) == (("desk",), "1:1")
    assert station is not None
    assert (station.purposes, station.zone, station.enrols) == (("greeting",), (0.2, 0, 0.8, 1), False)
    assert settings.purpose("door_access") is settings.station("gate") is None


def test_the_purposes_that_settings_know_are_those_of_consent() -> None:
    assert [str(purpose) for purpose in FacePurpose] == [str(purpose) for purpose in Purpose]
    assert [str(method) for method in ComparisonMethod] == [str(method) for method in Method]


def test_no_preset_attributes_sales_by_faces() -> None:
    assert "sale_attribution" not in everything()


@pytest.mark.parametrize(
    ("old", "new", "key", "code"),
    [
        ('id = "door"', "", "camera[0].id", "settings.missing"),
        ('id = "door"', 'id = "The Door"', "camera[0].id", "settings.string-pattern-mismatch"),
        ('id = "door"', 'id = "../x"', "camera[0].id", "settings.string-pattern-mismatch"),
        ('id = "door"', 'id = "database"', "camera[0].id", "settings.secret-taken"),
        ("[10, 20]", "[10]", "camera[0].line[0].from", "settings.point"),
        ("[10, 20]", "[10, nan]", "camera[0].line[0].from", "settings.point"),
        ("[10, 20]", "[10, inf]", "camera[0].line[0].from", "settings.point"),
        ("[10, 20]", "[-1, 20]", "camera[0].line[0].from", "settings.point"),
        ("[10, 20]", "[true, 20]", "camera[0].line[0].from", "settings.point"),
        ("[10, 20]", "[300, 20]", "camera[0].line[0].to", "settings.line"),
        ('retention = "90 days"', 'retention = "永久"', "camera[0].retention", "settings.endless"),
        ('retention = "90 days"', "region = [0, 0, 0, 5]", "camera[0].region", "settings.region"),
        ("2026-01-31", '"soon"', "camera[0].sign.placed_on", "settings.date-from-datetime-parsing"),
        ('"anonymous-counting"', '"legitimate-interest"', "camera[0].basis", "settings.choice"),
        ('"entrance"', '"roof"', "camera[0].zone_type", "settings.choice"),
        ('"90 days"', '"90 days"\ndetector = "best"', "camera[0].detector", "settings.choice"),
        ("loop:door.mp4", "ftp://h/s", "camera[0].source", "settings.source"),
        ("loop:door.mp4", "file:///srv/door.mp4", "camera[0].source", "settings.source"),
        ("loop:door.mp4", "rtsp://", "camera[0].source", "settings.source"),
        ("loop:door.mp4", "rtsp:///s", "camera[0].source", "settings.source"),
        ("loop:door.mp4", "rtsp://h:99999/s", "camera[0].source", "settings.source"),
        ("loop:door.mp4", "http://[::1/s", "camera[0].source", "settings.source"),
        ("loop:door.mp4", "webcam:first", "camera[0].source", "settings.source"),
        ("loop:door.mp4", "webcam:-1", "camera[0].source", "settings.source"),
        ('"loop:door.mp4"', '"rtsp://u:geheim@h/s"', "camera[0].source", "settings.password"),
        ('"loop:door.mp4"', '"rtsp://u:ge@heim@h/s"', "camera[0].source", "settings.password"),
        ('"loop:door.mp4"', '"http://h/s?token=geheim"', "camera[0].source", "settings.password"),
    ],
)
def test_a_wrong_value_of_a_camera_is_refused_without_showing_a_password(old: str, new: str, key: str, code: str) -> None:
    found = only_problem(LEAST + DOOR.replace(old, new))
    assert (found.key, found.code) == (key, code)
    assert "geheim" not in str(found)
    assert "heim" not in str(found)


@pytest.mark.parametrize("source", ["rtsp://u:{secret}@h/s", "rtsp://u@h/s", "http://h/s?token={secret}", "webcam:0", "loop:a@b.mp4", "rtsp://[fe80::1]:554/s"])
def test_an_address_without_a_password_is_taken(source: str) -> None:
    assert problems(LEAST + DOOR.replace("loop:door.mp4", source)) == []


@pytest.mark.parametrize("place", [*REFUSED_PLACES, "Toilets", "fitting rooms", "Fitting_Room", "hotel rooms", "changing-rooms", "toilette"])
def test_a_place_where_nobody_may_be_filmed_is_refused_with_its_rule(place: str) -> None:
    found = only_problem(LEAST + DOOR.replace('"entrance"', f'"{place}"'))
    assert found.code == "settings.refused-place"
    assert "art." in found.problem
    assert found.mend == "Take the camera away. No setting allows it."


def test_no_place_is_both_allowed_and_refused() -> None:
    for zone in ZoneType:
        assert problems(LEAST + DOOR.replace('"entrance"', f'"{zone}"')) == []


def test_all_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    text = LEAST.replace("Asia/Shanghai", "Asia/Nowhere") + "[web]\nport = 'x'\n[retention]\nheat = 'never'\n" + DOOR.replace("[300, 20]", "[]")
    assert [problem.key for problem in problems(text)] == ["site.zone", "web.port", "retention.heat", "camera[0].line[0].to"]


def test_all_contradictions_are_told_at_once() -> None:
    text = LEAST + "[web]\nhost = '0.0.0.0'\n[alarms.webhook]\nurl = 'ftp://x'\n" + DOOR + DOOR.replace("[300, 20]", "[10, 20]")
    assert [problem.code for problem in problems(text)] == ["settings.plain-http", "settings.web-address", "settings.same-id", "settings.line"]


@pytest.mark.parametrize(("key", "near"), [("prot", "port"), ("name", "names"), ("tsl", "tls")])
def test_a_misspelt_key_is_answered_with_the_nearest(key: str, near: str) -> None:
    assert only_problem(f"{LEAST}[web]\n{key} = 1").mend == f"Did you mean '{near}'?"


def test_a_key_like_no_other_is_answered_with_all_there_are() -> None:
    assert only_problem(f"{LEAST}[data]\nxyzzy = 1").mend == "Take it out. There are: folder."


def test_a_text_that_is_no_toml_is_refused_with_its_line() -> None:
    found = only_problem(LEAST + "port = = 3")
    assert (found.code, found.line) == ("settings.toml", 7)


def test_an_error_of_one_problem_reads_as_a_sentence_and_of_more_says_how_many() -> None:
    with pytest.raises(SettingsError, match=r"site\.toml, line 8, web\.port: it is not a whole number\. Write a whole number, without quotes\.$"):
        read_settings(LEAST + "[web]\nport = 'x'", "site.toml")
    with pytest.raises(SettingsError, match=r"\(1 more: see `consentry config check`\)$"):
        read_settings(LEAST + "[web]\nport = 'x'\nhost = 1", "site.toml")


@pytest.mark.parametrize(
    ("span", "opening"),
    [("09:00-21:00", Opening(540, 1260)), ("18:00-02:00", Opening(1080, 1560)), ("00:00-24:00", Opening(0, 1440)), ("06:00-06:00", Opening(360, 1800))],
)
def test_a_span_may_end_on_the_next_day(span: str, opening: Opening) -> None:
    settings = read_settings(f"{LEAST}[site.hours]\nsunday = ['{span}']", "site.toml")
    assert settings.site.hours is not None
    assert settings.site.hours.on(6) == (opening,)
    assert settings.site.hours.on(0) == ()
    assert str(opening) == span


@given(st.integers(min_value=1, max_value=3660 * 24 * 60))
def test_a_length_of_time_reads_back_as_it_is_shown(minutes: int) -> None:
    shown = show_duration(timedelta(minutes=minutes))
    count, unit = shown.split(" ")
    assert timedelta(**{f"{unit.removesuffix('s')}s": int(count)}) == timedelta(minutes=minutes)
    assert (count == "1") == (not unit.endswith("s"))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
    )
)
def test_no_value_whatever_ends_in_anything_but_a_problem(value: object) -> None:
    for path in (("site", "zone"), ("camera",), ("retention", "heat"), ("site", "hours"), ("web",), ("accuracy",)):
        raw: dict[str, object] = {"site": {"id": "a", "name": "A", "zone": "UTC", "controller": "C", "contact": "c"}}
        holder = raw
        for name in path[:-1]:
            holder = holder.setdefault(name, {})  # type: ignore[assignment]
        holder[path[-1]] = value
        try:
            Settings.model_validate(raw)
        except ValueError as error:
            assert type(error).__name__ == "ValidationError"  # noqa: PT017 - what else is raised fails by itself


@pytest.mark.parametrize(
    ("path", "keys"),
    [((), "site"), (("web",), "port"), (("camera", 0, "line", 3), "from"), (("camera", 1, "sign", "text"), "zh"), (("alarms", "email"), "to")],
)
def test_the_keys_of_every_table_are_known(path: tuple[str | int, ...], keys: str) -> None:
    assert keys in keys_at(path)
    assert keys_at((*path, "nothing")) == []


@pytest.mark.parametrize(
    ("kept", "verdict", "enough"), [("40 days", "3 days", True), ("39 days", "3 days", False), ("2 days", "3 days", False), ("50 days", "14 days", False)]
)
def test_visits_are_kept_for_as_long_as_a_claim_can_rest_on_them(kept: str, verdict: str, enough: bool) -> None:
    text = f"{LEAST}[[project]]\nid = 'garden'\nname = {{zh = '园', en = 'Garden'}}\nvisit_retention = '{kept}'\nverdict_within = '{verdict}'\n"
    assert [problem.code for problem in problems(text)] == ([] if enough else ["settings.visit-retention"])
    assert problems(f"{text}rulebook = 'rules.toml'\n") == [], "its own rules are looked at when they are applied"
