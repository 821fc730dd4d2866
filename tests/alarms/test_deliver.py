from __future__ import annotations

import email
import hashlib
import hmac
import json
from email.policy import default
from typing import TYPE_CHECKING, Any

import pytest

from consentry.alarms import service
from consentry.alarms.deliver import deliver_due
from consentry.alarms.model import Alarm, AlarmKind, Channel, Delivery, DeliveryState, Sighting
from consentry.alarms.webhook import DELIVERY_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, signature
from consentry.alarms.words import KINDS, SEVERITIES, STEPS
from tests.alarms.receivers import HOST, certificate, mail_server, web_server
from tests.cameras.sites import NOON, OPERATOR, SETTINGS, acts, pass_by, site_on
from tests.ports import free_port

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.platform.database import Database
    from consentry.platform.site import Site

SECRET = "a signing secret"  # noqa: S105 - a test's


@pytest.fixture
def pem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a certificate that this process trusts."""
    folder = tmp_path / "receiver"
    folder.mkdir()
    path = certificate(folder)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return path


def mail_settings(port: int, encryption: str = "starttls", user: str = "") -> str:
    account = f'user = "{user}"\n' if user else ""
    where = f'[alarms.email]\nhost = "{HOST}"\nport = {port}\nencryption = "{encryption}"\n'
    return f'{where}{account}from = "site@shop.example"\nto = ["owner@shop.example", "guard@shop.example"]\n'


def hook_settings(port: int) -> str:
    return f'[alarms.webhook]\nurl = "https://{HOST}:{port}/alarms"\n'


def telling(database: Database, folder: Path, *tables: str) -> Site:
    """Return a site that tells of alarms as the tables of the settings say."""
    site = site_on(database, folder, SETTINGS + "".join(tables))
    secrets = site.store.places.secrets
    secrets.mkdir(mode=0o700, parents=True)
    for name, secret in {"mail": "mail secret", "webhook": SECRET}.items():
        path = secrets / name
        path.write_text(secret + "\n", encoding="utf-8")
        path.chmod(0o600)
    return site


def alarm_in(site: Site, detail: str = "stalled") -> Alarm:
    alarm = service.observe(site, Sighting(AlarmKind.CAMERA_STOPPED, "door", present=True, at=site.clock.now(), detail=detail))
    assert alarm is not None
    return alarm


def told_of(site: Site, alarm: Alarm) -> list[Delivery]:
    return service.deliveries(site, OPERATOR, alarm.id)


def alarms_about_delivery(site: Site) -> list[Alarm]:
    return service.list_alarms(site, OPERATOR, kinds={AlarmKind.DELIVERY_FAILED})


def test_every_alarm_has_words_in_both_languages() -> None:
    assert set(KINDS) == set(AlarmKind)
    assert all(all(words) for words in (*KINDS.values(), *SEVERITIES.values(), *STEPS.values()))


# --- mail --------------------------------------------------------------------------------------------------------------------------------


def test_a_mail_goes_out_encrypted_in_both_languages_and_once(database: Database, tmp_path: Path, pem: Path) -> None:
    with mail_server(pem) as box:
        site = telling(database, tmp_path, mail_settings(box.port))
        alarm = alarm_in(site)
        assert deliver_due(site) == 1
        assert deliver_due(site) == 0
    mail = email.message_from_bytes(box.mails[0], policy=default)
    text = mail.get_content()
    assert (mail["To"], mail["From"], mail.get_content_type()) == ("owner@shop.example, guard@shop.example", "site@shop.example", "text/plain")
    assert mail["Subject"] == "[一号店] 新警报 · New alarm: 摄像头未在计数 · A camera is not counting (door)"
    assert "场所：一号店" in text
    assert "Site: Shop one" in text
    assert "Detail: stalled" in text
    (delivery,) = told_of(site, alarm)
    assert delivery.id in mail["Message-ID"]
    assert box.encrypted == [True]
    assert (len(box.mails), delivery.state, delivery.attempts, delivery.sent) == (1, DeliveryState.SENT, 1, NOON)
    assert [act.details["channel"] for act in acts(site, "alarm.told")] == ["email"]


def test_a_mail_server_that_asks_for_an_account_gets_it_with_the_named_secret(sqlite_database: Database, tmp_path: Path, pem: Path) -> None:
    with mail_server(pem, account=True) as box:
        site = telling(sqlite_database, tmp_path, mail_settings(box.port, user="shop"))
        alarm_in(site)
        assert deliver_due(site) == 1
    assert box.accounts == [("shop", "mail secret")]


def test_a_mail_server_on_this_machine_may_be_reached_in_the_clear(sqlite_database: Database, tmp_path: Path) -> None:
    with mail_server(None) as box:
        site = telling(sqlite_database, tmp_path, mail_settings(box.port, "off"))
        alarm_in(site)
        assert deliver_due(site) == 1
    assert box.encrypted == [False]


def test_no_mail_goes_to_a_server_whose_certificate_does_not_hold(
    sqlite_database: Database, tmp_path: Path, pem: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with mail_server(pem) as box:
        site = telling(sqlite_database, tmp_path, mail_settings(box.port))
        alarm = alarm_in(site)
        assert deliver_due(site) == 0
    assert box.mails == []
    assert told_of(site, alarm)[0].problem == "SSLCertVerificationError"


def test_no_mail_goes_in_the_clear_to_a_server_without_starttls(sqlite_database: Database, tmp_path: Path) -> None:
    with mail_server(None) as box:
        site = telling(sqlite_database, tmp_path, mail_settings(box.port))
        alarm_in(site)
        assert deliver_due(site) == 0
    assert box.mails == []


def test_nothing_that_a_camera_says_adds_a_header_to_a_mail(sqlite_database: Database, tmp_path: Path) -> None:
    with mail_server(None) as box:
        site = telling(sqlite_database, tmp_path, mail_settings(box.port, "off"))
        alarm_in(site, "stalled\r\nBcc: thief@evil.example\r\n\r\nhello")
        assert deliver_due(site) == 1
    mail = email.message_from_bytes(box.mails[0], policy=default)
    assert mail["Bcc"] is None
    assert "Detail: stalled  Bcc: thief@evil.example" in mail.get_content()


# --- webhook -----------------------------------------------------------------------------------------------------------------------------


def test_a_webhook_gets_a_document_whose_signature_holds_and_that_names_no_person(database: Database, tmp_path: Path, pem: Path) -> None:
    with web_server(pem) as hook:
        site = telling(database, tmp_path, hook_settings(hook.port))
        alarm = alarm_in(site, "call 13812345678")
        service.acknowledge(site, OPERATOR, alarm.id, "Mr Wang looks after it")
        assert deliver_due(site) == 1
    ((path, headers, body),) = hook.requests
    document = json.loads(body)
    assert path == "/alarms"
    assert (document["event"], document["site"], document["alarm"]["kind"], document["alarm"]["subject"]) == (
        "alarm.raised",
        "shop-1",
        "camera-stopped",
        "door",
    )
    assert document["delivery"] == headers[DELIVERY_HEADER] == told_of(site, alarm)[0].id
    assert b"Wang" not in body
    assert b"13812345678" not in body
    assert OPERATOR.id.encode() not in body
    assert int(headers[TIMESTAMP_HEADER]) == int(NOON.timestamp())
    expected = hmac.new(SECRET.encode(), headers[TIMESTAMP_HEADER].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers[SIGNATURE_HEADER] == f"v1={expected}"


def test_the_signature_is_that_of_rfc_4231() -> None:
    # Test case 2 of RFC 4231, whose data happens to hold no full stop: the timestamp and the stop are put in front of it.
    expected = hmac.new(b"Jefe", b"7.what do ya want for nothing?", "sha256").hexdigest()
    assert signature(b"Jefe", 7, b"what do ya want for nothing?") == f"v1={expected}"


def test_a_changed_byte_or_time_breaks_the_signature() -> None:
    good = signature(b"k", 7, b"body")
    assert len({good, signature(b"k", 8, b"body"), signature(b"k", 7, b"bodY"), signature(b"K", 7, b"body")}) == 4


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed_and_no_success(sqlite_database: Database, tmp_path: Path, pem: Path, status: int) -> None:
    with web_server(pem) as hook:
        hook.answers, hook.location = [status], f"https://{HOST}:{hook.port}/elsewhere"
        site = telling(sqlite_database, tmp_path, hook_settings(hook.port))
        alarm = alarm_in(site)
        assert deliver_due(site) == 0
    assert [path for path, _, _ in hook.requests] == ["/alarms"]
    assert told_of(site, alarm)[0].problem == f"RefusedError: it answered {status}"


def test_a_receiver_that_fails_is_tried_again_later_until_it_succeeds_with_the_same_number(database: Database, tmp_path: Path, pem: Path) -> None:
    with web_server(pem) as hook:
        hook.answers = [500, 503, 200]
        site = telling(database, tmp_path, hook_settings(hook.port))
        alarm = alarm_in(site)
        results = []
        for wait in (0, 9, 1, 19, 1):
            pass_by(site, seconds=wait)
            results.append(deliver_due(site))
    assert results == [0, 0, 0, 0, 1]
    assert len({headers[DELIVERY_HEADER] for _, headers, _ in hook.requests}) == 1
    assert len({headers[SIGNATURE_HEADER] for _, headers, _ in hook.requests}) == 3
    (delivery,) = told_of(site, alarm)
    assert (delivery.state, delivery.attempts, delivery.problem) == (DeliveryState.SENT, 3, "")


def test_a_missing_signing_secret_is_a_failure_that_says_so(sqlite_database: Database, tmp_path: Path, pem: Path) -> None:
    with web_server(pem) as hook:
        site = telling(sqlite_database, tmp_path, hook_settings(hook.port))
        (site.store.places.secrets / "webhook").unlink()
        alarm = alarm_in(site)
        assert deliver_due(site) == 0
    assert hook.requests == []
    assert told_of(site, alarm)[0].problem.startswith("KeyStoreError")


# --- both ----------------------------------------------------------------------------------------------------------------------------------


def test_a_way_that_keeps_failing_is_an_alarm_told_by_the_other_way_and_holds_up_nothing(database: Database, tmp_path: Path, pem: Path) -> None:
    with web_server(pem) as hook:
        site = telling(database, tmp_path, mail_settings(free_port()), hook_settings(hook.port))
        alarm = alarm_in(site)
        for _ in range(4):
            deliver_due(site)
            pass_by(site, minutes=2)
        deliver_due(site)
    (failing,) = alarms_about_delivery(site)
    assert failing.subject == "email"
    assert [delivery.channel for delivery in told_of(site, failing)] == [Channel.WEBHOOK]
    kinds = [json.loads(body)["alarm"]["kind"] for _, _, body in hook.requests]
    assert kinds == ["camera-stopped", "delivery-failed"]
    states = {delivery.channel: delivery.state for delivery in told_of(site, alarm)}
    assert states == {Channel.EMAIL: DeliveryState.PENDING, Channel.WEBHOOK: DeliveryState.SENT}


def test_one_way_that_fails_leaves_the_other_in_the_same_run(sqlite_database: Database, tmp_path: Path, pem: Path) -> None:
    with web_server(pem) as hook:
        site = telling(sqlite_database, tmp_path, mail_settings(free_port()), hook_settings(hook.port))
        for number in range(5):
            service.observe(site, Sighting(AlarmKind.JOB_LATE, f"job-{number}", present=True, at=site.clock.now()))
        assert deliver_due(site) == 5
    assert len(hook.requests) == 5


def test_the_alarm_about_a_way_that_fails_closes_when_it_works_again(sqlite_database: Database, tmp_path: Path, pem: Path) -> None:
    with web_server(pem) as hook:
        hook.answers = [500, 500, 500, 200]
        site = telling(sqlite_database, tmp_path, hook_settings(hook.port))
        alarm_in(site)
        for _ in range(4):
            deliver_due(site)
            pass_by(site, minutes=2)
    (failing,) = alarms_about_delivery(site)
    assert failing.closed is not None


def test_what_cannot_be_told_for_a_day_is_given_up_and_in_the_ledger(sqlite_database: Database, tmp_path: Path) -> None:
    site = telling(sqlite_database, tmp_path, mail_settings(free_port()))
    alarm = alarm_in(site)
    pass_by(site, hours=25)
    deliver_due(site)
    assert told_of(site, alarm)[0].state is DeliveryState.GIVEN_UP
    assert len(acts(site, "alarm.not-told")) == 1


def test_a_way_that_is_not_set_up_any_more_is_given_up(sqlite_database: Database, tmp_path: Path) -> None:
    site = telling(sqlite_database, tmp_path, mail_settings(free_port()))
    alarm = alarm_in(site)
    site.store.path.write_text(SETTINGS, encoding="utf-8")
    site.store.reload()
    assert deliver_due(site) == 0
    assert told_of(site, alarm)[0].state is DeliveryState.GIVEN_UP


def test_what_was_sent_but_not_written_down_is_sent_again(sqlite_database: Database, tmp_path: Path, pem: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with web_server(pem) as hook:
        site = telling(sqlite_database, tmp_path, hook_settings(hook.port))
        alarm_in(site)

        def power_cut(*_: Any) -> None:  # noqa: ANN401 - any arguments
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr("consentry.alarms.deliver._finish", power_cut)
            with pytest.raises(KeyboardInterrupt):
                deliver_due(site)
        assert deliver_due(site) == 1
    assert len({headers[DELIVERY_HEADER] for _, headers, _ in hook.requests}) == 1
    assert len(hook.requests) == 2
