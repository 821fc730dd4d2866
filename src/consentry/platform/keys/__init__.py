"""Root keys of a site and everything derived from them: kept outside the data, readable by one account, never shown."""

from __future__ import annotations

from consentry.platform.keys.site_keys import SiteKeys

__all__ = ["SiteKeys"]
