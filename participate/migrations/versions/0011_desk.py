"""The moderation desk in full: flags as rows, live counts, reasons, notes, opinions, batches; joins, merging, originals."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from participate.migrations.online import change_check, create_index, drop_index

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
# Each lets one more value in than the release before did.
CHECKS = {
    ("submissions", "ck_submissions_state"): (
        "state IN ('received', 'in_moderation', 'returned', 'rejected', 'accepted', 'assigned', 'in_progress', 'open', 'in_verification', 'answered', 'concluded', 'closed', 'withdrawn')",
        "state IN ('received', 'in_moderation', 'returned', 'rejected', 'merged', 'accepted', 'assigned', 'in_progress', 'open', 'in_verification', 'answered', 'concluded', 'closed', 'withdrawn')",
    ),
    ("moderation_tasks", "ck_moderation_tasks_state"): (
        "state IN ('waiting', 'decided', 'dropped')",
        "state IN ('waiting', 'staged', 'decided', 'dropped')",
    ),
    ("moderation_tasks", "ck_moderation_tasks_decision"): (
        "decision IN ('accept', 'return', 'reject')",
        "decision IN ('accept', 'return', 'reject', 'merge')",
    ),
    ("role_grants", "ck_role_grants_role"): (
        "role IN ('resident', 'member', 'moderator', 'grid_officer', 'dispatcher', 'handler', 'supervisor', 'evaluator', 'auditor', 'admin')",
        "role IN ('resident', 'member', 'moderator', 'desk_head', 'grid_officer', 'dispatcher', 'handler', 'supervisor', 'evaluator', 'auditor', 'admin')",
    ),
}
# The windows of positions in the queue that a task lies in, of 2^4, 2^8, … positions.
WINDOWS = ", ".join(f"((position >> {width}) << 4) | {n}" for n, width in enumerate((4, 8, 11, 31, 36, 41, 46, 51, 56)))
COLUMNS = {
    "moderation_tasks": (
        *("category", "about_unit", "purpose", "nor_by", "reviews", "opened_at", "screened_at", "warned"),
        *("claimed_at", "proposed_by"),
        *("proposal", "edited", "batch_id"),
    ),
    "photos": ("hidden_at",),
    "submissions": ("merged_into", "joined", "urgent", "redacted", "tile"),
}
INDEXES = {
    "moderation_tasks": (
        *("about", "appeal", "area", "author", "category", "claimed", "decided", "kind", "nor_by", "not_by"),
        *("proposed", "unadopted"),
    ),
    "submissions": ("merged_into", "tile", "open_tile", "closed_tile"),
}


def _code(length: int) -> Any:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _index_waiting(name: str, *columns: str, only: str = "", for_sqlite: bool = False) -> None:
    """An index over what waits; on PostgreSQL an empty one if it is `for_sqlite`."""
    where = sa.text(f"state = 'waiting' AND {only}" if only else "state = 'waiting'")
    table, there = "moderation_tasks", sa.text("false") if for_sqlite else where
    create_index(f"ix_{table}_{name}", table, columns, sqlite_where=where, postgresql_where=there)


def upgrade() -> None:
    op.create_table(
        "moderation_batches",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("made_by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undo_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('staged', 'undone', 'done')", name=op.f("ck_moderation_batches_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderation_batches")),
    )
    op.create_index("ix_moderation_batches_made_by_id", "moderation_batches", ["made_by", "id"])
    op.create_table(
        "moderation_counts",
        sa.Column("facet", sa.String(length=10), nullable=False),
        sa.Column("area", _code(18), nullable=False),
        sa.Column("value", _code(40), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("facet", "area", "value", name=op.f("pk_moderation_counts")),
    )
    op.create_table(
        "moderation_reasons",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("decisions", JSON, nullable=False),
        sa.Column("label_zh", sa.String(length=60), nullable=False),
        sa.Column("label_en", sa.String(length=120), nullable=False),
        sa.Column("text_zh", sa.String(), nullable=False),
        sa.Column("text_en", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_moderation_reasons")),
    )
    op.create_table(
        "moderation_batch_items",
        sa.Column("batch_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("asked", JSON, nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["moderation_batches.id"], name=op.f("fk_moderation_batch_items_batch_id_moderation_batches")
        ),
        sa.PrimaryKeyConstraint("batch_id", "number", name=op.f("pk_moderation_batch_items")),
    )
    op.create_table(
        "moderation_print_bands",
        sa.Column("band", sa.BigInteger(), nullable=False),
        sa.Column("submission_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_moderation_print_bands_submission_id_submissions")
        ),
        sa.PrimaryKeyConstraint("band", "submission_id", name=op.f("pk_moderation_print_bands")),
    )
    op.create_table(
        "moderation_prints",
        sa.Column("submission_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("author_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("whole", sa.BigInteger(), nullable=False),
        sa.Column("bands", JSON, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_moderation_prints_submission_id_submissions")
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_moderation_prints")),
    )
    op.create_index("ix_moderation_prints_whole", "moderation_prints", ["whole", "submission_id"])
    op.create_table(
        "moderation_learning",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("examples", sa.Integer(), nullable=False),
        sa.Column("why_silent", sa.String(length=64), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderation_learning")),
    )
    op.create_table(
        "submission_joins",
        sa.Column("submission_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("merged_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_submission_joins_account_id_accounts")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_submission_joins_submission_id_submissions")
        ),
        sa.PrimaryKeyConstraint("submission_id", "account_id", name=op.f("pk_submission_joins")),
    )
    op.create_index("ix_submission_joins_account_id", "submission_joins", ["account_id", "submission_id"])
    op.create_table(
        "submission_originals",
        sa.Column("submission_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=True),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("kept_by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_submission_originals_submission_id_submissions")
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_submission_originals")),
    )
    op.create_table(
        "moderation_flags",
        sa.Column("task_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("why", sa.String(length=64), nullable=False),
        sa.Column("values", JSON, nullable=False),
        sa.Column("waits", sa.Boolean(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("borne_out", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["task_id"], ["moderation_tasks.id"], name=op.f("fk_moderation_flags_task_id_moderation_tasks")
        ),
        sa.PrimaryKeyConstraint("task_id", "code", name=op.f("pk_moderation_flags")),
    )
    op.create_index("ix_moderation_flags_decided", "moderation_flags", ["code", "decided_at"])
    op.create_index(
        "ix_moderation_flags_waiting",
        "moderation_flags",
        ["code", "rank", "due_at", "task_id"],
        sqlite_where=sa.text("waits IS 1"),
        postgresql_where=sa.text("false"),
    )
    op.create_table(
        "moderation_waiting",
        sa.Column("task_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("marks", sa.ARRAY(sa.Text()).with_variant(sa.JSON(), "sqlite"), nullable=False),
        sa.Column("bigrams", sa.ARRAY(sa.Integer()).with_variant(sa.JSON(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"], ["moderation_tasks.id"], name=op.f("fk_moderation_waiting_task_id_moderation_tasks")
        ),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_moderation_waiting")),
    )
    op.create_index("ix_moderation_waiting_position", "moderation_waiting", ["position", "task_id"])
    if op.get_bind().dialect.name == "postgresql":
        op.create_index(
            "ix_moderation_waiting_found",
            "moderation_waiting",
            ["bigrams", "marks", sa.text(f"(ARRAY[{WINDOWS}])")],
            postgresql_using="gin",
            postgresql_with={"fastupdate": "on", "gin_pending_list_limit": 256},
        )
    op.create_table(
        "moderation_notes",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("submission_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("task_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("author_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_moderation_notes_submission_id_submissions")
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["moderation_tasks.id"], name=op.f("fk_moderation_notes_task_id_moderation_tasks")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderation_notes")),
    )
    op.create_index("ix_moderation_notes_submission_id_id", "moderation_notes", ["submission_id", "id"])
    op.create_table(
        "moderation_opinions",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("task_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("asked_by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("asked_of", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("decision", sa.String(length=10), nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "decision IN ('accept', 'return', 'reject', 'merge')", name=op.f("ck_moderation_opinions_decision")
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["moderation_tasks.id"], name=op.f("fk_moderation_opinions_task_id_moderation_tasks")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderation_opinions")),
    )
    op.create_index(op.f("ix_moderation_opinions_task_id"), "moderation_opinions", ["task_id"])
    op.create_index(
        "ix_moderation_opinions_asked",
        "moderation_opinions",
        ["asked_of", "task_id"],
        sqlite_where=sa.text("given_at IS NULL"),
        postgresql_where=sa.text("given_at IS NULL"),
    )
    op.create_table(
        "moderation_mentions",
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("note_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["note_id"], ["moderation_notes.id"], name=op.f("fk_moderation_mentions_note_id_moderation_notes")
        ),
        sa.PrimaryKeyConstraint("account_id", "note_id", name=op.f("pk_moderation_mentions")),
    )
    op.add_column("moderation_tasks", sa.Column("category", _code(40), nullable=True))
    op.add_column("moderation_tasks", sa.Column("about_unit", sa.Uuid(as_uuid=False), nullable=True))
    op.add_column("moderation_tasks", sa.Column("purpose", sa.String(length=8), server_default="look", nullable=False))
    op.add_column("moderation_tasks", sa.Column("nor_by", sa.Uuid(as_uuid=False), nullable=True))
    op.add_column("moderation_tasks", sa.Column("reviews", sa.Uuid(as_uuid=False), nullable=True))
    op.add_column("moderation_tasks", sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("moderation_tasks", sa.Column("screened_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("moderation_tasks", sa.Column("warned", sa.Integer(), server_default="0", nullable=False))
    op.add_column("moderation_tasks", sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("moderation_tasks", sa.Column("proposed_by", sa.Uuid(as_uuid=False), nullable=True))
    op.add_column("moderation_tasks", sa.Column("proposal", JSON, nullable=True))
    op.add_column("moderation_tasks", sa.Column("edited", JSON, nullable=False, server_default="[]"))
    op.add_column("moderation_tasks", sa.Column("batch_id", sa.Uuid(as_uuid=False), nullable=True))
    create_index(
        "ix_moderation_tasks_appeal",
        "moderation_tasks",
        ["due_at", "id"],
        sqlite_where=sa.text("state = 'waiting' AND purpose = 'appeal'"),
        postgresql_where=sa.text("state = 'waiting' AND purpose = 'appeal'"),
    )
    create_index("ix_moderation_tasks_author", "moderation_tasks", ["author_id", "decided_at"])
    _index_waiting("claimed", "claimed_by", "id")
    create_index("ix_moderation_tasks_decided", "moderation_tasks", ["decided_at", "id"])
    for column in ("category", "kind", "area"):
        _index_waiting(column, column, "rank", "due_at", "id", for_sqlite=True)
    _index_waiting("proposed", "rank", "due_at", "id", only="proposed_by IS NOT NULL")
    _index_waiting("about", "about_unit", only="about_unit IS NOT NULL")
    _index_waiting("not_by", "not_by", only="not_by IS NOT NULL")
    _index_waiting("nor_by", "nor_by", only="nor_by IS NOT NULL")
    _index_waiting("unadopted", "id", only="opened_at IS NULL")
    op.add_column("photos", sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("submissions", sa.Column("merged_into", sa.Uuid(as_uuid=False), nullable=True))
    op.add_column("submissions", sa.Column("joined", sa.Integer(), server_default="0", nullable=False))
    op.add_column("submissions", sa.Column("urgent", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("submissions", sa.Column("redacted", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("submissions", sa.Column("tile", sa.Integer(), nullable=True))
    create_index("ix_submissions_merged_into", "submissions", ["merged_into"])
    tiled = sa.text("tile IS NOT NULL")
    create_index("ix_submissions_tile", "submissions", ["tile", "id"], sqlite_where=tiled, postgresql_where=tiled)
    create_index(
        "ix_submissions_open_tile",
        "submissions",
        ["tile", "id"],
        sqlite_where=sa.text("public IS 1 AND state <> 'closed'"),
        postgresql_where=sa.text("public IS true AND state <> 'closed'"),
    )
    create_index(
        "ix_submissions_closed_tile",
        "submissions",
        ["tile", "updated_at"],
        sqlite_where=sa.text("public IS 1 AND state = 'closed'"),
        postgresql_where=sa.text("public IS true AND state = 'closed'"),
    )
    for (table, name), (before, after) in CHECKS.items():
        change_check(table, name, before, after)


def downgrade() -> None:
    for (table, name), (before, after) in CHECKS.items():
        change_check(table, name, after, before)
    for table, names in INDEXES.items():
        for name in names:
            drop_index(f"ix_{table}_{name}", table)
    for table, names in COLUMNS.items():
        for name in reversed(names):
            op.drop_column(table, name)
    op.drop_table("moderation_waiting")
    op.drop_table("moderation_mentions")
    op.drop_table("moderation_opinions")
    op.drop_table("moderation_notes")
    op.drop_table("moderation_flags")
    op.drop_table("submission_originals")
    op.drop_table("submission_joins")
    op.drop_table("moderation_learning")
    op.drop_table("moderation_prints")
    op.drop_table("moderation_print_bands")
    op.drop_table("moderation_batch_items")
    op.drop_table("moderation_reasons")
    op.drop_table("moderation_counts")
    op.drop_table("moderation_batches")
