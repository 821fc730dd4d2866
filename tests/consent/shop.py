"""A site whose purposes may run: notices that say everything, assessments that somebody signed, and short ways to say yes and no."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from consentry.consent import service
from consentry.consent.model import AssessmentDraft, Choice, Given, Method, Notice, NoticeTerms, NoticeText, Purpose
from consentry.ledger.service import browse
from consentry.ledger.work import writing
from consentry.platform.actors import Actor, ActorKind, Permission, operator
from consentry.platform.clock import FixedClock
from consentry.platform.events import Event, EventName
from consentry.platform.keys import SiteKeys
from consentry.platform.settings.store import SettingsStore
from consentry.platform.site import Site

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from consentry.ledger.model import Act
    from consentry.platform.database import Database
    from consentry.platform.events import Delivery


def settings_with(
    purposes: tuple[str, ...] = ("greeting", "door_access", "sale_attribution"), embedder: str = "mobilefacenet", languages: str = "", profile: str = "cn"
) -> str:
    """Return the text of settings; ``languages`` is a line of the site's table."""
    wanted = "".join(
        f"""
[[purpose]]
id = "{purpose}"
method = "1:N"
retention = "90 days"
validity = "365 days"
alternatives = ["desk", "qr"]
"""
        for purpose in purposes
    )
    return f"""
[site]
id = "shop-1"
name = {{zh = "一号店", en = "Shop one"}}
zone = "Asia/Shanghai"
controller = {{zh = "示范公司", en = "Demo Ltd"}}
contact = "+86 000"
{languages}

[recognition]
embedder = "{embedder}"
profile = "{profile}"
{wanted}"""


NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROOT = bytes(range(32))
DAY = timedelta(days=1)
OPERATOR = operator("uid-1000")
OFFICER = Actor(ActorKind.STAFF, "officer-1", frozenset(Permission), "session-1", NOON + timedelta(days=4000))
DESK = Actor(ActorKind.STAFF, "desk-1", frozenset({Permission.HANDLE_REQUESTS, Permission.ATTEND_STATION, Permission.VIEW_CONSENTS}))
NOBODY = Actor(ActorKind.STAFF, "nobody-1", frozenset())

CHINESE = NoticeText(
    handler="示范公司",
    contact="上海市示范路 1 号",
    officer="个人信息保护负责人，办公室",
    purpose="认出同意过的顾客并问候",
    method="在您按下按钮后的十秒内用本机摄像头拍摄，比对后立即删除照片",
    data_types="人脸特征模板；不保存照片",
    retention="只保存到目的实现为止",
    at_expiry="删除模板及其密钥",
    necessity="只有比对人脸特征才能在您不出示任何物品时认出您",
    impact="人脸特征不能更换，一旦泄露影响较大，因此只在本机加密保存",
    alternatives="向前台报姓名\n出示会员码",
    storage="只保存在店内设备，不通过互联网传出",
    recipients="不提供给任何第三方",
    automated_decision="仅用于问候；您可以要求人工处理",
    rights="查阅、复制、转移、更正、补充、删除、限制处理、撤回、解释、注销",
    rights_channel="收据上的二维码、前台或本页面；十五天内答复",
    complaint="当地网信部门",
    minors="不为不满十四周岁的人登记",
)
ENGLISH = NoticeText(
    handler="Demo Ltd",
    contact="1 Demo Road, Shanghai",
    officer="Data protection officer, at the office",
    purpose="Recognise customers who agreed, and greet them",
    method="Within ten seconds after you press the button this camera takes pictures, which are deleted after the comparison",
    data_types="A template of your face; no picture is kept",
    retention="Only until its purpose is met",
    at_expiry="The template and its key are deleted",
    necessity="Without anything to show, only your face can tell that it is you",
    impact="A face cannot be changed, and a leak would hurt; so it is kept encrypted on this device alone",
    alternatives="Tell the front desk\nShow a member code",
    storage="On the device in the shop; not sent over the internet",
    recipients="No third party",
    automated_decision="Used to greet you only; you can ask for a person instead",
    rights="Access, copy, transfer, correct, supplement, delete, restrict, withdraw, explain, close the account",
    rights_channel="The code on your receipt, the desk, or this page; answered within fifteen days",
    complaint="The local cyberspace administration",
    minors="Nobody under fourteen is enrolled",
)
TEXTS = {"zh-CN": CHINESE, "en": ENGLISH}
TERMS = NoticeTerms(Method.ONE_TO_MANY, "mobilefacenet", 90 * DAY, 365 * DAY, (), "vault-1")


def site_on(database: Database, folder: Path, settings: str | None = None) -> Site:
    """Return a site on a database that has every table; its clock stands at noon."""
    for name in ("data", "keys"):
        (folder / name).mkdir(exist_ok=True)
    path = folder / "site.toml"
    path.write_text(settings or settings_with(), encoding="utf-8")
    return Site(SettingsStore(path), database, SiteKeys(ROOT, "shop-1"), FixedClock(NOON))


def pass_by(site: Site, **time: float) -> None:
    """Let time pass."""
    assert isinstance(site.clock, FixedClock)
    site.clock.advance(timedelta(**time))


def draft(site: Site, purpose: Purpose = Purpose.GREETING, **changes: Any) -> AssessmentDraft:  # noqa: ANN401 - fields of the draft
    """Return an assessment that could be signed."""
    said = {
        "lawfulness": "Separate consent is asked for; the purpose is specific and declared.",
        "impact": "A face cannot be changed; encryption and deletion lower the harm of a leak.",
        "risks": "Theft of the device, misuse by staff, confusion of two persons.",
        "protection": "Keys of each person, no network for the matcher, receipts, a log that cannot be altered.",
        "why_no_code": "A code is offered first; some people arrive without anything in their hands.",
    }
    made = AssessmentDraft(purpose=purpose, terms=TERMS, expires=site.clock.now() + 365 * DAY, **said)
    return replace(made, **changes)


def open_purpose(site: Site, purpose: Purpose = Purpose.GREETING, terms: NoticeTerms = TERMS, texts: Mapping[str, NoticeText] = TEXTS) -> Notice:
    """Publish the notice and sign the assessment of a purpose."""
    service.sign_assessment(site, OFFICER, draft(site, purpose, terms=terms))
    return service.publish_notice(site, OFFICER, purpose, texts, terms)


def yes(site: Site, purpose: Purpose = Purpose.GREETING, **changes: Any) -> Choice:  # noqa: ANN401 - fields of the choice
    """Return a yes to the notice in force."""
    notice = service.current_notice(site, purpose)
    shown = notice.sha256["en"] if notice else "0" * 64
    return replace(Choice(purpose, "en", shown, secrets.token_hex(16), at_least_14=True), **changes)


def agree(site: Site, purpose: Purpose = Purpose.GREETING, **changes: Any) -> Given:  # noqa: ANN401 - fields of the choice
    """Say yes, and enrol one's face."""
    given = service.give(site, yes(site, purpose, **changes))
    with writing(site) as work:
        service.note_enrolled(work, given.consent)
    return given


def acts(site: Site, action: str | None = None) -> list[Act]:
    """Return what the ledger holds, oldest first."""
    page = browse(site, OPERATOR, limit=500)
    found = [listed.entry.act for listed in reversed(page.entries) if listed.entry]
    return [act for act in found if action in {None, act.action}]


class Listener:
    """Hears every event of consent."""

    def __init__(self) -> None:
        self.heard: list[Event] = []

    def __call__(self, _: Site, delivery: Delivery) -> None:
        self.heard.append(delivery.event)

    def handlers(self) -> dict[EventName, list[Listener]]:
        return {name: [self] for name in EventName if name.startswith("Consent")}
