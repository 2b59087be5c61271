"""Proposals are signed by several and filed under a number; suggestions are taken charge of and carried on."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

_STATES = ("invited", "signed", "declined")


def upgrade() -> None:
    identifier, moment = sa.Uuid(as_uuid=False), sa.DateTime(timezone=True)
    op.add_column("submissions", sa.Column("filed_as", sa.String(12)))
    op.add_column("submissions", sa.Column("cosign_until", moment))
    op.add_column("submissions", sa.Column("adopted_by", identifier))
    op.create_table(
        "cosigners",
        sa.Column("submission_id", identifier, nullable=False),
        sa.Column("account_id", identifier, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("answered_at", moment),
        sa.Column("merged_id", identifier),
        sa.CheckConstraint(f"state IN {_STATES!r}", name=op.f("ck_cosigners_state")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_cosigners_submission_id_submissions")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_cosigners_account_id_accounts")),
        sa.PrimaryKeyConstraint("submission_id", "account_id", name=op.f("pk_cosigners")),
    )
    op.create_index("ix_cosigners_account_id", "cosigners", ["account_id", "submission_id"])
    op.create_table(
        "proposals",
        sa.Column("id", identifier, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("filed_at", moment, nullable=False),
        sa.Column("hard", sa.Boolean(), nullable=False),
        sa.Column("key", sa.Boolean(), nullable=False),
        sa.Column("excellent", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["submissions.id"], name=op.f("fk_proposals_id_submissions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
    )
    op.create_index("uq_proposals_year_number", "proposals", ["year", "number"], unique=True)
    for mark in ("key", "excellent"):
        op.create_index(
            f"ix_proposals_{mark}",
            "proposals",
            ["year", "number"],
            postgresql_where=sa.text(f"{mark} IS true"),
            sqlite_where=sa.text(f"{mark} IS 1"),
        )
    op.create_table(
        "proposal_years",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_proposal_years")),
    )
    op.create_table(
        "submission_links",
        sa.Column("target_id", identifier, nullable=False),
        sa.Column("source_id", identifier, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("made_by", identifier, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.CheckConstraint("source_id <> target_id", name=op.f("ck_submission_links_another")),
        *(
            sa.ForeignKeyConstraint([name], ["submissions.id"], name=op.f(f"fk_submission_links_{name}_submissions"))
            for name in ("target_id", "source_id")
        ),
        sa.PrimaryKeyConstraint("target_id", name=op.f("pk_submission_links")),
    )
    op.create_index("uq_submission_links_source_id", "submission_links", ["source_id", "kind"], unique=True)


def downgrade() -> None:
    for table in ("submission_links", "proposal_years", "proposals", "cosigners"):
        op.drop_table(table)
    for column in ("adopted_by", "cosign_until", "filed_as"):
        op.drop_column("submissions", column)
