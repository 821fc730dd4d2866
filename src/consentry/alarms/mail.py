"""Alarms by mail: plain text in both languages, over TLS unless the server is this machine."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING

from consentry.alarms.words import KINDS, SEVERITIES, STEPS
from consentry.platform.keys.secrets import read_secret
from consentry.platform.settings.model import Encryption

if TYPE_CHECKING:
    from consentry.alarms.model import Alarm, Delivery
    from consentry.platform.settings.model import Email
    from consentry.platform.site import Site

__all__ = ["TIMEOUT_S", "compose", "send_mail"]

TIMEOUT_S = 10.0


def send_mail(site: Site, email: Email, alarm: Alarm, delivery: Delivery) -> None:
    """Hand one mail over to the server.

    Raises:
        OSError: the server cannot be reached, or its certificate does not hold.
        smtplib.SMTPException: it refuses.
        KeyStoreError: the account's password cannot be read.
    """
    message = compose(site, email, alarm, delivery)
    with _connected(email) as server:
        if email.user is not None:
            server.login(email.user, read_secret(site.store.places.secrets, email.secret))
        server.send_message(message)


def _connected(email: Email) -> smtplib.SMTP:
    if email.encryption is Encryption.TLS:
        return smtplib.SMTP_SSL(email.host, email.port, timeout=TIMEOUT_S, context=ssl.create_default_context())
    server = smtplib.SMTP(email.host, email.port, timeout=TIMEOUT_S)
    if email.encryption is Encryption.STARTTLS:
        try:
            server.starttls(context=ssl.create_default_context())
        except BaseException:
            server.close()
            raise
    return server


def compose(site: Site, email: Email, alarm: Alarm, delivery: Delivery) -> EmailMessage:
    """Return the mail that tells of one step of an alarm.

    Its id is that of the delivery: a mail that went out twice is recognised as the same.
    """
    name, kind, step = site.settings.site.name, KINDS[alarm.kind], STEPS[delivery.step]
    message = EmailMessage()
    message["Subject"] = _one_line(f"[{name.zh}] {step[0]} · {step[1]}: {kind.zh} · {kind.en} ({alarm.subject})")
    message["From"] = email.sender
    message["To"] = ", ".join(email.recipients)
    message["Date"] = format_datetime(delivery.made)
    message["Message-ID"] = f"<{delivery.id}@{site.settings.site.id}.consentry.invalid>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(f"{_chinese(site, alarm, delivery)}\n\n{_english(site, alarm, delivery)}\n")
    return message


def _chinese(site: Site, alarm: Alarm, delivery: Delivery) -> str:
    kind = KINDS[alarm.kind]
    lines = [
        f"{STEPS[delivery.step][0]}：{kind.zh}",
        f"场所：{site.settings.site.name.zh}",
        f"对象：{alarm.subject}",
        f"级别：{SEVERITIES[alarm.severity][0]}",
        f"时间：{alarm.raised:%Y-%m-%d %H:%M:%S} UTC",
        *([f"详情：{_one_line(alarm.detail)}"] if alarm.detail else []),
        f"处理：{kind.zh_mend}",
        f"编号：{alarm.id}",
    ]
    return "\n".join(lines)


def _english(site: Site, alarm: Alarm, delivery: Delivery) -> str:
    kind = KINDS[alarm.kind]
    lines = [
        f"{STEPS[delivery.step][1]}: {kind.en}",
        f"Site: {site.settings.site.name.en}",
        f"About: {alarm.subject}",
        f"Severity: {SEVERITIES[alarm.severity][1]}",
        f"Since: {alarm.raised:%Y-%m-%d %H:%M:%S} UTC",
        *([f"Detail: {_one_line(alarm.detail)}"] if alarm.detail else []),
        f"What to do: {kind.en_mend}",
        f"Number: {alarm.id}",
    ]
    return "\n".join(lines)


def _one_line(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text)
