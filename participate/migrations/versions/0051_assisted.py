"""Officers file for those who cannot do it themselves, who hear by text message or are called."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from participate.migrations.online import create_index, drop_index

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_HEARS_BY, _CONSENTS = ("sms", "call"), ("oral", "paper")


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _assisted() -> None:
    identifier, moment = sa.Uuid(as_uuid=False), sa.DateTime(timezone=True)
    op.create_table(
        "assisted",
        sa.Column("submission_id", identifier, nullable=False),
        sa.Column("officer", identifier, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("hears_by", sa.String(8), nullable=False),
        sa.Column("consent", sa.String(8), nullable=False),
        sa.Column("consented_at", moment, nullable=False),
        sa.Column("witness", sa.String(60), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.CheckConstraint(f"hears_by IN {_HEARS_BY!r}", name=op.f("ck_assisted_hears_by")),
        sa.CheckConstraint(f"consent IN {_CONSENTS!r}", name=op.f("ck_assisted_consent")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_assisted_submission_id_submissions")
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_assisted")),
    )


def _calls() -> None:
    identifier, moment = sa.Uuid(as_uuid=False), sa.DateTime(timezone=True)
    op.create_table(
        "calls",
        sa.Column("id", identifier, nullable=False),
        sa.Column("submission_id", identifier, nullable=False),
        sa.Column("officer", identifier, nullable=False),
        sa.Column("opened_at", moment, nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_at", moment),
        sa.Column("made_by", identifier),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["assisted.submission_id"], name=op.f("fk_calls_submission_id_assisted")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
    )
    is_open = _where("made_at IS NULL")
    op.create_index("uq_calls_open", "calls", ["submission_id"], unique=True, **is_open)
    op.create_index("ix_calls_officer", "calls", ["officer", "due_at", "id"], **is_open)
    op.create_index("ix_calls_due", "calls", ["due_at", "id"], **is_open)
    op.create_table(
        "call_words",
        sa.Column("entry_id", identifier, nullable=False),
        sa.Column("call_id", identifier, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("words", sa.String(64), nullable=False),
        sa.Column("following", sa.String(64)),
        sa.Column("values", _JSON, nullable=False),
        sa.Column("due_at", moment),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_call_words_call_id_calls")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_call_words")),
    )
    op.create_index("ix_call_words_call_id", "call_words", ["call_id", "entry_id"])


def upgrade() -> None:
    op.add_column("submissions", sa.Column("helped_by", sa.Uuid(as_uuid=False)))
    op.add_column("ratings", sa.Column("relayed", sa.Boolean(), nullable=False, server_default=sa.false()))
    _assisted()
    _calls()
    create_index("ix_submissions_helped", "submissions", ["helped_by", "id"], **_where("helped_by IS NOT NULL"))


def downgrade() -> None:
    drop_index("ix_submissions_helped", "submissions")
    for table in ("call_words", "calls", "assisted"):
        op.drop_table(table)
    op.drop_column("ratings", "relayed")
    op.drop_column("submissions", "helped_by")
