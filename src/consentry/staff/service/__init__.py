"""What people do with staff accounts. Functions that take an actor check the permission that they are marked with.

Signing in, following a link, and finding out who sends a token are for everybody, and take no actor.
"""

from __future__ import annotations

from consentry.staff.service.administration import account_details, accounts, change_role, disable, enable, own_account, reset_second_factors
from consentry.staff.service.links import accept_link, first_administrator_link, invitation, invite, recover, site_address
from consentry.staff.service.program_keys import actor_of_key, api_keys, create_api_key, revoke_api_key
from consentry.staff.service.second_factors import (
    begin_one_time_codes,
    begin_security_key,
    finish_one_time_codes,
    finish_security_key,
    own_second_factors,
    remove_second_factor,
    renew_recovery_codes,
)
from consentry.staff.service.sessions import actor_of, end_own_session, end_sessions, forget_expired, own_sessions, sign_out
from consentry.staff.service.signing_in import change_password, confirm, finish_sign_in, security_key_options, sign_in
from consentry.staff.service.viewing import access_review, note_viewing

__all__ = [
    "accept_link",
    "access_review",
    "account_details",
    "accounts",
    "actor_of",
    "actor_of_key",
    "api_keys",
    "begin_one_time_codes",
    "begin_security_key",
    "change_password",
    "change_role",
    "confirm",
    "create_api_key",
    "disable",
    "enable",
    "end_own_session",
    "end_sessions",
    "finish_one_time_codes",
    "finish_security_key",
    "finish_sign_in",
    "first_administrator_link",
    "forget_expired",
    "invitation",
    "invite",
    "note_viewing",
    "own_account",
    "own_second_factors",
    "own_sessions",
    "recover",
    "remove_second_factor",
    "renew_recovery_codes",
    "reset_second_factors",
    "revoke_api_key",
    "security_key_options",
    "sign_in",
    "sign_out",
    "site_address",
]
