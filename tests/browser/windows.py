"""Windows of a browser, which open and close however busy the machine is."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext

__all__ = ["PATIENCE_MS", "close_window", "open_window", "signed_in_state", "window"]

PATIENCE_MS = 90_000
"""How long anything on a page is waited for: thrice as long as Playwright does by itself."""
AT_REST_MS = 15_000


def open_window(browser: Browser, **look: Any) -> BrowserContext:  # noqa: ANN401 - what Playwright takes
    """Open a window; ``look`` as for Playwright's ``new_context``."""
    opened = browser.new_context(**look)
    opened.set_default_timeout(PATIENCE_MS)
    return opened


def close_window(opened: BrowserContext) -> None:
    """Close a window with its pages. Closing one while a page is on its way to another may never end, so every page is brought to rest before."""
    for page in opened.pages:
        with suppress(Error):
            page.unroute_all(behavior="ignoreErrors")
            page.goto("about:blank", timeout=AT_REST_MS)
    opened.close()


@contextmanager
def window(browser: Browser, **look: Any) -> Iterator[BrowserContext]:  # noqa: ANN401 - as above
    """Open a window until the block ends."""
    opened = open_window(browser, **look)
    try:
        yield opened
    finally:
        close_window(opened)


def signed_in_state(browser: Browser, address: str, name: str, passphrase: str, *, then: str) -> Any:  # noqa: ANN401 - what Playwright keeps of a browser
    """Sign in at ``address`` and wait for ``then``; return what windows that are opened later begin with."""
    with window(browser, locale="en-GB") as context:
        page = context.new_page()
        page.goto(address)
        page.fill("#name", name)
        page.fill("#passphrase", passphrase)
        page.keyboard.press("Enter")
        page.wait_for_selector(then)
        return context.storage_state()
