"""Names, contrast, focus and order of every page, checked by hand-written rules of WCAG 2.2 AA."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import PHONE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.conftest import Running, Visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGES = ("", "/footfall", "/cameras", "/cameras/front", "/alarms", "/ledger", "/ledger/1", "/staff", "/staff/keys", "/settings", "/account")

NAMELESS = """() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, [role=button], [role=img]')]
  .filter((element) => !element.closest('[aria-hidden=true]'))
  .filter((element) => {
    const labelled = element.labels?.length || element.getAttribute('aria-label') || element.getAttribute('aria-labelledby');
    return !labelled && !element.textContent.trim();
  }).map((element) => element.outerHTML.slice(0, 160))"""

FAINT = """() => {
  const channel = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const luminance = ([r, g, b]) => 0.2126 * channel(r / 255) + 0.7152 * channel(g / 255) + 0.0722 * channel(b / 255);
  const parse = (text) => { const parts = text.match(/[\\d.]+/g).map(Number); return parts.length > 3 ? parts : [...parts, 1]; };
  const over = (top, below) => top.slice(0, 3).map((value, place) => value * top[3] + below[place] * (1 - top[3]));
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.push(parse(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !element.checkVisibility()) continue;
    if (element.closest('svg, script, style, option, :disabled, .watermark, .unseen')) continue;
    const style = getComputedStyle(element);
    const below = ground(element);
    const [one, other] = [luminance(over(parse(style.color), below)), luminance(below)];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5)) faint.push(`${ratio.toFixed(2)} ${walker.currentNode.textContent.trim().slice(0, 40)}`);
  }
  return [...new Set(faint)];
}"""

SMALL = """() => [...document.querySelectorAll('button, a.button, select, input:not([type=hidden]), .bottom-link, .nav-link')]
  .filter((element) => element.checkVisibility() && !element.closest('.unseen') && !element.classList.contains('unseen'))
  .map((element) => [element.getBoundingClientRect(), element])
  .filter(([box]) => box.width && (Math.min(box.width, box.height) < (1) || box.height < 24 || box.width < 24))
  .filter(([box, element]) => element.type !== 'checkbox')
  .map(([box, element]) => `${box.width}x${box.height} ${element.outerHTML.slice(0, 120)}`)"""

FOCUSED = """() => {
  const element = document.activeElement;
  const style = getComputedStyle(element);
  const lined = style.boxShadow !== 'none' || parseFloat(style.strokeWidth) >= 4 || style.filter !== 'none';
  const shown = lined || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2);
  const box = element.getBoundingClientRect();
  return { tag: element.tagName, text: (element.getAttribute('aria-label') || element.textContent).trim().slice(0, 40), shown, top: box.top, left: box.left };
}"""

_AT_REST = "document.getAnimations().every((one) => one.effect.getComputedTiming().endTime === Infinity)"
SETTLED = {scheme: f"() => document.body.matches('.body--{scheme}') && {_AT_REST}" for scheme in ("light", "dark")}
"""That side of the page's style is there, and no colour is on its way to another any more."""


@pytest.mark.parametrize("path", PAGES)
def test_every_control_and_picture_has_a_name(tour: Callable[..., Visit], shop: Running, path: str) -> None:
    seen = tour(shop, "administrator")
    seen.go(f"/console{path}")
    assert seen.page.evaluate(NAMELESS) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_every_text_stands_out_from_its_ground(tour: Callable[..., Visit], shop: Running, path: str, scheme: str) -> None:
    seen = tour(shop, "administrator", scheme=scheme)
    seen.go(f"/console{path}")
    seen.page.wait_for_function(SETTLED[scheme])
    assert seen.page.evaluate(FAINT) == []


@pytest.mark.parametrize("path", PAGES)
def test_every_control_is_large_enough_for_a_finger(tour: Callable[..., Visit], shop: Running, path: str) -> None:
    seen = tour(shop, "administrator", device=PHONE)
    seen.go(f"/console{path}")
    assert seen.page.evaluate(SMALL) == []


def test_the_first_stop_of_the_keyboard_skips_to_the_content(visit: Callable[..., Visit], shop: Running) -> None:
    seen = visit(shop, "administrator")
    seen.go("/console/alarms")
    seen.page.keyboard.press("Tab")
    assert seen.page.evaluate(FOCUSED)["text"] == "Skip to the content"
    seen.shoot("skip-link")
    seen.page.keyboard.press("Enter")
    seen.page.keyboard.press("Tab")
    assert seen.page.evaluate("document.querySelector('main').contains(document.activeElement)")


@pytest.mark.parametrize("path", ["", "/cameras/front", "/settings"])
def test_the_focus_is_seen_wherever_the_keyboard_goes_and_comes_to_the_content_after_the_navigation(
    visit: Callable[..., Visit], shop: Running, path: str
) -> None:
    seen = visit(shop, "administrator")
    seen.go(f"/console{path}")
    stops = []
    for _ in range(22):
        seen.page.keyboard.press("Tab")
        stops.append(seen.page.evaluate(FOCUSED))
    assert [stop for stop in stops if not stop["shown"] and stop["tag"] != "BODY"] == []
    names = [stop["text"] for stop in stops]
    assert names.index("Overview") < names.index("Settings")
    assert stops[names.index("Overview")]["top"] < stops[names.index("Settings")]["top"]


def test_a_dialog_takes_the_focus_keeps_it_and_gives_it_back(visit: Callable[..., Visit], shop: Running) -> None:
    seen = visit(shop, "administrator")
    seen.go("/console/staff")
    seen.page.focus("button:has-text('Invite')")
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_selector("dialog[open]")
    seen.shoot("staff-invite")
    for _ in range(6):
        seen.page.keyboard.press("Tab")
        assert seen.page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog[open]')")
    seen.page.keyboard.press("Escape")
    seen.page.wait_for_selector("dialog[open]", state="detached")
    seen.page.wait_for_function("document.activeElement.textContent.includes('Invite')")


def test_the_watermark_names_who_looks_and_takes_no_click(visit: Callable[..., Visit], shop: Running) -> None:
    seen = visit(shop, "auditor")
    seen.go("/console/staff")
    mark = seen.page.locator(".watermark")
    assert "%E7%8E%8B%E7%A3%8A" in (mark.get_attribute("style") or "")
    assert mark.evaluate("(element) => getComputedStyle(element).pointerEvents") == "none"
    seen.go("/console/cameras")
    assert seen.page.locator(".watermark").count() == 0
