"""Search: an index of bigrams finds the candidates, a look at their normalised text settles which are right."""

from collections.abc import Sequence
from typing import Any, cast
from unicodedata import normalize

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Executable,
    Integer,
    String,
    Text,
    bindparam,
    column,
    delete,
    func,
    insert,
    literal,
    select,
    table,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute

from participate.kernel.db import AnyRow, AnySelect, execute, is_sqlite, one
from participate.kernel.db import table as table_of
from participate.kernel.errors import Fault, Invalid
from participate.kernel.scopes import after
from participate.submissions.models import Submission, SubmissionText
from participate.submissions.windows import AREAS, newest

MIN_WORD = 2  # characters: a shorter word has no bigram.
MAX_QUERY = 100  # characters, after normalisation.

# An FTS5 table on SQLite, where the column of its own name takes queries and commands; on PostgreSQL a table with a
# GIN index. Neither keeps positions, for PostgreSQL's end at 256 of a word: it need only never miss a submission.
# PostgreSQL keeps the area too, or NULL where it is not known: see `windows`.
_index = table(
    "submission_search",
    column("rowid", Integer),
    column("bigrams", Text().with_variant(ARRAY(Integer), "postgresql")),
    column("area", String),
    column("submission_search", Text),
)
# Later submissions have higher numbers.
NUMBER = _index.c.rowid


def normal(text: str) -> str:
    """`text` as it is compared: full-width and other compatible forms alike, upper and lower case alike.

    NFKC and case folding, and NFKC again since folding can undo it (Unicode §3.13, D146).
    """
    return normalize("NFKC", normalize("NFKC", text).casefold())


def bigrams(text: str) -> str | list[int]:
    """The pairs of neighbouring UTF-16 code units that white space does not part, as the database's index takes them.

    Each is one number of 32 bits, for FTS5 written as eight hexadecimal digits: punctuation, emoji and the operators
    of query languages are characters like any other, and no tokenizer splits, folds or drops one.
    """
    runs = (run.encode("utf-16-be") for run in text.split())
    pairs = sorted({run[at : at + 4] for run in runs for at in range(0, len(run) - 2, 2)})
    if is_sqlite():
        return " ".join(pair.hex() for pair in pairs)
    return [int.from_bytes(pair, "big", signed=True) for pair in pairs]


_TEXT = table_of(SubmissionText)
_NEW_TEXT, _NEW_ENTRY = insert(_TEXT), insert(_index)


def _both() -> Executable:
    """PostgreSQL writes the text and its entry in one statement."""
    given: dict[str, Any] = {"submission_id": bindparam("submission"), "text": bindparam("searched")}
    kept = _NEW_TEXT.values(given).returning(_TEXT.c.number).cte("kept")
    entry = (bindparam(column.name, type_=column.type) for column in (_index.c.bigrams, _index.c.area))
    return _NEW_ENTRY.from_select(["rowid", "bigrams", "area"], select(kept.c.number, *entry))


_NEW_BOTH = _both()


def add(row: Any) -> None:
    """Let a new submission be found by what its title and body say."""
    text = _searched(row)
    if is_sqlite():
        number = execute(_NEW_TEXT, {"submission_id": row.id, "text": text}).lastrowid
        execute(_NEW_ENTRY, _entry(number, text, row.area))
    else:
        given = {"submission": row.id, "searched": text, "bigrams": bigrams(text), "area": row.area}
        execute(_NEW_BOTH, given)


def keep(row: Any) -> None:
    """Let the submission be found by what its title and body say now, and by nothing they said before."""
    kept = _kept(row.id)
    if kept is None:
        add(row)
        return
    _take_out(kept)
    text = _searched(row)
    execute(update(_TEXT).where(_TEXT.c.number == kept.number).values(text=text))
    execute(_NEW_ENTRY, _entry(kept.number, text, row.area))


def place(row: Any) -> None:
    """Let the submission be found in the area where it lies now."""
    if not is_sqlite():
        number = select(_TEXT.c.number).where(_TEXT.c.submission_id == row.id).scalar_subquery()
        execute(update(_index).where(_index.c.rowid == number).values(area=row.area))


def forget(submission_id: str) -> None:
    """Let the submission no longer be found, and leave none of its words; nothing happens if none are kept."""
    kept = _kept(submission_id)
    if kept is not None:
        _take_out(kept)
        execute(delete(_TEXT).where(_TEXT.c.number == kept.number))


def _entry(number: int, text: str, area: str | None) -> dict[str, Any]:
    """An index's entry; SQLite's has no place for an area."""
    entry = {"rowid": number, "bigrams": bigrams(text)}
    return entry if is_sqlite() else entry | {"area": area}


def _searched(row: Any) -> str:
    return normal(f"{row.title or ''}\n{row.body}")


def _kept(submission_id: str) -> AnyRow | None:
    return one(select(_TEXT.c.number, _TEXT.c.text).where(_TEXT.c.submission_id == submission_id))


def _take_out(kept: AnyRow) -> None:
    if is_sqlite():  # The FTS5 table keeps no text of its own, so it must be told what it has indexed.
        told = {"submission_search": "delete", "rowid": kept.number, "bigrams": bigrams(kept.text)}
        execute(_NEW_ENTRY, told)
    else:
        execute(delete(_index).where(_index.c.rowid == kept.number))


def narrowed(statement: AnySelect, q: str) -> AnySelect:
    """`statement`, which reads submissions, narrowed to those whose title or body holds every word of `q`.

    Words are parted by white space and count letter for letter once normalised, inside longer words too. In the
    order of NUMBER either database reads a page of a frequent word without gathering all its matches first.
    Raises Invalid where no word has two characters, or `q` has more than a hundred.
    """
    words, held = _words(q), SubmissionText
    joined = statement.join(held, held.submission_id == Submission.id).join(_index, _index.c.rowid == held.number)
    return joined.where(_candidate(" ".join(words)), *(_holds(held.text, word) for word in words))


def newest_first(columns: Sequence[Any], q: str, area: str | None) -> AnySelect | None:
    """The columns of public submissions whose title or body holds every word of `q`, in `area`, for a page by NUMBERED.

    None where only a statement of the planner's choice will do: see `narrowed`. Raises Invalid as that does.
    """
    words = _words(q)
    if is_sqlite() or (area and len(area) not in AREAS):
        return None
    found = newest(cast(list[int], bigrams(" ".join(words))), words, (area, after(area)) if area else None)
    listed = select(*columns, found.c.number).join_from(found, SubmissionText, SubmissionText.number == found.c.number)
    return listed.join(Submission, Submission.id == SubmissionText.submission_id)


def parsed(q: str) -> tuple[list[str], str | list[int]]:
    """The words of `q`, normalised, and all their bigrams. Raises Invalid as `narrowed` does."""
    words = _words(q)
    return words, bigrams(" ".join(words))


def _words(q: str) -> list[str]:
    wanted = normal(q)
    if len(wanted) > MAX_QUERY:
        raise Invalid(Fault("q", "length", (("min", MIN_WORD), ("max", MAX_QUERY))))
    words = wanted.split()
    if max(map(len, words), default=0) < MIN_WORD:
        raise Invalid(Fault("q", "q_too_short", (("min", MIN_WORD),)))
    return words


def _candidate(text: str) -> ColumnElement[bool]:
    """The condition that the index holds all bigrams of `text`."""
    if is_sqlite():
        return _index.c.submission_search.bool_op("MATCH")(bigrams(text))
    # A literal, for with a parameter PostgreSQL soon makes one plan for all words, be they frequent or rare.
    return _index.c.bigrams.bool_op("@>")(literal(bigrams(text), _index.c.bigrams.type, literal_execute=True))


def _holds(text: InstrumentedAttribute[str], word: str) -> ColumnElement[bool]:
    """What LIKE would say; but planners think a LIKE so rare that they would rather read every text than the index."""
    position = func.instr if is_sqlite() else func.strpos
    return position(text, word) > 0
