"""The page that helps to install the local authority on a phone, tablet or computer, and the files that it offers.

Served over TLS or on loopback only, never over plain HTTP: whoever could alter it on the way could put an authority of their own in. The
first visit shows the device's warning; the fingerprint, compared with the one that `consentry init` printed, takes the warning's place.
The page needs no script and loads nothing.
"""

from __future__ import annotations

import base64
import hashlib
import plistlib
from dataclasses import dataclass
from html import escape
from string import Template
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from consentry.platform.tls.authority import fingerprint
from consentry.platform.tls.install_words import STEPS, WORDS

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from consentry.platform.settings.model import Language

__all__ = ["CONTENT_SECURITY_POLICY", "InstallFile", "certificate_file", "install_page", "profile_file"]

_STYLE = """\
:root{color-scheme:light dark;--ground:#fff;--text:#1b1f24;--soft:#4a5360;--line:#6b7480;--link:#0b57c2;--box:#f1f4f8}
@media(prefers-color-scheme:dark){:root{--ground:#14171b;--text:#eef1f5;--soft:#b5bec9;--line:#8a94a0;--link:#8ab8ff;--box:#20252c}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:44rem;padding:1rem;background:var(--ground);color:var(--text);font:1.0625rem/1.6 system-ui,sans-serif}
h1{font-size:1.5rem;line-height:1.3}h2{font-size:1.2rem;margin-top:2rem}
a{color:var(--link)}a:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.file{display:block;padding:.75rem 1rem;margin:.5rem 0;border:1px solid var(--line);border-radius:.5rem;min-height:44px}
code{display:block;padding:.75rem;background:var(--box);border-radius:.5rem;font:1rem/1.7 ui-monospace,monospace;overflow-wrap:anywhere}
p.soft{color:var(--soft)}li{margin:.4rem 0}
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
CONTENT_SECURITY_POLICY = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The policy that the page is served with."""

_PAGE = Template("""\
<!DOCTYPE html>
<html lang="$language">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>$title</title>
<style>$style</style>
</head>
<body>
<header><nav aria-label="$languages">$other</nav></header>
<main>
<h1>$title</h1>
<p>$why</p>
<h2>$compare_title</h2>
<p>$compare</p>
<code>$fingerprint</code>
<p class="soft">$differs</p>
<h2>$files_title</h2>
<a class="file" href="$profile" download>$profile_name</a>
<a class="file" href="$certificate" download>$certificate_name</a>
$steps
<h2>$limits_title</h2>
<p>$limits</p>
</main>
</body>
</html>
""")


@dataclass(frozen=True, slots=True)
class InstallFile:
    """A file that a device installs: its name, its media type and its bytes."""

    name: str
    media_type: str
    content: bytes


def certificate_file(authority: Certificate) -> InstallFile:
    """Return the authority's certificate for Android, Windows and macOS (DER)."""
    return InstallFile("consentry-ca.crt", "application/x-x509-ca-cert", authority.public_bytes(Encoding.DER))


def profile_file(authority: Certificate) -> InstallFile:
    """Return the authority's certificate as a configuration profile for iPhone, iPad and macOS."""
    der = authority.public_bytes(Encoding.DER)
    mark = authority.fingerprint(SHA256()).hex()
    name = authority.subject.rfc4514_string().removeprefix("CN=")
    certificate = {
        "PayloadType": "com.apple.security.root",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"consentry.authority.{mark[:16]}.certificate",
        "PayloadUUID": str(uuid5(NAMESPACE_URL, f"consentry:{mark}:certificate")).upper(),
        "PayloadDisplayName": name,
        "PayloadCertificateFileName": "consentry-ca.crt",
        "PayloadContent": der,
    }
    profile = {
        "PayloadType": "Configuration",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"consentry.authority.{mark[:16]}",
        "PayloadUUID": str(uuid5(NAMESPACE_URL, f"consentry:{mark}")).upper(),
        "PayloadDisplayName": name,
        "PayloadDescription": f"SHA-256 {fingerprint(authority)}",
        "PayloadContent": [certificate],
    }
    return InstallFile("consentry-ca.mobileconfig", "application/x-apple-aspen-config", plistlib.dumps(profile))


def install_page(authority: Certificate, language: Language, path: str = "/install-ca") -> str:
    """Return the page in one language, as HTML.

    ``path``: where it is served; the files are offered at ``<path>/consentry-ca.mobileconfig`` and ``<path>/consentry-ca.crt``, the other
    language at ``<path>?lang=``.
    """
    words = {key: escape(text) for key, text in WORDS[language].items()}
    steps = "\n".join(
        f"<h2>{escape(device)}</h2>\n<ol>{''.join(f'<li>{escape(step)}</li>' for step in listed)}</ol>" for device, listed in STEPS[language].items()
    )
    others = [
        f'<a href="{escape(path)}?lang={other}" hreflang="{other}" lang="{other}">{escape(text["called"])}</a>'
        for other, text in WORDS.items()
        if other is not language
    ]
    return _PAGE.substitute(
        words,
        language=language.value,
        style=_STYLE,
        other=" ".join(others),
        fingerprint=fingerprint(authority),
        profile=f"{escape(path)}/{profile_file(authority).name}",
        certificate=f"{escape(path)}/{certificate_file(authority).name}",
        steps=steps,
    )
