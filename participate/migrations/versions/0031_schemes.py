"""Schemes of the catalogue in versions, each of which holds from a day on."""

from datetime import date

import sqlalchemy as sa
from alembic import op

from participate.migrations.online import create_index

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

# What is in use already holds, and has from before anybody asked.
_KNOWN = sa.text(
    "INSERT INTO schemes (code, version, prefix, name_zh, name_en, valid_from) "
    "SELECT DISTINCT scheme, version, '', scheme, scheme, :since FROM categories"
).bindparams(sa.bindparam("since", date(2020, 1, 1), type_=sa.Date()))
_INDEX = "ix_categories_scheme_version_code"


def _code(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "schemes",
        sa.Column("code", _code(40), nullable=False),
        sa.Column("version", _code(20), nullable=False),
        sa.Column("prefix", sa.String(12), nullable=False),
        sa.Column("name_zh", sa.String(100), nullable=False),
        sa.Column("name_en", sa.String(100), nullable=False),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_until", sa.Date()),
        sa.PrimaryKeyConstraint("code", "version", name=op.f("pk_schemes")),
    )
    op.get_bind().execute(_KNOWN)
    create_index(_INDEX, "categories", ["scheme", "version", "code"])


def downgrade() -> None:
    op.drop_index(_INDEX, "categories")
    op.drop_table("schemes")
