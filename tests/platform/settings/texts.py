"""Settings files for tests: the least there can be, and one with everything."""

from __future__ import annotations

import re

from consentry.platform.settings.template import new_settings_text

LEAST = """\
[site]
id = "shop-1"
name = "Shop"
zone = "Asia/Shanghai"
controller = { zh = "某某公司", en = "Some Company" }
contact = "+86 20 0000 0000"
"""

DOOR = """
[[camera]]
id = "door"
name = { zh = "大门", en = "Main door" }
source = "loop:door.mp4"
zone_type = "entrance"
basis = "anonymous-counting"
retention = "90 days"

[camera.sign]
text = "People are counted here."
place = "Left of the door"
photo = "signs/door.jpg"
placed_on = 2026-01-31

[[camera.line]]
id = "main"
name = "Doorway"  # measured on site
from = [10, 20]
to = [300, 20]
"""

FACES = """
[recognition]

[[purpose]]
id = "greeting"
retention = "180 days"
validity = "365 days"
alternatives = ["desk"]

[[station]]
id = "kiosk"
name = { zh = "迎宾台", en = "Kiosk" }
purposes = ["greeting"]
zone = [0.2, 0, 0.8, 1]
"""


def everything() -> str:
    """Return the template of ``init`` with every key taken into use."""
    answers = {"site.id": "shop-1", "site.name": "Shop", "site.zone": "Asia/Shanghai", "site.controller": "Company", "site.contact": "counter"}
    return re.sub(r"^# ", "", new_settings_text(answers), flags=re.MULTILINE)
