"""Imports every page, so that the registry holds them all. A new page takes its place in this list."""

from __future__ import annotations

from consentry.access.page import controllers, doors, events, groups, guests, inside, loans, modes, people, person, policy, simulator
from consentry.alarms import page as alarms_page
from consentry.attribution.page import agencies, appeals, board, deal, deals, desks, reports, rulebooks, today, visits
from consentry.cameras import page as cameras_page
from consentry.consent.page import governance
from consentry.console import account, overview, settings_page, sign_in
from consentry.ledger import page as ledger_page
from consentry.recognition import page as recognition_page
from consentry.staff import page as staff_page
from consentry.statistics import page as statistics_page

__all__ = ["MODULES"]

DOORS = (doors, events, people, person, loans, groups, guests, inside, modes, policy, simulator, controllers)
ATTRIBUTION = (today, reports, visits, deals, deal, appeals, board, agencies, rulebooks, desks)
MODULES = (
    overview,
    statistics_page,
    cameras_page,
    alarms_page,
    *DOORS,
    *ATTRIBUTION,
    governance,
    recognition_page,
    ledger_page,
    staff_page,
    settings_page,
    account,
    sign_in,
)
"""The modules that declare pages."""
