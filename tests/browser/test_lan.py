"""The console over TLS under the site's name on the LAN, with the certificate of the site's own authority."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from consentry.staff.model import Role
from tests.browser.conftest import PHONE
from tests.browser.demo_site import LAN_NAME, PASSWORD, employ, found
from tests.browser.running_site import served

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import BrowserContext

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_phone_signs_in_under_the_lan_name_over_tls(new_window: Callable[..., BrowserContext], tmp_path: Path) -> None:
    answers = {"web__names": [LAN_NAME], "web__tls__mode": "local-authority"}
    file = found(tmp_path / "site", datetime.now(UTC), **answers)
    employ(file, "Li Na", Role.STORE_MANAGER)
    with served(file, tls=True) as origin:
        # Whether the certificate is trusted where the authority was installed is tested with the transport; a throw-away browser has not installed it.
        context = new_window(locale="zh-CN", ignore_https_errors=True, **PHONE)
        page = context.new_page()
        page.goto(f"https://{LAN_NAME}:{urlsplit(origin).port}/console")
        page.fill("input[name=name]", "Li Na")
        page.fill("input[name=password]", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_selector("h1:has-text('总览')")
        cookie = next(cookie for cookie in context.cookies() if cookie["name"].startswith("__Host-"))
        assert cookie["secure"]
        assert cookie["httpOnly"]
        assert page.evaluate("isSecureContext")
