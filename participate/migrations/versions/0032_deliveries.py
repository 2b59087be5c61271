"""What is sent of updates by other channels than the feed, and what each person has chosen of them."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_STATES = "'waiting', 'handing_over', 'sent', 'dead', 'uncertain', 'digest', 'carried', 'muted'"
_LINE, _FAILED = "state IN ('waiting', 'handing_over')", "state IN ('dead', 'uncertain')"
_DUE = "state IN ('waiting', 'handing_over', 'digest')"
_REGIONS = {"city": 4, "district": 6, "street": 9, "community": 12}


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    identifier, moment = sa.Uuid(as_uuid=False), sa.DateTime(timezone=True)
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.add_column("feeds", sa.Column("has_channels", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "channel_choices",
        sa.Column("account_id", identifier, nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("on", sa.Boolean(), nullable=False),
        sa.Column("address", json),
        sa.Column("verified_at", moment),
        sa.Column("language", sa.String(10)),
        sa.Column("quiet_from", sa.Integer()),
        sa.Column("quiet_until", sa.Integer()),
        sa.Column("digest_hour", sa.Integer()),
        sa.Column("muted", json, nullable=False),
        sa.Column("unsubscribe_id", identifier, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_channel_choices_account_id_accounts")),
        sa.PrimaryKeyConstraint("account_id", "channel", name=op.f("pk_channel_choices")),
        sa.UniqueConstraint("unsubscribe_id", name=op.f("uq_channel_choices_unsubscribe_id")),
    )
    op.create_table(
        "address_codes",
        sa.Column("id", identifier, nullable=False),
        sa.Column("account_id", identifier, nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("address", json, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("language", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("used_at", moment),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_address_codes_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_codes")),
    )
    op.create_index("ix_address_codes_account_id_created_at", "address_codes", ["account_id", "created_at"])
    op.create_index("ix_address_codes_digest_created_at", "address_codes", ["digest", "created_at"])
    _make_deliveries(identifier, moment)


def _make_deliveries(identifier: Any, moment: Any) -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", identifier, nullable=False),
        sa.Column("account_id", identifier, nullable=False),
        sa.Column("fact_id", identifier, nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("number", sa.Integer()),
        sa.Column("submission_id", identifier),
        sa.Column("move", sa.String(32), nullable=False),
        sa.Column("concern", sa.String(16), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", moment, nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("sent_at", moment),
        sa.Column("error", sa.String(40)),
        sa.Column("carried_by", identifier),
        sa.Column("carries", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(18).with_variant(sa.String(18, collation="C"), "postgresql")),
        sa.CheckConstraint(f"state IN ({_STATES})", name=op.f("ck_deliveries_state")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_deliveries_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    per_fact = ["account_id", "fact_id", "channel"]
    op.create_index("uq_deliveries_account_id_fact_id_channel", "deliveries", per_fact, unique=True)
    op.create_index("ix_deliveries_line", "deliveries", ["account_id", "channel", "number"], **_where(_DUE))
    due = ["channel", "state", "priority", "next_at", "id"]
    op.create_index("ix_deliveries_due", "deliveries", due, **_where(_DUE))
    op.create_index("ix_deliveries_oldest", "deliveries", ["channel", "due_at"], **_where(_LINE))
    op.create_index("ix_deliveries_sent", "deliveries", ["channel", "sent_at"], **_where("state IN ('sent')"))
    op.create_index("ix_deliveries_carried", "deliveries", ["carried_by"], **_where("state IN ('carried')"))
    op.create_index("ix_deliveries_failed", "deliveries", ["id"], **_where(_FAILED))
    if op.get_bind().dialect.name == "postgresql":
        for name, length in _REGIONS.items():
            region = sa.text(f"substr(area, 1, {length})")
            op.create_index(f"ix_deliveries_failed_{name}", "deliveries", [region, "id"], **_where(_FAILED))


def downgrade() -> None:
    op.drop_table("deliveries")
    op.drop_table("address_codes")
    op.drop_table("channel_choices")
    op.drop_column("feeds", "has_channels")
