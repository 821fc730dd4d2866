"""The tables of the first release."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["upgrade"]

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table."""
    for create in (
        _access_controller,
        _access_controller_pairing,
        _access_door_state,
        _access_event,
        _access_face_stop,
        _access_group,
        _access_mode,
        _access_order,
        _access_person,
        _access_policy,
        _access_policy_draft,
        _access_revision,
        _access_snapshot,
        _alarm,
        _area_minute,
        _area_span,
        _attribution_agency,
        _attribution_deal,
        _attribution_desk,
        _attribution_desk_entry,
        _attribution_desk_pairing,
        _attribution_document_check,
        _attribution_edit,
        _attribution_heartbeat,
        _attribution_link,
        _attribution_outage,
        _attribution_party,
        _attribution_report_nonce,
        _attribution_rulebook,
        _attribution_statement,
        _attribution_visit,
        _attribution_visit_code,
        _camera_gap,
        _camera_health,
        _camera_hole,
        _camera_run,
        _camera_span,
        _consent,
        _consent_assessment,
        _consent_lost_report,
        _consent_notice,
        _consent_person,
        _consent_purpose_off,
        _consent_refusal,
        _consent_request,
        _dwell_hour,
        _heat_hour,
        _http_repeat,
        _ledger_attestation,
        _ledger_checkpoint,
        _ledger_entry,
        _ledger_head,
        _ledger_node,
        _line_minute,
        _line_span,
        _outbox,
        _place,
        _process_change,
        _recognition_acceptance,
        _recognition_capture,
        _recognition_erasure,
        _recognition_pairing,
        _recognition_review,
        _recognition_station,
        _recognition_suspension,
        _recognition_vault_key,
        _recognition_vault_number,
        _reporting_zone,
        _staff_account,
        _staff_attempt,
        _watched_minute,
        _watched_span,
        _access_credential,
        _access_membership,
        _access_resident,
        _alarm_delivery,
        _attribution_agent,
        _attribution_buyer,
        _attribution_contract,
        _attribution_flag,
        _attribution_payment,
        _attribution_sent_back,
        _attribution_verdict,
        _staff_api_key,
        _staff_factor,
        _staff_link,
        _staff_recovery_code,
        _staff_session,
        _staff_ticket,
        _worker_run,
        _access_guest,
        _access_resident_link,
        _access_resident_session,
        _access_use,
        _attribution_agent_link,
        _attribution_agent_session,
        _attribution_appeal,
        _attribution_report,
        _attribution_reply,
    ):
        create()


def _access_controller() -> None:
    op.create_table(
        "access_controller",
        sa.Column("id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("signing_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("exchange_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("paired", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paired_by", sa.String(length=80), nullable=False),
        sa.Column("revoked", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.Column("snapshot", sa.BigInteger(), nullable=False),
        sa.Column("acknowledged", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.Column("skew_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_controller")),
        sa.UniqueConstraint("signing_key", name=op.f("uq_access_controller_signing_key")),
    )
    op.create_index(op.f("ix_access_controller_controller_revoked"), "access_controller", ["controller", "revoked"], unique=False)


def _access_controller_pairing() -> None:
    op.create_table(
        "access_controller_pairing",
        sa.Column("code", sa.LargeBinary(length=32), autoincrement=False, nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_access_controller_pairing")),
    )
    op.create_index(op.f("ix_access_controller_pairing_expires"), "access_controller_pairing", ["expires"], unique=False)


def _access_door_state() -> None:
    op.create_table(
        "access_door_state",
        sa.Column("door", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("contact", sa.String(length=24), nullable=False),
        sa.Column("mode", sa.String(length=24), nullable=False),
        sa.Column("readers", sa.JSON(), nullable=False),
        sa.Column("told", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("door", name=op.f("pk_access_door_state")),
    )


def _access_event() -> None:
    op.create_table(
        "access_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("device", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=48), nullable=False),
        sa.Column("door", sa.String(length=64), nullable=True),
        sa.Column("claimed_door", sa.String(length=64), nullable=True),
        sa.Column("reader", sa.String(length=24), nullable=True),
        sa.Column("person", sa.String(length=64), nullable=True),
        sa.Column("credential", sa.String(length=64), nullable=True),
        sa.Column("reports", sa.JSON(), nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=True),
        sa.Column("order", sa.String(length=64), nullable=True),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("alarm", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_event")),
        sa.UniqueConstraint("device", "seq", name=op.f("uq_access_event_device_seq")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_access_event_alarm"), "access_event", ["alarm"], unique=False)
    op.create_index(op.f("ix_access_event_at"), "access_event", ["at"], unique=False)
    op.create_index(op.f("ix_access_event_credential_id"), "access_event", ["credential", "id"], unique=False)
    op.create_index(op.f("ix_access_event_door_id"), "access_event", ["door", "id"], unique=False)
    op.create_index(op.f("ix_access_event_kind_at"), "access_event", ["kind", "at"], unique=False)
    op.create_index(op.f("ix_access_event_person_id"), "access_event", ["person", "id"], unique=False)


def _access_face_stop() -> None:
    op.create_table(
        "access_face_stop",
        sa.Column("door", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("door", name=op.f("pk_access_face_stop")),
    )


def _access_group() -> None:
    op.create_table(
        "access_group",
        sa.Column("id", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("zh", sa.String(length=80), nullable=False),
        sa.Column("en", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_group")),
    )


def _access_mode() -> None:
    op.create_table(
        "access_mode",
        sa.Column("id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("mode", sa.String(length=24), nullable=False),
        sa.Column("doors", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("proposed", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.String(length=80), nullable=True),
        sa.Column("confirmed", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=80), nullable=True),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_mode")),
    )
    op.create_index(op.f("ix_access_mode_confirmed_ended"), "access_mode", ["confirmed", "ended"], unique=False)


def _access_order() -> None:
    op.create_table(
        "access_order",
        sa.Column("id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("device", sa.String(length=36), nullable=False),
        sa.Column("door", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=24), nullable=False),
        sa.Column("credential", sa.String(length=36), nullable=True),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("open_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_order")),
    )
    op.create_index(op.f("ix_access_order_device_expires"), "access_order", ["device", "expires"], unique=False)
    op.create_index(op.f("ix_access_order_expires"), "access_order", ["expires"], unique=False)


def _access_person() -> None:
    op.create_table(
        "access_person",
        sa.Column("id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("unit", sa.LargeBinary(length=32), nullable=True),
        sa.Column("host", sa.String(length=36), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("doors", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.Column("passback_exempt", sa.Boolean(), nullable=False),
        sa.Column("longer_release", sa.Boolean(), nullable=False),
        sa.Column("added", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind = 'member' OR host IS NOT NULL", name=op.f("ck_access_person_host")),
        sa.ForeignKeyConstraint(["host"], ["access_person.id"], name=op.f("fk_access_person_host")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_person")),
    )
    op.create_index(op.f("ix_access_person_host"), "access_person", ["host"], unique=False)
    op.create_index(op.f("ix_access_person_left"), "access_person", ["left"], unique=False)
    op.create_index(op.f("ix_access_person_unit"), "access_person", ["unit"], unique=False)
    op.create_index(op.f("ix_access_person_valid_until"), "access_person", ["valid_until"], unique=False)


def _access_policy() -> None:
    op.create_table(
        "access_policy",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("applied", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_by", sa.String(length=80), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_access_policy")),
    )


def _access_policy_draft() -> None:
    op.create_table(
        "access_policy_draft",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("edit", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("begun", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_by", sa.String(length=80), nullable=False),
        sa.Column("edited", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_by", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_policy_draft")),
    )


def _access_revision() -> None:
    op.create_table(
        "access_revision",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_revision")),
    )


def _access_snapshot() -> None:
    op.create_table(
        "access_snapshot",
        sa.Column("controller", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("device", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("looked", sa.String(length=100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("issued", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("controller", name=op.f("pk_access_snapshot")),
    )


def _alarm() -> None:
    op.create_table(
        "alarm",
        sa.Column("id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("live", sa.String(length=120), nullable=True),
        sa.Column("severity", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("raised", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("quiet_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.String(length=80), nullable=True),
        sa.Column("acknowledged", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("escalated", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm")),
        sa.UniqueConstraint("live", name=op.f("uq_alarm_live")),
    )
    op.create_index(op.f("ix_alarm_closed"), "alarm", ["closed"], unique=False)


def _area_minute() -> None:
    op.create_table(
        "area_minute",
        sa.Column("minute", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("area", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("max_occupancy", sa.Integer(), nullable=False),
        sa.Column("estimated", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("minute", "area", name=op.f("pk_area_minute")),
        sqlite_with_rowid=False,
    )


def _area_span() -> None:
    op.create_table(
        "area_span",
        sa.Column("step", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("start", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("area", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("max_occupancy", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("step", "start", "area", name=op.f("pk_area_span")),
        sqlite_with_rowid=False,
    )


def _attribution_agency() -> None:
    op.create_table(
        "attribution_agency",
        sa.Column("id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_key", sa.String(length=80), nullable=False),
        sa.Column("added", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribution_agency")),
        sa.UniqueConstraint("name_key", name=op.f("uq_attribution_agency_name_key")),
    )


def _attribution_deal() -> None:
    op.create_table(
        "attribution_deal",
        sa.Column("id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("project", sa.String(length=40), nullable=False),
        sa.Column("unit", sa.String(length=80), nullable=False),
        sa.Column("signed", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.Column("commission", sa.BigInteger(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("cancelled", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by", sa.String(length=80), nullable=True),
        sa.Column("cancelled_why", sa.String(length=200), nullable=True),
        sa.Column("screened", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribution_deal")),
    )
    op.create_index(op.f("ix_attribution_deal_project_signed"), "attribution_deal", ["project", "signed"], unique=False)
    op.create_index(op.f("ix_attribution_deal_signed"), "attribution_deal", ["signed"], unique=False)


def _attribution_desk() -> None:
    op.create_table(
        "attribution_desk",
        sa.Column("id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=65), nullable=False),
        sa.Column("paired", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paired_by", sa.String(length=80), nullable=False),
        sa.Column("revoked", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen", sa.DateTime(timezone=True), nullable=True),
        sa.Column("skew_s", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribution_desk")),
        sa.UniqueConstraint("public_key", name=op.f("uq_attribution_desk_public_key")),
    )


def _attribution_desk_entry() -> None:
    op.create_table(
        "attribution_desk_entry",
        sa.Column("desk", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("counter", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), autoincrement=False, nullable=False),
        sa.Column("received", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed", sa.DateTime(timezone=True), nullable=True),
        sa.Column("visit", sa.String(length=36), nullable=True),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("settled", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("desk", "counter", "sha256", name=op.f("pk_attribution_desk_entry")),
    )
    op.create_index(op.f("ix_attribution_desk_entry_code_settled"), "attribution_desk_entry", ["code", "settled"], unique=False)
    op.create_index(op.f("ix_attribution_desk_entry_received"), "attribution_desk_entry", ["received"], unique=False)


def _attribution_desk_pairing() -> None:
    op.create_table(
        "attribution_desk_pairing",
        sa.Column("code", sa.LargeBinary(length=32), autoincrement=False, nullable=False),
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_attribution_desk_pairing")),
    )
    op.create_index(op.f("ix_attribution_desk_pairing_expires"), "attribution_desk_pairing", ["expires"], unique=False)


def _attribution_document_check() -> None:
    op.create_table(
        "attribution_document_check",
        sa.Column("id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("desk", sa.String(length=36), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("reader", sa.String(length=64), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("visit", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribution_document_check")),
    )
    op.create_index(op.f("ix_attribution_document_check_at"), "attribution_document_check", ["at"], unique=False)


def _attribution_edit() -> None:
    op.create_table(
        "attribution_edit",
        sa.Column("id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("visit", sa.String(length=36), nullable=False),
        sa.Column("field", sa.String(length=24), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribution_edit")),
    )
    op.create_index(op.f("ix_attribution_edit_visit"), "attribution_edit", ["visit"], unique=False)


def _attribution_heartbeat() -> None:
    op.create_table(
        "attribution_heartbeat",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribution_heartbeat")),
    )


def _attribution_link() -> None:
    op.create_table(
        "attribution_link",
        sa.Column("id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("a", sa.String(length=36), nullable=False),
        sa.Column("b", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("grade", sa.String(length=1), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("proof", sa.String(length=200), nullable=True),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribution_link")),
        sa.UniqueConstraint("a", "b", "kind", "grade", name=op.f("uq_attribution_link_a_b_kind_grade")),
    )
    op.create_index(op.f("ix_attribution_link_b"), "attribution_link", ["b"], unique=False)
    op.create_index(op.f("ix_attribution_link_project"), "attribution_link", ["project"], unique=False)


def _attribution_outage() -> None:
    op.create_table(
        "attribution_outage",
        sa.Column("id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cause", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("logged", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribution_outage")),
    )
    op.create_index(op.f("ix_attribution_outage_until"), "attribution_outage", ["until"], unique=False)


def _attribution_party() -> None:
    op.create_table(
        "attribution_party",
        sa.Column("id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("mask", sa.String(length=32), nullable=True),
        sa.Column("phone", sa.LargeBinary(length=32), nullable=True),
        sa.Column("document", sa.LargeBinary(length=32), nullable=True),
        sa.Column("added", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased", sa.DateTime(timezone=True), nullable=True),
        sa.Column("restricted_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribution_party")),
    )
    op.create_index(op.f("ix_attribution_party_project_document"), "attribution_party", ["project", "document"], unique=False)
    op.create_index(op.f("ix_attribution_party_project_mask"), "attribution_party", ["project", "mask"], unique=False)
    op.create_index(op.f("ix_attribution_party_project_phone"), "attribution_party", ["project", "phone"], unique=False)
    op.create_index(op.f("ix_attribution_party_restricted_until"), "attribution_party", ["restricted_until"], unique=False)


def _attribution_report_nonce() -> None:
    op.create_table(
        "attribution_report_nonce",
        sa.Column("nonce", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("agent", sa.String(length=36), nullable=False),
        sa.Column("agency", sa.String(length=36), nullable=False),
        sa.Column("project", sa.String(length=40), nullable=False),
        sa.Column("origin", sa.String(length=255), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("nonce", name=op.f("pk_attribution_report_nonce")),
    )
    op.create_index(op.f("ix_attribution_report_nonce_agent_expires"), "attribution_report_nonce", ["agent", "expires"], unique=False)
    op.create_index(op.f("ix_attribution_report_nonce_expires"), "attribution_report_nonce", ["expires"], unique=False)


def _attribution_rulebook() -> None:
    op.create_table(
        "attribution_rulebook",
        sa.Column("project", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("start", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("applied", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("project", "start", name=op.f("pk_attribution_rulebook")),
    )


def _attribution_statement() -> None:
    op.create_table(
        "attribution_statement",
        sa.Column("id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("visit", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("credible", sa.Boolean(), nullable=True),
        sa.Column("decided", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribution_statement")),
    )
    op.create_index(op.f("ix_attribution_statement_person"), "attribution_statement", ["person"], unique=False)
    op.create_index(op.f("ix_attribution_statement_project"), "attribution_statement", ["project"], unique=False)


def _attribution_visit() -> None:
    op.create_table(
        "attribution_visit",
        sa.Column("id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("visitor", sa.String(length=36), nullable=False),
        sa.Column("report", sa.String(length=36), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("binding", sa.String(length=24), nullable=False),
        sa.Column("party_size", sa.Integer(), nullable=False),
        sa.Column("desk", sa.String(length=36), nullable=True),
        sa.Column("counter", sa.Integer(), nullable=True),
        sa.Column("received_by", sa.String(length=80), nullable=False),
        sa.Column("secret", sa.LargeBinary(length=32), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(length=24), nullable=True),
        sa.Column("answered", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entry_answered", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribution_visit")),
        sa.UniqueConstraint("secret", name=op.f("uq_attribution_visit_secret")),
    )
    op.create_index(op.f("ix_attribution_visit_desk_counter"), "attribution_visit", ["desk", "counter"], unique=False)
    op.create_index(op.f("ix_attribution_visit_project_at"), "attribution_visit", ["project", "at"], unique=False)
    op.create_index(op.f("ix_attribution_visit_report"), "attribution_visit", ["report"], unique=False)
    op.create_index(op.f("ix_attribution_visit_visitor"), "attribution_visit", ["visitor"], unique=False)


def _attribution_visit_code() -> None:
    op.create_table(
        "attribution_visit_code",
        sa.Column("code", sa.LargeBinary(length=32), autoincrement=False, nullable=False),
        sa.Column("report", sa.String(length=36), nullable=False),
        sa.Column("agency", sa.String(length=36), nullable=False),
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("issued", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used", sa.DateTime(timezone=True), nullable=True),
        sa.Column("visit", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_attribution_visit_code")),
    )
    op.create_index(op.f("ix_attribution_visit_code_expires"), "attribution_visit_code", ["expires"], unique=False)
    op.create_index(op.f("ix_attribution_visit_code_report"), "attribution_visit_code", ["report"], unique=False)


def _camera_gap() -> None:
    op.create_table(
        "camera_gap",
        sa.Column("id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("camera", sa.String(length=40), nullable=False),
        sa.Column("start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cause", sa.String(length=16), nullable=False),
        sa.Column("detail", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_camera_gap")),
    )
    op.create_index(op.f("ix_camera_gap_camera_start"), "camera_gap", ["camera", "start"], unique=False)


def _camera_health() -> None:
    op.create_table(
        "camera_health",
        sa.Column("camera", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heard", sa.DateTime(timezone=True), nullable=True),
        sa.Column("run", sa.String(length=64), nullable=True),
        sa.Column("last_minute", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fps", sa.Double(), nullable=True),
        sa.Column("lag_ms", sa.Double(), nullable=True),
        sa.Column("dropped", sa.Integer(), nullable=False),
        sa.Column("reconnects", sa.Integer(), nullable=False),
        sa.Column("rss_mb", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("camera", name=op.f("pk_camera_health")),
    )


def _camera_hole() -> None:
    op.create_table(
        "camera_hole",
        sa.Column("run", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("start", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("end", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("camera", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("run", "start", "end", name=op.f("pk_camera_hole")),
    )
    op.create_index(op.f("ix_camera_hole_camera_end"), "camera_hole", ["camera", "end"], unique=False)


def _camera_run() -> None:
    op.create_table(
        "camera_run",
        sa.Column("id", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("camera", sa.String(length=40), nullable=False),
        sa.Column("started", sa.DateTime(timezone=True), nullable=False),
        sa.Column("detector", sa.String(length=80), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_camera_run")),
    )
    op.create_index(op.f("ix_camera_run_camera_started"), "camera_run", ["camera", "started"], unique=False)


def _camera_span() -> None:
    op.create_table(
        "camera_span",
        sa.Column("run", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("counted", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("start", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("end", sa.DateTime(timezone=True), nullable=False),
        sa.Column("camera", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("run", "counted", "start", name=op.f("pk_camera_span")),
    )
    op.create_index(op.f("ix_camera_span_camera_end"), "camera_span", ["camera", "end"], unique=False)


def _consent() -> None:
    op.create_table(
        "consent",
        sa.Column("id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("purpose", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("notice_version", sa.Integer(), nullable=False),
        sa.Column("notice_sha256", sa.String(length=64), nullable=False),
        sa.Column("station", sa.String(length=40), nullable=True),
        sa.Column("audience", sa.String(length=24), nullable=False),
        sa.Column("given", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retention_days", sa.Integer(), nullable=False),
        sa.Column("last_visit", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("suspended", sa.DateTime(timezone=True), nullable=True),
        sa.Column("restored", sa.DateTime(timezone=True), nullable=True),
        sa.Column("enrol_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ending", sa.String(length=24), nullable=True),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("secret", sa.LargeBinary(length=32), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("entry_given", sa.Integer(), nullable=False),
        sa.Column("entry_ended", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
        sa.UniqueConstraint("action", name=op.f("uq_consent_action")),
        sa.UniqueConstraint("secret", name=op.f("uq_consent_secret")),
    )
    op.create_index(op.f("ix_consent_ended_due"), "consent", ["ended", "due"], unique=False)
    op.create_index(op.f("ix_consent_person_purpose"), "consent", ["person", "purpose"], unique=False)
    op.create_index(op.f("ix_consent_purpose_ended"), "consent", ["purpose", "ended"], unique=False)
    op.create_index(op.f("ix_consent_station_given"), "consent", ["station", "given"], unique=False)


def _consent_assessment() -> None:
    op.create_table(
        "consent_assessment",
        sa.Column("purpose", sa.String(length=24), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("lawfulness", sa.Text(), nullable=False),
        sa.Column("impact", sa.Text(), nullable=False),
        sa.Column("risks", sa.Text(), nullable=False),
        sa.Column("protection", sa.Text(), nullable=False),
        sa.Column("why_no_code", sa.Text(), nullable=False),
        sa.Column("signed_by", sa.String(length=80), nullable=False),
        sa.Column("signed", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("terms_sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("purpose", "version", name=op.f("pk_consent_assessment")),
    )


def _consent_lost_report() -> None:
    op.create_table(
        "consent_lost_report",
        sa.Column("id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_lost_report")),
    )
    op.create_index(op.f("ix_consent_lost_report_at"), "consent_lost_report", ["at"], unique=False)


def _consent_notice() -> None:
    op.create_table(
        "consent_notice",
        sa.Column("purpose", sa.String(length=24), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.JSON(), nullable=False),
        sa.Column("published", sa.DateTime(timezone=True), nullable=False),
        sa.Column("profile", sa.String(length=24), nullable=False),
        sa.Column("audience", sa.String(length=24), nullable=False),
        sa.Column("superseded", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("purpose", "version", name=op.f("pk_consent_notice")),
    )


def _consent_person() -> None:
    op.create_table(
        "consent_person",
        sa.Column("id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_person")),
    )
    op.create_index(op.f("ix_consent_person_phone"), "consent_person", ["phone"], unique=False)


def _consent_purpose_off() -> None:
    op.create_table(
        "consent_purpose_off",
        sa.Column("purpose", sa.String(length=24), autoincrement=False, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("purpose", name=op.f("pk_consent_purpose_off")),
    )


def _consent_refusal() -> None:
    op.create_table(
        "consent_refusal",
        sa.Column("token", sa.LargeBinary(length=32), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.String(length=24), autoincrement=False, nullable=False),
        sa.Column("person", sa.String(length=36), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token", "purpose", name=op.f("pk_consent_refusal")),
    )
    op.create_index(op.f("ix_consent_refusal_person_purpose"), "consent_refusal", ["person", "purpose"], unique=False)
    op.create_index(op.f("ix_consent_refusal_until"), "consent_refusal", ["until"], unique=False)


def _consent_request() -> None:
    op.create_table(
        "consent_request",
        sa.Column("id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("number", sa.LargeBinary(length=32), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("filed", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person", sa.String(length=36), nullable=True),
        sa.Column("consent", sa.String(length=36), nullable=True),
        sa.Column("answered", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(length=80), nullable=True),
        sa.Column("decision", sa.String(length=24), nullable=True),
        sa.Column("ground", sa.String(length=24), nullable=True),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("answer_wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_request")),
        sa.UniqueConstraint("number", name=op.f("uq_consent_request_number")),
    )
    op.create_index(op.f("ix_consent_request_answered"), "consent_request", ["answered"], unique=False)
    op.create_index(op.f("ix_consent_request_person"), "consent_request", ["person"], unique=False)


def _dwell_hour() -> None:
    op.create_table(
        "dwell_hour",
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("area", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("run", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("counts", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("hour", "area", "run", name=op.f("pk_dwell_hour")),
        sqlite_with_rowid=False,
    )


def _heat_hour() -> None:
    op.create_table(
        "heat_hour",
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("camera", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("run", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("height", sa.SmallInteger(), nullable=False),
        sa.Column("width", sa.SmallInteger(), nullable=False),
        sa.Column("seconds", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("hour", "camera", "run", name=op.f("pk_heat_hour")),
        sqlite_with_rowid=False,
    )


def _http_repeat() -> None:
    op.create_table(
        "http_repeat",
        sa.Column("key", sa.LargeBinary(length=32), autoincrement=False, nullable=False),
        sa.Column("request", sa.LargeBinary(length=32), nullable=False),
        sa.Column("begun", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("content_type", sa.String(length=200), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_http_repeat")),
    )
    op.create_index(op.f("ix_http_repeat_begun"), "http_repeat", ["begun"], unique=False)


def _ledger_attestation() -> None:
    op.create_table(
        "ledger_attestation",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ledger_attestation")),
    )
    op.create_index(op.f("ix_ledger_attestation_size"), "ledger_attestation", ["size"], unique=False)


def _ledger_checkpoint() -> None:
    op.create_table(
        "ledger_checkpoint",
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_ledger_checkpoint")),
    )


def _ledger_entry() -> None:
    op.create_table(
        "ledger_entry",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("action", sa.String(length=64), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ledger_entry")),
    )
    op.create_index(op.f("ix_ledger_entry_action_number"), "ledger_entry", ["action", "number"], unique=False)


def _ledger_head() -> None:
    op.create_table(
        "ledger_head",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.Column("genesis", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("one = 1", name=op.f("ck_ledger_head_one")),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_ledger_head")),
    )


def _ledger_node() -> None:
    op.create_table(
        "ledger_node",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ledger_node")),
    )


def _line_minute() -> None:
    op.create_table(
        "line_minute",
        sa.Column("minute", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entered", sa.Integer(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("groups_in", sa.Integer(), nullable=False),
        sa.Column("groups_out", sa.Integer(), nullable=False),
        sa.Column("estimated", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("minute", "line", name=op.f("pk_line_minute")),
        sqlite_with_rowid=False,
    )


def _line_span() -> None:
    op.create_table(
        "line_span",
        sa.Column("step", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("start", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entered", sa.Integer(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("groups_in", sa.Integer(), nullable=False),
        sa.Column("groups_out", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("step", "start", "line", name=op.f("pk_line_span")),
        sqlite_with_rowid=False,
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("published", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("dead", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_outbox_name_id"), "outbox", ["name", "id"], unique=False)


def _place() -> None:
    op.create_table(
        "place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("camera", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("expired", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
        sa.UniqueConstraint("camera", "kind", "name", name=op.f("uq_place_camera_kind_name")),
    )


def _process_change() -> None:
    op.create_table(
        "process_change",
        sa.Column("name", sa.String(length=48), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("event", sa.String(length=16), autoincrement=False, nullable=False),
        sa.Column("exit", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("name", "at", "event", name=op.f("pk_process_change")),
    )


def _recognition_acceptance() -> None:
    op.create_table(
        "recognition_acceptance",
        sa.Column("ticket", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("station", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("consent", sa.String(length=36), nullable=False),
        sa.Column("began", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("ticket", name=op.f("pk_recognition_acceptance")),
    )
    op.create_index(op.f("ix_recognition_acceptance_until"), "recognition_acceptance", ["until"], unique=False)


def _recognition_capture() -> None:
    op.create_table(
        "recognition_capture",
        sa.Column("ticket", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("station", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("purpose", sa.String(length=24), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("notice_sha256", sa.String(length=64), nullable=False),
        sa.Column("consent", sa.String(length=36), nullable=True),
        sa.Column("attended_by", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("ticket", name=op.f("pk_recognition_capture")),
    )
    op.create_index(op.f("ix_recognition_capture_expires"), "recognition_capture", ["expires"], unique=False)


def _recognition_erasure() -> None:
    op.create_table(
        "recognition_erasure",
        sa.Column("consent", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("purpose", sa.String(length=24), nullable=False),
        sa.Column("asked", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("entry", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("consent", name=op.f("pk_recognition_erasure")),
    )
    op.create_index(op.f("ix_recognition_erasure_sequence"), "recognition_erasure", ["sequence"], unique=False)


def _recognition_pairing() -> None:
    op.create_table(
        "recognition_pairing",
        sa.Column("code", sa.LargeBinary(length=32), autoincrement=False, nullable=False),
        sa.Column("station", sa.String(length=40), nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_recognition_pairing")),
    )
    op.create_index(op.f("ix_recognition_pairing_expires"), "recognition_pairing", ["expires"], unique=False)


def _recognition_review() -> None:
    op.create_table(
        "recognition_review",
        sa.Column("id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.String(length=24), nullable=False),
        sa.Column("consent", sa.String(length=36), nullable=False),
        sa.Column("others", sa.Text(), nullable=False),
        sa.Column("found", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.String(length=24), nullable=True),
        sa.Column("decided", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recognition_review")),
    )
    op.create_index(op.f("ix_recognition_review_decided"), "recognition_review", ["decided"], unique=False)


def _recognition_station() -> None:
    op.create_table(
        "recognition_station",
        sa.Column("station", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=65), nullable=False),
        sa.Column("paired", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paired_by", sa.String(length=80), nullable=False),
        sa.Column("registered", sa.Text(), nullable=False),
        sa.Column("stopped", sa.String(length=24), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("station", name=op.f("pk_recognition_station")),
    )


def _recognition_suspension() -> None:
    op.create_table(
        "recognition_suspension",
        sa.Column("consent", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("consent", name=op.f("pk_recognition_suspension")),
    )


def _recognition_vault_key() -> None:
    op.create_table(
        "recognition_vault_key",
        sa.Column("epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("epoch", name=op.f("pk_recognition_vault_key")),
    )


def _recognition_vault_number() -> None:
    op.create_table(
        "recognition_vault_number",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("logged", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_recognition_vault_number")),
    )


def _reporting_zone() -> None:
    op.create_table(
        "reporting_zone",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reporting_zone")),
    )


def _staff_account() -> None:
    op.create_table(
        "staff_account",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_sign_in", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_account")),
        sa.UniqueConstraint("name_key", name=op.f("uq_staff_account_name_key")),
    )


def _staff_attempt() -> None:
    op.create_table(
        "staff_attempt",
        sa.Column("digest", sa.LargeBinary(), autoincrement=False, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_staff_attempt")),
    )
    op.create_index(op.f("ix_staff_attempt_last"), "staff_attempt", ["last"], unique=False)


def _watched_minute() -> None:
    op.create_table(
        "watched_minute",
        sa.Column("minute", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("camera", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("run", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("watched_ms", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("minute", "camera", "run", name=op.f("pk_watched_minute")),
        sqlite_with_rowid=False,
    )


def _watched_span() -> None:
    op.create_table(
        "watched_span",
        sa.Column("step", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("start", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("camera", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("watched_ms", sa.Integer(), nullable=False),
        sa.Column("counted", sa.SmallInteger(), nullable=False),
        sa.Column("estimated", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("step", "start", "camera", name=op.f("pk_watched_span")),
        sqlite_with_rowid=False,
    )


def _access_credential() -> None:
    op.create_table(
        "access_credential",
        sa.Column("id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("why", sa.String(length=24), nullable=True),
        sa.Column("form", sa.String(length=24), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("doors", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("uses", sa.Integer(), nullable=True),
        sa.Column("needs_host", sa.Boolean(), nullable=False),
        sa.Column("mark", sa.LargeBinary(length=32), nullable=True),
        sa.Column("number", sa.LargeBinary(length=32), nullable=True),
        sa.Column("has_duress", sa.Boolean(), nullable=False),
        sa.Column("pin_digits", sa.Integer(), nullable=True),
        sa.Column("unit_digits", sa.Integer(), nullable=True),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("pass_id", sa.String(length=36), nullable=True),
        sa.Column("holder", sa.LargeBinary(length=65), nullable=True),
        sa.Column("signed_in", sa.Integer(), nullable=True),
        sa.Column("consent", sa.String(length=36), nullable=True),
        sa.Column("with_card", sa.String(length=36), nullable=True),
        sa.Column("lent_from", sa.String(length=36), nullable=True),
        sa.Column("bears", sa.Boolean(), nullable=False),
        sa.Column("beside", sa.String(length=36), nullable=True),
        sa.Column("beside_bears", sa.Boolean(), nullable=True),
        sa.Column("added", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(kind = 'face') = (consent IS NOT NULL)", name=op.f("ck_access_credential_face_consent")),
        sa.CheckConstraint("bears = (kind <> 'face' AND state = 'active')", name=op.f("ck_access_credential_bears")),
        sa.CheckConstraint(
            "kind <> 'face' OR state <> 'active' OR (beside IS NOT NULL AND beside_bears IS NOT NULL)", name=op.f("ck_access_credential_face_alone")
        ),
        sa.CheckConstraint("beside_bears IS NULL OR beside_bears", name=op.f("ck_access_credential_beside_bears")),
        sa.ForeignKeyConstraint(
            ["beside", "person", "beside_bears"],
            ["access_credential.id", "access_credential.person", "access_credential.bears"],
            name="fk_access_credential_beside_access_credential",
        ),
        sa.ForeignKeyConstraint(["lent_from"], ["access_credential.id"], name=op.f("fk_access_credential_lent_from")),
        sa.ForeignKeyConstraint(["person"], ["access_person.id"], name=op.f("fk_access_credential_person")),
        sa.ForeignKeyConstraint(["with_card"], ["access_credential.id"], name=op.f("fk_access_credential_with_card")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_credential")),
        sa.UniqueConstraint("id", "person", "bears", name=op.f("uq_access_credential_id_person_bears")),
        sa.UniqueConstraint("mark", name=op.f("uq_access_credential_mark")),
        sa.UniqueConstraint("pass_id", name=op.f("uq_access_credential_pass_id")),
    )
    op.create_index(op.f("ix_access_credential_consent"), "access_credential", ["consent"], unique=False)
    op.create_index(op.f("ix_access_credential_ended"), "access_credential", ["ended"], unique=False)
    op.create_index(op.f("ix_access_credential_lent_from"), "access_credential", ["lent_from"], unique=False)
    op.create_index(op.f("ix_access_credential_number"), "access_credential", ["number"], unique=False)
    op.create_index(op.f("ix_access_credential_person"), "access_credential", ["person"], unique=False)
    op.create_index(op.f("ix_access_credential_valid_until"), "access_credential", ["valid_until"], unique=False)
    op.create_index(op.f("ix_access_credential_with_card"), "access_credential", ["with_card"], unique=False)


def _access_membership() -> None:
    op.create_table(
        "access_membership",
        sa.Column("person", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("group_id", sa.String(length=40), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["access_group.id"], name=op.f("fk_access_membership_group_id")),
        sa.ForeignKeyConstraint(["person"], ["access_person.id"], name=op.f("fk_access_membership_person")),
        sa.PrimaryKeyConstraint("person", "group_id", name=op.f("pk_access_membership")),
    )
    op.create_index(op.f("ix_access_membership_group_id"), "access_membership", ["group_id"], unique=False)


def _access_resident() -> None:
    op.create_table(
        "access_resident",
        sa.Column("id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("name_mark", sa.LargeBinary(length=32), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("passphrase", sa.Text(), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_sign_in", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["access_person.id"], name=op.f("fk_access_resident_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_resident")),
        sa.UniqueConstraint("name_mark", name=op.f("uq_access_resident_name_mark")),
        sa.UniqueConstraint("person", name=op.f("uq_access_resident_person")),
    )


def _alarm_delivery() -> None:
    op.create_table(
        "alarm_delivery",
        sa.Column("id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("alarm", sa.String(length=36), nullable=False),
        sa.Column("step", sa.String(length=12), nullable=False),
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("sent", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["alarm"], ["alarm.id"], name=op.f("fk_alarm_delivery_alarm"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm_delivery")),
    )
    op.create_index(op.f("ix_alarm_delivery_alarm"), "alarm_delivery", ["alarm"], unique=False)
    op.create_index(op.f("ix_alarm_delivery_state_due"), "alarm_delivery", ["state", "due"], unique=False)


def _attribution_agent() -> None:
    op.create_table(
        "attribution_agent",
        sa.Column("id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("agency", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("name_mark", sa.LargeBinary(length=32), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("passphrase", sa.Text(), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_sign_in", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["agency"], ["attribution_agency.id"], name=op.f("fk_attribution_agent_agency")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribution_agent")),
        sa.UniqueConstraint("name_mark", name=op.f("uq_attribution_agent_name_mark")),
    )
    op.create_index(op.f("ix_attribution_agent_agency"), "attribution_agent", ["agency"], unique=False)


def _attribution_buyer() -> None:
    op.create_table(
        "attribution_buyer",
        sa.Column("deal", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("party", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.Column("reader", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["deal"], ["attribution_deal.id"], name=op.f("fk_attribution_buyer_deal"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("deal", "party", name=op.f("pk_attribution_buyer")),
    )
    op.create_index(op.f("ix_attribution_buyer_party"), "attribution_buyer", ["party"], unique=False)


def _attribution_contract() -> None:
    op.create_table(
        "attribution_contract",
        sa.Column("id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("agency", sa.String(length=36), nullable=False),
        sa.Column("project", sa.String(length=40), nullable=False),
        sa.Column("start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("replaces", sa.String(length=36), nullable=True),
        sa.Column("replaced_by", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(["agency"], ["attribution_agency.id"], name=op.f("fk_attribution_contract_agency")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribution_contract")),
    )
    op.create_index(op.f("ix_attribution_contract_agency_project"), "attribution_contract", ["agency", "project"], unique=False)
    op.create_index(op.f("ix_attribution_contract_project_replaced_by"), "attribution_contract", ["project", "replaced_by"], unique=False)


def _attribution_flag() -> None:
    op.create_table(
        "attribution_flag",
        sa.Column("id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("deal", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("saw", sa.JSON(), nullable=False),
        sa.Column("having", sa.Integer(), nullable=False),
        sa.Column("among", sa.Integer(), nullable=False),
        sa.Column("raised", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("cleared", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleared_by", sa.String(length=80), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("entry_cleared", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["deal"], ["attribution_deal.id"], name=op.f("fk_attribution_flag_deal"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribution_flag")),
        sa.UniqueConstraint("deal", "kind", name=op.f("uq_attribution_flag_deal_kind")),
    )


def _attribution_payment() -> None:
    op.create_table(
        "attribution_payment",
        sa.Column("deal", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("agency", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("paid", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_by", sa.String(length=80), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["deal"], ["attribution_deal.id"], name=op.f("fk_attribution_payment_deal"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("deal", "agency", name=op.f("pk_attribution_payment")),
    )


def _attribution_sent_back() -> None:
    op.create_table(
        "attribution_sent_back",
        sa.Column("id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("deal", sa.String(length=36), nullable=False),
        sa.Column("proposal_sha256", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["deal"], ["attribution_deal.id"], name=op.f("fk_attribution_sent_back_deal"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribution_sent_back")),
    )
    op.create_index(op.f("ix_attribution_sent_back_deal"), "attribution_sent_back", ["deal"], unique=False)


def _attribution_verdict() -> None:
    op.create_table(
        "attribution_verdict",
        sa.Column("id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("deal", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("agencies", sa.JSON(), nullable=False),
        sa.Column("concerned", sa.JSON(), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("signed", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_by", sa.String(length=80), nullable=False),
        sa.Column("appeal_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["deal"], ["attribution_deal.id"], name=op.f("fk_attribution_verdict_deal"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribution_verdict")),
        sa.UniqueConstraint("deal", "number", name=op.f("uq_attribution_verdict_deal_number")),
    )


def _staff_api_key() -> None:
    op.create_table(
        "staff_api_key",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["staff_account.id"], name=op.f("fk_staff_api_key_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_api_key")),
        sa.UniqueConstraint("prefix", name=op.f("uq_staff_api_key_prefix")),
    )
    op.create_index(op.f("ix_staff_api_key_account"), "staff_api_key", ["account"], unique=False)


def _staff_factor() -> None:
    op.create_table(
        "staff_factor",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=True),
        sa.Column("signatures", sa.Integer(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["staff_account.id"], name=op.f("fk_staff_factor_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_factor")),
        sa.UniqueConstraint("credential", name=op.f("uq_staff_factor_credential")),
    )
    op.create_index(op.f("ix_staff_factor_account"), "staff_factor", ["account"], unique=False)


def _staff_link() -> None:
    op.create_table(
        "staff_link",
        sa.Column("digest", sa.LargeBinary(), autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["staff_account.id"], name=op.f("fk_staff_link_account")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_staff_link")),
    )
    op.create_index(op.f("ix_staff_link_account"), "staff_link", ["account"], unique=False)


def _staff_recovery_code() -> None:
    op.create_table(
        "staff_recovery_code",
        sa.Column("digest", sa.LargeBinary(), autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["staff_account.id"], name=op.f("fk_staff_recovery_code_account")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_staff_recovery_code")),
    )
    op.create_index(op.f("ix_staff_recovery_code_account"), "staff_recovery_code", ["account"], unique=False)


def _staff_session() -> None:
    op.create_table(
        "staff_session",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["staff_account.id"], name=op.f("fk_staff_session_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_session")),
        sa.UniqueConstraint("digest", name=op.f("uq_staff_session_digest")),
    )
    op.create_index(op.f("ix_staff_session_account"), "staff_session", ["account"], unique=False)


def _staff_ticket() -> None:
    op.create_table(
        "staff_ticket",
        sa.Column("digest", sa.LargeBinary(), autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("challenge", sa.LargeBinary(), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["staff_account.id"], name=op.f("fk_staff_ticket_account")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_staff_ticket")),
    )
    op.create_index(op.f("ix_staff_ticket_account"), "staff_ticket", ["account"], unique=False)


def _worker_run() -> None:
    op.create_table(
        "worker_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("camera", sa.Integer(), nullable=False),
        sa.Column("run", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["camera"], ["place.id"], name=op.f("fk_worker_run_camera")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker_run")),
        sa.UniqueConstraint("camera", "run", name=op.f("uq_worker_run_camera_run")),
    )


def _access_guest() -> None:
    op.create_table(
        "access_guest",
        sa.Column("id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("host", sa.String(length=36), nullable=False),
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("credential", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("doors", sa.JSON(), nullable=False),
        sa.Column("starts", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=True),
        sa.Column("needs_host", sa.Boolean(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("issued", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["credential"], ["access_credential.id"], name=op.f("fk_access_guest_credential")),
        sa.ForeignKeyConstraint(["host"], ["access_person.id"], name=op.f("fk_access_guest_host")),
        sa.ForeignKeyConstraint(["person"], ["access_person.id"], name=op.f("fk_access_guest_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_guest")),
        sa.UniqueConstraint("credential", name=op.f("uq_access_guest_credential")),
        sa.UniqueConstraint("digest", name=op.f("uq_access_guest_digest")),
        sa.UniqueConstraint("person", name=op.f("uq_access_guest_person")),
    )
    op.create_index(op.f("ix_access_guest_host_until"), "access_guest", ["host", "until"], unique=False)
    op.create_index(op.f("ix_access_guest_until"), "access_guest", ["until"], unique=False)


def _access_resident_link() -> None:
    op.create_table(
        "access_resident_link",
        sa.Column("digest", sa.LargeBinary(length=32), autoincrement=False, nullable=False),
        sa.Column("resident", sa.String(length=36), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["resident"], ["access_resident.id"], name=op.f("fk_access_resident_link_resident")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_access_resident_link")),
    )
    op.create_index(op.f("ix_access_resident_link_expires"), "access_resident_link", ["expires"], unique=False)
    op.create_index(op.f("ix_access_resident_link_resident"), "access_resident_link", ["resident"], unique=False)


def _access_resident_session() -> None:
    op.create_table(
        "access_resident_session",
        sa.Column("id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("resident", sa.String(length=36), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["resident"], ["access_resident.id"], name=op.f("fk_access_resident_session_resident")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_resident_session")),
        sa.UniqueConstraint("digest", name=op.f("uq_access_resident_session_digest")),
    )
    op.create_index(op.f("ix_access_resident_session_resident"), "access_resident_session", ["resident"], unique=False)


def _access_use() -> None:
    op.create_table(
        "access_use",
        sa.Column("credential", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("device", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["credential"], ["access_credential.id"], name=op.f("fk_access_use_credential"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("credential", "device", name=op.f("pk_access_use")),
    )


def _attribution_agent_link() -> None:
    op.create_table(
        "attribution_agent_link",
        sa.Column("digest", sa.LargeBinary(length=32), autoincrement=False, nullable=False),
        sa.Column("agent", sa.String(length=36), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agent"], ["attribution_agent.id"], name=op.f("fk_attribution_agent_link_agent")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_attribution_agent_link")),
    )
    op.create_index(op.f("ix_attribution_agent_link_agent"), "attribution_agent_link", ["agent"], unique=False)
    op.create_index(op.f("ix_attribution_agent_link_expires"), "attribution_agent_link", ["expires"], unique=False)


def _attribution_agent_session() -> None:
    op.create_table(
        "attribution_agent_session",
        sa.Column("id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("agent", sa.String(length=36), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agent"], ["attribution_agent.id"], name=op.f("fk_attribution_agent_session_agent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribution_agent_session")),
        sa.UniqueConstraint("digest", name=op.f("uq_attribution_agent_session_digest")),
    )
    op.create_index(op.f("ix_attribution_agent_session_agent"), "attribution_agent_session", ["agent"], unique=False)


def _attribution_appeal() -> None:
    op.create_table(
        "attribution_appeal",
        sa.Column("id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("deal", sa.String(length=36), nullable=False),
        sa.Column("verdict", sa.String(length=36), nullable=False),
        sa.Column("side", sa.String(length=24), nullable=False),
        sa.Column("agency", sa.String(length=36), nullable=True),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("opened", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("decided", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
        sa.Column("decision", sa.String(length=24), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("entry_decided", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["deal"], ["attribution_deal.id"], name=op.f("fk_attribution_appeal_deal"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["verdict"], ["attribution_verdict.id"], name=op.f("fk_attribution_appeal_verdict"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribution_appeal")),
    )
    op.create_index(op.f("ix_attribution_appeal_deal"), "attribution_appeal", ["deal"], unique=False)
    op.create_index(op.f("ix_attribution_appeal_decided"), "attribution_appeal", ["decided"], unique=False)


def _attribution_report() -> None:
    op.create_table(
        "attribution_report",
        sa.Column("id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("project", sa.String(length=40), nullable=False),
        sa.Column("agency", sa.String(length=36), nullable=False),
        sa.Column("agent", sa.String(length=36), nullable=False),
        sa.Column("client", sa.String(length=36), nullable=False),
        sa.Column("filed", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lead_reached", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reply_due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("origin", sa.String(length=255), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=True),
        sa.Column("client_mark", sa.LargeBinary(length=32), nullable=True),
        sa.Column("likeness", sa.LargeBinary(length=32), nullable=True),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("reply_open", sa.Boolean(), nullable=False),
        sa.Column("accepted_silently", sa.Integer(), nullable=True),
        sa.Column("arrived", sa.DateTime(timezone=True), nullable=True),
        sa.Column("protected_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["agency"], ["attribution_agency.id"], name=op.f("fk_attribution_report_agency")),
        sa.ForeignKeyConstraint(["agent"], ["attribution_agent.id"], name=op.f("fk_attribution_report_agent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribution_report")),
        sa.UniqueConstraint("client", name=op.f("uq_attribution_report_client")),
        sa.UniqueConstraint("commitment", name=op.f("uq_attribution_report_commitment")),
        sa.UniqueConstraint("entry", name=op.f("uq_attribution_report_entry")),
        sa.UniqueConstraint("nonce", name=op.f("uq_attribution_report_nonce")),
    )
    op.create_index(op.f("ix_attribution_report_agency_client_mark"), "attribution_report", ["agency", "client_mark"], unique=False)
    op.create_index(op.f("ix_attribution_report_agency_project_filed"), "attribution_report", ["agency", "project", "filed"], unique=False)
    op.create_index(op.f("ix_attribution_report_agent_id"), "attribution_report", ["agent", "id"], unique=False)
    op.create_index(op.f("ix_attribution_report_erased_valid_until"), "attribution_report", ["erased", "valid_until"], unique=False)
    op.create_index(op.f("ix_attribution_report_project_filed"), "attribution_report", ["project", "filed"], unique=False)
    op.create_index(op.f("ix_attribution_report_project_likeness"), "attribution_report", ["project", "likeness"], unique=False)
    op.create_index(op.f("ix_attribution_report_reply_open_reply_due"), "attribution_report", ["reply_open", "reply_due"], unique=False)


def _attribution_reply() -> None:
    op.create_table(
        "attribution_reply",
        sa.Column("report", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("ground", sa.String(length=24), nullable=True),
        sa.Column("cites", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["report"], ["attribution_report.id"], name=op.f("fk_attribution_reply_report")),
        sa.PrimaryKeyConstraint("report", name=op.f("pk_attribution_reply")),
        sa.UniqueConstraint("entry", name=op.f("uq_attribution_reply_entry")),
    )
