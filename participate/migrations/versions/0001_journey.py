"""The journey: every table of the first issue."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("username", sa.String(length=64), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("totp_secret", sa.String(length=64), nullable=True),
        sa.Column("display_name", sa.String(length=60), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("phone IS NOT NULL OR username IS NOT NULL", name=op.f("ck_accounts_reachable")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("phone", name=op.f("uq_accounts_phone")),
        sa.UniqueConstraint("username", name=op.f("uq_accounts_username")),
    )
    op.create_table(
        "areas",
        sa.Column(
            "code", sa.String(length=18).with_variant(sa.String(length=18, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column(
            "parent",
            sa.String(length=18).with_variant(sa.String(length=18, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("boundary_version", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "level IN ('province', 'city', 'district', 'street', 'community', 'cell', 'subcell')",
            name=op.f("ck_areas_level"),
        ),
        sa.ForeignKeyConstraint(["parent"], ["areas.code"], name=op.f("fk_areas_parent_areas")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_areas")),
    )
    with op.batch_alter_table("areas", schema=None) as batch_op:
        batch_op.create_index("ix_areas_parent_code", ["parent", "code"], unique=False)

    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject_type", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column(
            "details", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("seal", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.create_index("ix_audit_entries_at_id", ["at", "id"], unique=False)
        batch_op.create_index("ix_audit_entries_subject", ["subject_type", "subject_id", "at", "id"], unique=False)
        batch_op.create_index(
            "ix_audit_entries_unsealed",
            ["id"],
            unique=False,
            sqlite_where=sa.text("position IS NULL"),
            postgresql_where=sa.text("position IS NULL"),
        )
        batch_op.create_index(
            "uq_audit_entries_position",
            ["position"],
            unique=True,
            sqlite_where=sa.text("position IS NOT NULL"),
            postgresql_where=sa.text("position IS NOT NULL"),
        )

    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.Column("proof", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "calendar_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_days")),
    )
    op.create_table(
        "calendar_revision",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mark", sa.Uuid(as_uuid=False), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_revision")),
    )
    op.create_table(
        "categories",
        sa.Column(
            "code", sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("name_zh", sa.String(length=100), nullable=False),
        sa.Column("name_en", sa.String(length=100), nullable=False),
        sa.Column("scheme", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column(
            "major_code",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind IN ('event', 'component', 'service')", name=op.f("ck_categories_kind")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_categories")),
    )
    with op.batch_alter_table("categories", schema=None) as batch_op:
        batch_op.create_index("ix_categories_active_code", ["active", "code"], unique=False)

    op.create_table(
        "deadlines",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("subject_type", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("duty", sa.String(length=32), nullable=False),
        sa.Column("clock", sa.String(length=16), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadlines")),
    )
    with op.batch_alter_table("deadlines", schema=None) as batch_op:
        batch_op.create_index(
            "ix_deadlines_open",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("settled_at IS NULL AND fired_at IS NULL"),
            postgresql_where=sa.text("settled_at IS NULL AND fired_at IS NULL"),
        )
        batch_op.create_index("ix_deadlines_subject", ["subject_id", "duty"], unique=False)

    op.create_table(
        "duty_hours",
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.PrimaryKeyConstraint("opens", name=op.f("pk_duty_hours")),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("caller", sa.String(length=64), nullable=False),
        sa.Column("route", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column(
            "headers", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("caller", "route", "key", name=op.f("pk_idempotency_keys")),
    )
    with op.batch_alter_table("idempotency_keys", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_idempotency_keys_at"), ["at"], unique=False)

    op.create_table(
        "otp_challenges",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_otp_challenges")),
    )
    with op.batch_alter_table("otp_challenges", schema=None) as batch_op:
        batch_op.create_index("ix_otp_challenges_phone_created_at", ["phone", "created_at"], unique=False)

    op.create_table(
        "outbox_facts",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("subject_type", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column(
            "data", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_facts")),
    )
    op.create_table(
        "photos",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("owner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("subject_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("purpose", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("media_type", sa.String(length=32), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('processing', 'ready', 'refused')", name=op.f("ck_photos_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photos")),
    )
    with op.batch_alter_table("photos", schema=None) as batch_op:
        batch_op.create_index("ix_photos_owner_id_created_at", ["owner_id", "created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_photos_sha256"), ["sha256"], unique=False)
        batch_op.create_index(batch_op.f("ix_photos_subject_id"), ["subject_id"], unique=False)
        batch_op.create_index(
            "ix_photos_unattached",
            ["created_at"],
            unique=False,
            sqlite_where=sa.text("subject_id IS NULL"),
            postgresql_where=sa.text("subject_id IS NULL"),
        )

    op.create_table(
        "places_revision",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mark", sa.Uuid(as_uuid=False), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_places_revision")),
    )
    op.create_table(
        "services",
        sa.Column(
            "code", sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column(
            "major_code",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("name_zh", sa.String(length=100), nullable=False),
        sa.Column("name_en", sa.String(length=100), nullable=False),
        sa.Column("description_zh", sa.String(length=500), nullable=False),
        sa.Column("description_en", sa.String(length=500), nullable=False),
        sa.Column("limit_value", sa.Integer(), nullable=False),
        sa.Column("clock", sa.String(length=20), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "clock IN ('urgent_hour', 'work_hour', 'work_day', 'calendar_day')", name=op.f("ck_services_clock")
        ),
        sa.CheckConstraint("limit_value > 0", name=op.f("ck_services_limit_value")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_services")),
    )
    with op.batch_alter_table("services", schema=None) as batch_op:
        batch_op.create_index("ix_services_active_code", ["active", "code"], unique=False)

    op.create_table(
        "timeline_entries",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("thread_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("subject_type", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("move", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=True),
        sa.Column("target", sa.String(length=32), nullable=False),
        sa.Column("actor_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("actor_role", sa.String(length=32), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column(
            "data", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("shown_to", sa.String(length=8), nullable=False),
        sa.Column("note_to", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timeline_entries")),
    )
    with op.batch_alter_table("timeline_entries", schema=None) as batch_op:
        batch_op.create_index("ix_timeline_entries_thread", ["thread_id", "id"], unique=False)
        batch_op.create_index("uq_timeline_entries_subject", ["subject_id", "version"], unique=True)

    op.create_table(
        "units",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name_zh", sa.String(length=100), nullable=False),
        sa.Column("name_en", sa.String(length=100), nullable=False),
        sa.Column("parent_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column(
            "area_code",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["units.id"], name=op.f("fk_units_parent_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_units")),
    )
    with op.batch_alter_table("units", schema=None) as batch_op:
        batch_op.create_index("ix_units_active_area_code_id", ["active", "area_code", "id"], unique=False)

    op.create_table(
        "area_boundaries",
        sa.Column(
            "area_code",
            sa.String(length=18).with_variant(sa.String(length=18, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("wkb", sa.LargeBinary(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["area_code"], ["areas.code"], name=op.f("fk_area_boundaries_area_code_areas")),
        sa.PrimaryKeyConstraint("area_code", "version", name=op.f("pk_area_boundaries")),
    )
    op.create_table(
        "conditions",
        sa.Column(
            "code", sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column(
            "category_code",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("limit_value", sa.Integer(), nullable=False),
        sa.Column("clock", sa.String(length=20), nullable=False),
        sa.Column("photo_required", sa.Boolean(), nullable=False),
        sa.Column("closing_zh", sa.String(length=300), nullable=False),
        sa.Column("closing_en", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "clock IN ('urgent_hour', 'work_hour', 'work_day', 'calendar_day')", name=op.f("ck_conditions_clock")
        ),
        sa.CheckConstraint("limit_value > 0", name=op.f("ck_conditions_limit_value")),
        sa.ForeignKeyConstraint(
            ["category_code"], ["categories.code"], name=op.f("fk_conditions_category_code_categories")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_conditions")),
    )
    with op.batch_alter_table("conditions", schema=None) as batch_op:
        batch_op.create_index("ix_conditions_category_code_code", ["category_code", "code"], unique=False)

    op.create_table(
        "feed_entries",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("fact_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submission_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("move", sa.String(length=32), nullable=False),
        sa.Column("words", sa.String(length=64), nullable=False),
        sa.Column("following", sa.String(length=64), nullable=True),
        sa.Column(
            "values", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_feed_entries_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_entries")),
    )
    with op.batch_alter_table("feed_entries", schema=None) as batch_op:
        batch_op.create_index("uq_feed_entries_account_id_fact_id", ["account_id", "fact_id"], unique=True)
        batch_op.create_index("uq_feed_entries_account_id_number", ["account_id", "number"], unique=True)

    op.create_table(
        "feeds",
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_feeds_account_id_accounts")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_feeds")),
    )
    op.create_table(
        "outbox_errands",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("fact_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("subscriber", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dead", sa.Boolean(), nullable=False),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["fact_id"], ["outbox_facts.id"], name=op.f("fk_outbox_errands_fact_id_outbox_facts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_errands")),
    )
    with op.batch_alter_table("outbox_errands", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_errands_open", ["dead", "kind", "next_at"], unique=False)
        batch_op.create_index("uq_outbox_errands_fact_id_subscriber", ["fact_id", "subscriber"], unique=True)

    op.create_table(
        "role_grants",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column(
            "area", sa.String(length=18).with_variant(sa.String(length=18, collation="C"), "postgresql"), nullable=True
        ),
        sa.Column("unit", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint(
            "role IN ('resident', 'member', 'moderator', 'grid_officer', 'dispatcher', 'handler', 'supervisor', 'evaluator', 'auditor', 'admin')",
            name=op.f("ck_role_grants_role"),
        ),
        sa.CheckConstraint("(area IS NULL) <> (unit IS NULL)", name=op.f("ck_role_grants_one_scope")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_role_grants_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grants")),
    )
    with op.batch_alter_table("role_grants", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_role_grants_account_id"), ["account_id"], unique=False)
        batch_op.create_index("ix_role_grants_role_area", ["role", "area"], unique=False)
        batch_op.create_index("ix_role_grants_role_unit", ["role", "unit"], unique=False)

    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("refresh_jti", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_sessions_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
    )
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sessions_account_id"), ["account_id"], unique=False)

    op.create_table(
        "submissions",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("reference", sa.String(length=11), nullable=False),
        sa.Column("receipt", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=True),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column(
            "details", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column(
            "category",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "stated", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=True
        ),
        sa.Column("place_source", sa.String(length=8), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column(
            "area", sa.String(length=18).with_variant(sa.String(length=18, collation="C"), "postgresql"), nullable=True
        ),
        sa.Column(
            "cell", sa.String(length=18).with_variant(sa.String(length=18, collation="C"), "postgresql"), nullable=True
        ),
        sa.Column("boundary_version", sa.Integer(), nullable=True),
        sa.Column("edge_m", sa.Double(), nullable=True),
        sa.Column("unit", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("appeals", sa.Integer(), nullable=False),
        sa.Column("reopenings", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('snap_report', 'micro_suggestion', 'micro_proposal', 'micro_consultation', 'micro_supervision', 'micro_service')",
            name=op.f("ck_submissions_kind"),
        ),
        sa.CheckConstraint("place_source IN ('given', 'photo', 'none')", name=op.f("ck_submissions_place_source")),
        sa.CheckConstraint(
            "state IN ('received', 'in_moderation', 'returned', 'rejected', 'accepted', 'assigned', 'in_progress', 'open', 'in_verification', 'answered', 'concluded', 'closed', 'withdrawn')",
            name=op.f("ck_submissions_state"),
        ),
        sa.ForeignKeyConstraint(["author_id"], ["accounts.id"], name=op.f("fk_submissions_author_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submissions")),
        sa.UniqueConstraint("receipt", name=op.f("uq_submissions_receipt")),
        sa.UniqueConstraint("reference", name=op.f("uq_submissions_reference")),
    )
    with op.batch_alter_table("submissions", schema=None) as batch_op:
        batch_op.create_index("ix_submissions_area_id", ["area", "id"], unique=False)
        batch_op.create_index("ix_submissions_author_id_id", ["author_id", "id"], unique=False)
        batch_op.create_index("ix_submissions_public_id", ["public", "id"], unique=False)

    op.create_table(
        "cases",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("reference", sa.String(length=11), nullable=False),
        sa.Column("submission_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column(
            "category",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "condition",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column(
            "area", sa.String(length=18).with_variant(sa.String(length=18, collation="C"), "postgresql"), nullable=True
        ),
        sa.Column(
            "cell", sa.String(length=18).with_variant(sa.String(length=18, collation="C"), "postgresql"), nullable=True
        ),
        sa.Column("assignee", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("unit", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("resolved_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('filed', 'dispatched', 'objected', 'accepted', 'in_progress', 'rework', 'resolved', 'verified', 'closed', 'cancelled')",
            name=op.f("ck_cases_state"),
        ),
        sa.CheckConstraint("level BETWEEN 1 AND 4", name=op.f("ck_cases_level")),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name=op.f("fk_cases_submission_id_submissions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("reference", name=op.f("uq_cases_reference")),
        sa.UniqueConstraint("submission_id", name=op.f("uq_cases_submission_id")),
    )
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.create_index("ix_cases_area", ["area", "open"], unique=False)
        batch_op.create_index("ix_cases_assignee", ["assignee", "open", "due_at", "id"], unique=False)
        batch_op.create_index("ix_cases_open", ["open", "due_at", "id"], unique=False)
        batch_op.create_index("ix_cases_unit", ["unit", "open", "due_at", "id"], unique=False)

    op.create_table(
        "moderation_tasks",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("submission_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("fact_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column(
            "area", sa.String(length=18).with_variant(sa.String(length=18, collation="C"), "postgresql"), nullable=True
        ),
        sa.Column("author_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("not_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column(
            "flags", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("flag_codes", sa.String(length=400), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.String(length=10), nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.CheckConstraint("decision IN ('accept', 'return', 'reject')", name=op.f("ck_moderation_tasks_decision")),
        sa.CheckConstraint("state IN ('waiting', 'decided', 'dropped')", name=op.f("ck_moderation_tasks_state")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_moderation_tasks_submission_id_submissions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderation_tasks")),
        sa.UniqueConstraint("fact_id", name=op.f("uq_moderation_tasks_fact_id")),
    )
    with op.batch_alter_table("moderation_tasks", schema=None) as batch_op:
        batch_op.create_index("ix_moderation_tasks_queue", ["state", "rank", "due_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_moderation_tasks_submission_id"), ["submission_id"], unique=False)

    op.create_table(
        "ratings",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("submission_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("answer", sa.Integer(), nullable=False),
        sa.Column("resolved", sa.Boolean(), nullable=False),
        sa.Column("satisfaction", sa.Integer(), nullable=False),
        sa.Column("comment", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("satisfaction BETWEEN 1 AND 5", name=op.f("ck_ratings_satisfaction")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_ratings_account_id_accounts")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_ratings_submission_id_submissions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ratings")),
    )
    with op.batch_alter_table("ratings", schema=None) as batch_op:
        batch_op.create_index(
            "uq_ratings_submission_id_account_id_answer", ["submission_id", "account_id", "answer"], unique=True
        )


def downgrade() -> None:
    with op.batch_alter_table("ratings", schema=None) as batch_op:
        batch_op.drop_index("uq_ratings_submission_id_account_id_answer")

    op.drop_table("ratings")
    with op.batch_alter_table("moderation_tasks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_moderation_tasks_submission_id"))
        batch_op.drop_index("ix_moderation_tasks_queue")

    op.drop_table("moderation_tasks")
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_index("ix_cases_unit")
        batch_op.drop_index("ix_cases_open")
        batch_op.drop_index("ix_cases_assignee")
        batch_op.drop_index("ix_cases_area")

    op.drop_table("cases")
    with op.batch_alter_table("submissions", schema=None) as batch_op:
        batch_op.drop_index("ix_submissions_public_id")
        batch_op.drop_index("ix_submissions_author_id_id")
        batch_op.drop_index("ix_submissions_area_id")

    op.drop_table("submissions")
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sessions_account_id"))

    op.drop_table("sessions")
    with op.batch_alter_table("role_grants", schema=None) as batch_op:
        batch_op.drop_index("ix_role_grants_role_unit")
        batch_op.drop_index("ix_role_grants_role_area")
        batch_op.drop_index(batch_op.f("ix_role_grants_account_id"))

    op.drop_table("role_grants")
    with op.batch_alter_table("outbox_errands", schema=None) as batch_op:
        batch_op.drop_index("uq_outbox_errands_fact_id_subscriber")
        batch_op.drop_index("ix_outbox_errands_open")

    op.drop_table("outbox_errands")
    op.drop_table("feeds")
    with op.batch_alter_table("feed_entries", schema=None) as batch_op:
        batch_op.drop_index("uq_feed_entries_account_id_number")
        batch_op.drop_index("uq_feed_entries_account_id_fact_id")

    op.drop_table("feed_entries")
    with op.batch_alter_table("conditions", schema=None) as batch_op:
        batch_op.drop_index("ix_conditions_category_code_code")

    op.drop_table("conditions")
    op.drop_table("area_boundaries")
    with op.batch_alter_table("units", schema=None) as batch_op:
        batch_op.drop_index("ix_units_active_area_code_id")

    op.drop_table("units")
    with op.batch_alter_table("timeline_entries", schema=None) as batch_op:
        batch_op.drop_index("uq_timeline_entries_subject")
        batch_op.drop_index("ix_timeline_entries_thread")

    op.drop_table("timeline_entries")
    with op.batch_alter_table("services", schema=None) as batch_op:
        batch_op.drop_index("ix_services_active_code")

    op.drop_table("services")
    op.drop_table("places_revision")
    with op.batch_alter_table("photos", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_photos_unattached",
            sqlite_where=sa.text("subject_id IS NULL"),
            postgresql_where=sa.text("subject_id IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_photos_subject_id"))
        batch_op.drop_index(batch_op.f("ix_photos_sha256"))
        batch_op.drop_index("ix_photos_owner_id_created_at")

    op.drop_table("photos")
    op.drop_table("outbox_facts")
    with op.batch_alter_table("otp_challenges", schema=None) as batch_op:
        batch_op.drop_index("ix_otp_challenges_phone_created_at")

    op.drop_table("otp_challenges")
    with op.batch_alter_table("idempotency_keys", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_idempotency_keys_at"))

    op.drop_table("idempotency_keys")
    op.drop_table("duty_hours")
    with op.batch_alter_table("deadlines", schema=None) as batch_op:
        batch_op.drop_index("ix_deadlines_subject")
        batch_op.drop_index(
            "ix_deadlines_open",
            sqlite_where=sa.text("settled_at IS NULL AND fired_at IS NULL"),
            postgresql_where=sa.text("settled_at IS NULL AND fired_at IS NULL"),
        )

    op.drop_table("deadlines")
    with op.batch_alter_table("categories", schema=None) as batch_op:
        batch_op.drop_index("ix_categories_active_code")

    op.drop_table("categories")
    op.drop_table("calendar_revision")
    op.drop_table("calendar_days")
    op.drop_table("audit_head")
    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_audit_entries_position",
            sqlite_where=sa.text("position IS NOT NULL"),
            postgresql_where=sa.text("position IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_audit_entries_unsealed",
            sqlite_where=sa.text("position IS NULL"),
            postgresql_where=sa.text("position IS NULL"),
        )
        batch_op.drop_index("ix_audit_entries_subject")
        batch_op.drop_index("ix_audit_entries_at_id")

    op.drop_table("audit_entries")
    with op.batch_alter_table("areas", schema=None) as batch_op:
        batch_op.drop_index("ix_areas_parent_code")

    op.drop_table("areas")
    op.drop_table("accounts")
