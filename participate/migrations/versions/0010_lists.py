"""Lists that stay as fast at a million: areas and changes in the order of their lists, and search by windows."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from participate.migrations.online import create_index, drop_index

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BATCH = 1000  # texts

CHANGED, CHANGED_BEFORE = "ix_submissions_public_changed", "ix_submissions_public_updated"
REGIONS = {4: "city", 6: "district", 9: "street", 12: "community"}
WORDS, WORDS_BEFORE = "ix_submission_search_windows", "ix_submission_search_bigrams"
# The windows of 2^8, 2^11, … texts that a text lies in, and the areas; "" where its area is not known.
MARKS = (
    "ARRAY['a' || (rowid >> 8)::text, 'b' || (rowid >> 11)::text, 'c' || (rowid >> 14)::text,"
    " 'd' || (rowid >> 17)::text, 'e' || (rowid >> 20)::text, substr(area, 1, 2), substr(area, 1, 4),"
    " substr(area, 1, 6), substr(area, 1, 9), substr(area, 1, 12), substr(area, 1, 15), substr(area, 1, 18),"
    " coalesce(area, '')]"
)

search = sa.table("submission_search", sa.column("rowid", sa.Integer), sa.column("area", sa.String))
texts = sa.table("submission_texts", sa.column("number", sa.Integer), sa.column("submission_id"))
submissions = sa.table("submissions", sa.column("id"), sa.column("area", sa.String))


def upgrade() -> None:
    _index_public(CHANGED, ["updated_at", "id"])
    drop_index(CHANGED_BEFORE, "submissions")
    if op.get_bind().dialect.name != "postgresql":
        return
    for length, name in REGIONS.items():
        _index_public(f"ix_submissions_public_{name}", [sa.text(f"substr(area, 1, {length})"), "id"])
    op.add_column("submission_search", sa.Column("area", sa.String(18, collation="C"), nullable=True))
    _fill()
    # Without a list of what is still to be indexed, as the one before it: every search would have to read that.
    create_index(
        WORDS,
        "submission_search",
        ["bigrams", sa.text(f"({MARKS})")],
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    drop_index(WORDS_BEFORE, "submission_search")


def _index_public(name: str, columns: Sequence[object]) -> None:
    where = {"sqlite_where": sa.text("public IS 1"), "postgresql_where": sa.text("public IS true")}
    create_index(name, "submissions", columns, **where)


def _fill() -> None:
    """Say where the texts that are there lie, in batches that land one by one.

    Whoever hands something in or mends it waits for one batch at most, and one that has been cut short is no loss.
    What the release before adds meanwhile has no area, and is looked at wherever one searches.
    """
    with op.get_context().autocommit_block():
        connection = op.get_bind()
        last = connection.execute(sa.select(sa.func.max(search.c.rowid))).scalar() or 0
        where = sa.select(submissions.c.area).join(texts, texts.c.submission_id == submissions.c.id)
        of_row = where.where(texts.c.number == search.c.rowid).scalar_subquery()
        for start in range(0, last, BATCH):
            batch = sa.and_(search.c.rowid > start, search.c.rowid <= start + BATCH, search.c.area.is_(None))
            connection.execute(sa.update(search).where(batch).values(area=of_row))


def downgrade() -> None:
    where = {"sqlite_where": sa.text("0"), "postgresql_where": sa.text("public IS true")}
    create_index(CHANGED_BEFORE, "submissions", ["updated_at"], **where)
    drop_index(CHANGED, "submissions")
    if op.get_bind().dialect.name != "postgresql":
        return
    for name in REGIONS.values():
        drop_index(f"ix_submissions_public_{name}", "submissions")
    create_index(
        WORDS_BEFORE, "submission_search", ["bigrams"], postgresql_using="gin", postgresql_with={"fastupdate": "off"}
    )
    drop_index(WORDS, "submission_search")
    op.drop_column("submission_search", "area")
