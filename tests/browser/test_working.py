"""What people do in the console: draw lines, look at figures, handle alarms, change settings, verify, employ."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import PHONE, downloaded
from tests.browser.test_attribution_console import await_act

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.conftest import Running, Visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def point(page: Page, shape: str, number: int) -> tuple[float, float]:
    """Return where a point of a line or area is, as its label says."""
    label = page.locator(f"[aria-label^='{shape}, point {number}, at']").get_attribute("aria-label") or ""
    x, y = re.findall(r"at (\d+), (\d+)", label)[0]
    return float(x), float(y)


def push(page: Page, shape: str, number: int, key: str, is_there: Callable[[float, float], bool]) -> None:
    """Press a key until a point is there; while the page draws anew, a key may find nothing that has the focus."""
    for _ in range(100):
        if is_there(*point(page, shape, number)):
            return
        page.focus(f"[aria-label^='{shape}, point {number}, at']")
        page.keyboard.press(key)
    pytest.fail(f"{shape}, point {number} stands at {point(page, shape, number)}")


def drag(page: Page, shape: str, number: int, across: float, down: float) -> None:
    """Drag a point with the mouse, again where the page was drawn anew meanwhile and it was not hit."""
    before = point(page, shape, number)
    for _ in range(10):
        box = page.locator(f"[aria-label^='{shape}, point {number}, at']").bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + across / 2, y + down / 2)
        page.mouse.move(x + across, y + down)
        page.mouse.up()
        if point(page, shape, number) != before:
            return
    pytest.fail(f"{shape}, point {number} was never hit")


def test_lines_are_drawn_by_mouse_and_keys_refused_in_place_and_saved_with_comments(visit: Callable[..., Visit], shop: Running) -> None:
    seen = visit(shop, "administrator")
    page = seen.page
    seen.go("/console/cameras/front")
    before = point(page, "Main doorway", 1)
    drag(page, "Main doorway", 1, 60, 40)
    assert point(page, "Main doorway", 1)[0] > before[0]
    was = point(page, "Main doorway", 2)
    push(page, "Main doorway", 2, "ArrowLeft", lambda x, _: x < was[0])
    push(page, "Main doorway", 2, "Shift+ArrowUp", lambda _, y: y < was[1])
    assert point(page, "Main doorway", 2) == pytest.approx((was[0] - 6.4, was[1] - 64), abs=1)
    for number in (1, 2):
        push(page, "Main doorway", number, "Shift+ArrowLeft", lambda x, _: x <= 0)
    page.wait_for_selector("[role=alert] >> text=Main doorway")
    seen.shoot("camera-refused")
    page.click("main button:has-text('Save')")
    page.wait_for_timeout(500)
    assert "from = [200, 430]" in shop.file.read_text(encoding="utf-8")
    push(page, "Main doorway", 1, "Shift+ArrowRight", lambda x, _: x >= 380)
    push(page, "Main doorway", 2, "Shift+ArrowRight", lambda x, _: x >= 890)
    page.wait_for_selector("[role=alert] >> text=Main doorway", state="detached")
    page.fill("section.shape >> nth=0 >> input[name=en]", "Glass doors")
    page.keyboard.press("Tab")
    page.click("main button:has-text('Save')")
    page.wait_for_selector("text=Lines and areas are in force.")
    text = shop.file.read_text(encoding="utf-8")
    assert "Glass doors" in text
    assert "# the tape on the floor" in text
    assert "from = [200, 430]" not in text


def test_a_point_is_dragged_by_a_finger(visit: Callable[..., Visit], shop: Running) -> None:
    seen = visit(shop, "administrator", device=PHONE)
    seen.go("/console/cameras/front")
    handle = seen.page.locator("[aria-label^='Shop window, point 1, at']")
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    assert box is not None
    before = point(seen.page, "Shop window", 1)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = seen.page.context.new_cdp_session(seen.page)
    for kind, points in (("touchStart", [(x, y)]), ("touchMove", [(x + 12, y + 8)]), ("touchMove", [(x + 30, y + 20)]), ("touchEnd", [])):
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": px, "y": py} for px, py in points]})
    seen.page.wait_for_selector(f"[aria-label^='Shop window, point 1, at']:not([aria-label$='at {before[0]:.0f}, {before[1]:.0f}'])")
    after = point(seen.page, "Shop window", 1)
    assert after[0] > before[0] + 30
    assert after[1] > before[1] + 20


def test_a_still_is_asked_for_with_a_reason_that_the_ledger_keeps(visit: Callable[..., Visit], shop: Running) -> None:
    seen = visit(shop, "administrator")
    seen.go("/console/cameras/front")
    seen.page.click("button:has-text('Look at a still')")
    seen.page.fill("dialog[open] input[name=reason]", "the line must follow the new mat")
    seen.shoot("camera-still-reason")
    seen.page.click("dialog[open] button[type=submit]")
    seen.page.wait_for_selector(".picture g rect")
    assert seen.page.locator(".picture g rect").count() == 32 * 18
    seen.shoot("camera-still")
    assert ("camera.still", "the line must follow the new mat") in shop.acts()


def test_an_alarm_is_acknowledged_escalated_and_closed(visit: Callable[..., Visit], shop: Running) -> None:
    seen = visit(shop, "manager")
    page = seen.page
    seen.go("/console/alarms")
    row = page.locator("li", has_text="Camera stopped: Side entrance")
    row.locator("button:has-text('Escalate')").click()
    row.locator(".badge:has-text('Escalated')").wait_for()
    row.locator("button:has-text('Acknowledge')").click()
    page.fill("dialog[open] textarea", "The electrician comes at four.")
    seen.shoot("alarm-acknowledge")
    page.click("dialog[open] button[type=submit]")
    row.locator(".badge:has-text('Acknowledged')").wait_for()
    row.locator("a").first.click()
    page.wait_for_selector("text=The electrician comes at four.")
    seen.shoot("alarm")
    page.click("main button:has-text('Close')")
    page.wait_for_selector("text=The alarm is closed.")
    seen.go("/console/alarms?show=closed")
    page.wait_for_selector("text=Camera stopped: Side entrance")


def test_a_change_of_settings_is_checked_shown_and_applied_with_its_reason(visit: Callable[..., Visit], shop: Running) -> None:
    seen = visit(shop, "administrator")
    page = seen.page
    seen.go("/console/settings?part=retention")
    page.fill("input[name='retention.heat']", "forever")
    page.click("button:has-text('Review the changes')")
    page.wait_for_selector("#review [role=alert]")
    assert "retention.heat" in page.inner_text("#review")
    seen.shoot("settings-refused")
    page.fill("input[name='retention.heat']", "30 days")
    page.click("button:has-text('Review the changes')")
    page.wait_for_selector("#review .diff-new")
    assert "30 days" in page.inner_text("#review .diff-new")
    seen.shoot("settings-review")
    assert 'heat = "30 days"' not in shop.file.read_text(encoding="utf-8")
    page.fill("#review input[name=reason]", "less is enough")
    page.click("#review button[type=submit]")
    page.wait_for_selector("text=The settings are in force.")
    text = shop.file.read_text(encoding="utf-8")
    assert 'heat = "30 days"' in text
    assert "# the tape on the floor" in text
    assert "settings.applied" in {action for action, _ in shop.acts()}


def test_the_settings_file_is_edited_as_text_and_every_problem_named_with_its_line(visit: Callable[..., Visit], shop: Running) -> None:
    seen = visit(shop, "administrator")
    page = seen.page
    seen.go("/console/settings?part=file")
    text = page.input_value("textarea[name=text]")
    page.fill("textarea[name=text]", text.replace('zone_type = "outdoor-path"', 'zone_type = "fitting-room"\ncolour = "red"'))
    page.click("button:has-text('Review the changes')")
    page.wait_for_selector("text=2 things must be mended first")
    assert page.inner_text("#review").count("Line ") == 2
    seen.shoot("settings-file-refused")


def test_an_auditor_sees_settings_without_addresses_and_cannot_change_them(visit: Callable[..., Visit], shop: Running) -> None:
    seen = visit(shop, "auditor")
    seen.go("/console/settings?part=database")
    assert seen.page.locator("button:has-text('Review')").count() == 0
    assert "database.url" not in seen.page.inner_text("main")


def test_the_ledger_is_verified_and_a_receipt_holds_outside(visit: Callable[..., Visit], shop: Running, tmp_path: Path) -> None:
    seen = visit(shop, "auditor")
    page = seen.page
    seen.go("/console/ledger")
    page.click("button:has-text('Verify the whole ledger')")
    page.wait_for_selector("text=The ledger is whole")
    seen.shoot("ledger-verified")
    seen.go("/console/ledger/2")
    page.wait_for_selector("svg.qr")
    check = shlex.split(page.locator("code:has-text('consentry ledger verify')").inner_text())
    with downloaded(page) as files:
        page.click("button:has-text('Download the receipt')")
    (name, content), *_ = files.items()
    receipt = tmp_path / name
    receipt.write_bytes(content)
    seen.go("/console/ledger")
    page.set_input_files("input[type=file]", receipt)
    page.wait_for_selector("text=The receipt holds")
    seen.shoot("ledger-receipt-holds")
    receipt.write_bytes(content.replace(b"camera.", b"kamera.", 1))
    page.set_input_files("input[type=file]", receipt)
    page.wait_for_selector(".toast.bad, [role=alert]")
    key = page.locator("dt:has-text('Key of the log') + dd").inner_text()
    assert check == ["consentry", "ledger", "verify", "--key", key, name]
    receipt.write_bytes(content)
    command = "import sys; from consentry.cli.main import main; sys.exit(main())"
    checked = subprocess.run([sys.executable, "-c", command, *check[1:]], check=False, capture_output=True, cwd=tmp_path)
    assert checked.returncode == 0, checked.stderr


def choose(page: Page, key: str, interval: str) -> str:
    """Press a key until the chart tells of an interval, and return what it says; while the page draws anew, a key may find nothing that has the focus."""
    for _ in range(100):
        read = page.inner_text(".chart-read >> nth=0")
        if interval in read:
            return read
        page.focus(".chart-stage >> nth=0")
        page.keyboard.press(key)
    pytest.fail(f"the chart does not come to {interval}")


def test_figures_are_read_by_keyboard_shown_as_a_table_and_downloaded(visit: Callable[..., Visit], shop: Running) -> None:
    seen = visit(shop, "manager")
    page = seen.page
    seen.go("/console/footfall")
    choose(page, "Home", "00:00–00:15")
    read = choose(page, "ArrowRight", "11:00–11:15")
    assert re.search(r"In \d+ \(\d+ to \d+\)", read)
    seen.shoot("footfall-chosen")
    page.click("summary:has-text('Show as a table')")
    row = page.locator("tr", has_text="11:00–11:15")
    assert re.search(r"\d+ \(\d+ to \d+\)", row.inner_text())
    with downloaded(page) as files:
        page.click("button:has-text('CSV')")
    (name, content), *_ = files.items()
    assert name.startswith("footfall-riverside-")
    assert content.count(b"\n") > 40
    assert "figures.exported" in {action for action, _ in shop.acts()}


def test_somebody_s_details_are_shown_only_after_reason_and_ticket(visit: Callable[..., Visit], shop: Running) -> None:
    seen = visit(shop, "administrator")
    page = seen.page
    seen.go("/console/staff")
    page.click("a:has-text('Details') >> nth=1")
    page.wait_for_selector("text=Why do you look?")
    assert "Second factors" not in page.inner_text("main")
    page.fill("input[name=reason]", "quarterly review of rights")
    page.fill("input[name=ticket]", "REV-2026-4")
    seen.shoot("staff-why")
    page.click("button:has-text('Show the details')")
    await_act(page, "h2:has-text('Signed in at')")
    seen.shoot("staff-details")
    assert ("staff.viewed", "quarterly review of rights") in shop.acts()


def test_an_api_key_is_shown_once_and_works_until_it_is_revoked(visit: Callable[..., Visit], shop: Running) -> None:
    seen = visit(shop, "administrator")
    page = seen.page
    seen.go("/console/staff/keys")
    page.click("button:has-text('New key')")
    page.fill("dialog[open] input[name=label]", "till")
    page.check("dialog[open] input[value=view-figures]")
    page.click("dialog[open] button[type=submit]")
    await_act(page, ".shown-once")
    assert page.inner_text(".shown-once").startswith("consentry_")
    seen.shoot("api-key-once")
    seen.go("/console/staff/keys")
    assert page.locator(".shown-once").count() == 0
    page.click("button:has-text('Revoke')")
    await_act(page, ".badge:has-text('revoked')")
