"""Whoever makes a link for somebody else is told where that link opens nothing."""

from __future__ import annotations

import pytest

from consentry.console.shown_link import is_only_here


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("http://localhost:8080/console/welcome?token=x", True),
        ("http://127.0.0.1:8080/agent/welcome#x", True),
        ("https://[::1]:8443/agent/welcome#x", True),
        ("https://192.168.1.20:8443/agent/welcome#x", False),
        ("https://shop.lan/console/welcome?token=localhost", False),
    ],
)
def test_a_link_to_the_machine_itself_opens_nowhere_else(address: str, here: bool) -> None:
    assert is_only_here(address) is here
