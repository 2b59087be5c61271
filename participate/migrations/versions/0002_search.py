"""Search: every submission's normalised text, and the index of its bigrams."""

from collections.abc import Sequence
from typing import Any
from unicodedata import normalize

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BATCH = 500  # rows

submissions = sa.table(
    "submissions", sa.column("id", sa.Uuid(as_uuid=False)), sa.column("title", sa.Text), sa.column("body", sa.Text)
)
texts = sa.table(
    "submission_texts",
    sa.column("number", sa.Integer),
    sa.column("submission_id", sa.Uuid(as_uuid=False)),
    sa.column("text", sa.Text),
)
search = sa.table(
    "submission_search",
    sa.column("rowid", sa.Integer),
    sa.column("bigrams", sa.Text().with_variant(sa.ARRAY(sa.Integer), "postgresql")),
)


def upgrade() -> None:
    op.create_table(
        "submission_texts",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_submission_texts_submission_id_submissions")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_submission_texts")),
        sa.UniqueConstraint("submission_id", name=op.f("uq_submission_texts_submission_id")),
    )
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        _create_fts5()
        _fill(connection, as_words=True)
    else:
        _create_table()
        _fill(connection, as_words=False)
        _create_gin()


def _create_fts5() -> None:
    """Contentless and without positions: it answers which texts have all of some bigrams, and nothing else."""
    op.execute(
        "CREATE VIRTUAL TABLE submission_search"
        " USING fts5(bigrams, content='', detail='none', columnsize=0, tokenize='unicode61')"
    )


def _create_table() -> None:
    op.create_table(
        "submission_search",
        sa.Column("rowid", sa.Integer(), nullable=False),
        sa.Column("bigrams", sa.ARRAY(sa.Integer()), nullable=False),
        sa.ForeignKeyConstraint(
            ["rowid"],
            ["submission_texts.number"],
            name=op.f("fk_submission_search_rowid_submission_texts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("rowid", name=op.f("pk_submission_search")),
    )


def _create_gin() -> None:
    """Once the table is full, which is faster; without a list of what is still to be indexed.

    Every search would have to read that list, and the planner thinks it so dear that it would rather read the table.
    """
    op.create_index(
        "ix_submission_search_bigrams",
        "submission_search",
        ["bigrams"],
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )


def _fill(connection: sa.Connection, as_words: bool) -> None:
    """Index what is there already, in batches that fit into memory."""
    number, after = 0, None
    while found := _next(connection, after):
        kept = [
            {"number": number + at, "submission_id": row.id, "text": _normal(f"{row.title or ''}\n{row.body}")}
            for at, row in enumerate(found, 1)
        ]
        connection.execute(sa.insert(texts), kept)
        indexed = [{"rowid": each["number"], "bigrams": _bigrams(each["text"], as_words)} for each in kept]
        connection.execute(sa.insert(search), indexed)
        number, after = number + len(found), found[-1].id
    if not as_words:
        connection.exec_driver_sql(f"ALTER SEQUENCE submission_texts_number_seq RESTART WITH {number + 1}")


def _next(connection: sa.Connection, after: str | None) -> Sequence[Any]:
    statement = sa.select(submissions).order_by(submissions.c.id).limit(BATCH)
    return connection.execute(statement if after is None else statement.where(submissions.c.id > after)).all()


def _normal(text: str) -> str:
    return normalize("NFKC", normalize("NFKC", text).casefold())


def _bigrams(text: str, as_words: bool) -> str | list[int]:
    runs = (run.encode("utf-16-be") for run in text.split())
    pairs = sorted({run[at : at + 4] for run in runs for at in range(0, len(run) - 2, 2)})
    if as_words:
        return " ".join(pair.hex() for pair in pairs)
    return [int.from_bytes(pair, "big", signed=True) for pair in pairs]


def downgrade() -> None:
    op.drop_table("submission_search")
    op.drop_table("submission_texts")
