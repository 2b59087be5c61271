"""Search finds exactly what a look at every title and body would find, and goes through its index to do so."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, text

from participate.cli.migrations import downgrade, upgrade
from participate.kernel.db import db, is_sqlite, release_reader, rows, transaction
from participate.kernel.errors import Invalid
from participate.kernel.ids import new_id, new_receipt, new_reference
from participate.submissions import queries, search
from participate.submissions.models import Submission, SubmissionText
from tests.people import People
from tests.steps import Way

NAUGHTY = Path(os.environ.get("PARTICIPATE_CORPORA", "/nowhere")) / "blns" / "blns.json"
AT = datetime(2026, 11, 23, 2, tzinfo=UTC)

# Few enough to meet often; normalisation, tokenizers, LIKE and query languages have their own ways with them.
FEW = st.text("路灯不亮小区AaＡﬁİıßſé\u0301ｶﾞ㌕①🚲𠮷👩\u200d，。!-%_/\\'\"*:&|<>() \t\n\u3000", max_size=12)
TWO = st.text("路灯", max_size=12)  # All the right bigrams, in the wrong order.
ANY = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
LONG = st.builds(str.__mul__, st.text("灯亮 ", min_size=1, max_size=2), st.integers(100, 400))
WRITING = st.one_of(FEW, TWO, ANY, st.builds(str.__add__, LONG, FEW))
OF_FTS5 = ('"ab cd"', '"ab', "ab*", "^ab", "bigrams:ab", "NEAR(ab cd, 2)", "{bigrams}: ab", "ab + cd", "ab AND cd")
OF_TSQUERY = ("ab & cd", "ab | cd", "ab || cd", "!ab", "!!ab", "ab <-> cd", "ab <2> cd", "ab:*", "ab:A", "'ab'", "''")
OF_LIKE_AND_OTHERS = ("%%", "__", "a%b", "_b", r"\\", r"\%", "/%", "//", "{}", "{1}", "::", "%s", "%(q)s", ":q", "??")
OPERATORS = ("ab OR cd", "NOT ab", "-ab", "(ab | cd)", "ab'; --", *OF_FTS5, *OF_TSQUERY, *OF_LIKE_AND_OTHERS)


def written(author: str, number: int = 0, **fields: Any) -> dict[str, Any]:
    """The columns of a submission that everyone may see; the next `number` is a minute younger."""
    at = AT + timedelta(minutes=number)
    names = {"id": new_id(), "reference": new_reference(), "receipt": new_receipt(), "author_id": author}
    plain = {"kind": "micro_suggestion", "state": "accepted", "version": 3, "anonymous": False, "details": {}}
    times = {"created_at": at, "updated_at": at, "handled_at": at}
    return names | plain | times | {"place_source": "none", "public": True, "body": "—"} | fields


def keep(author: str, *texts: dict[str, Any]) -> list[str]:
    """Submissions with these fields, kept and indexed, the youngest last; returns their ids."""
    held = [Submission(**written(author, number, **fields)) for number, fields in enumerate(texts)]
    with transaction() as session:
        session.add_all(held)
        session.flush()
        for row in held:
            search.keep(row)
    return [row.id for row in held]


def found(q: str, **filters: Any) -> list[str]:
    """The ids that a search gives, the youngest first."""
    statement, (key,) = queries.public_list({"q": q} | filters)
    return [row.id for row in rows(statement.order_by(key.desc()))]


def indexed(word: str) -> Any:
    """What the index itself holds of `word`, whether or not there is a text to it."""
    return select(search.NUMBER).where(search._candidate(word))


def looked_up(q: str, texts: dict[str, str]) -> list[str]:
    """The same without an index: every word of `q` in the normalised text."""
    wanted = search.normal(q).split()
    return [name for name, said in texts.items() if all(word in search.normal(said) for word in wanted)]


@pytest.fixture
def author(people: People) -> str:
    return people.resident().account_id


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.tuples(WRITING, WRITING), min_size=1, max_size=4), data=st.data())
def test_it_finds_what_a_look_at_every_text_finds(author: str, texts: list[tuple[str, str]], data: Any) -> None:
    with transaction() as session:
        for kept in session.scalars(select(SubmissionText.submission_id)).all():
            search.forget(kept)
    ids = keep(author, *({"title": title[:120], "body": body} for title, body in texts))
    said = {name: f"{title[:120]}\n{body}" for name, (title, body) in zip(ids, texts, strict=True)}
    whole = data.draw(st.sampled_from(list(said.values())))
    start = data.draw(st.integers(0, len(whole)))
    q = data.draw(st.one_of(st.just(whole[start : start + data.draw(st.integers(2, 9))]), FEW, TWO, ANY))
    wanted = search.normal(q)
    if len(wanted) > search.MAX_QUERY or all(len(word) < 2 for word in wanted.split()):
        with pytest.raises(Invalid):
            found(q)
    else:
        assert sorted(found(q)) == sorted(looked_up(q, said))


def test_a_text_may_say_one_thing_a_thousand_times(author: str) -> None:
    """PostgreSQL's own text search forgets where a word stands after its 256th place, or the text's 16,383rd."""
    kept, _ = keep(author, {"body": "啊" * 9_000 + "路灯不亮" + "😀" * 900}, {"body": "路灯" * 300 + "不亮"})
    assert found("啊路灯不亮😀") == [kept]


@pytest.mark.parametrize("q", OPERATORS)
def test_operators_are_characters_like_any_other(author: str, q: str) -> None:
    same, _ = keep(author, {"title": f"x{q}y"}, {"title": "ab cd bigrams near and or not"})
    assert same in found(q)
    for half in q.split():
        assert (same in found(f"{q} {half}")) and found(f"{q} {half}零") == []


@pytest.mark.skipif(not NAUGHTY.is_file(), reason="PARTICIPATE_CORPORA does not hold the big list of naughty strings")
def test_naughty_strings_are_found_as_they_are(author: str, people: People) -> None:
    strings = [each for each in json.loads(NAUGHTY.read_text()) if "\0" not in each]
    said = dict(zip(keep(author, *({"body": each} for each in strings)), strings, strict=True))
    anyone, searched = people.nobody(), 0
    for each in strings:
        answer = anyone.get("/v1/submissions", query_string={"q": each[:100], "limit": 100})
        assert answer.status_code in (200, 422), each
        if answer.status_code == 200:
            searched += 1
            assert [item["id"] for item in answer.get_json()["items"]] == looked_up(each[:100], said)[:-101:-1], each
    assert searched > 400


@pytest.mark.parametrize(
    ("q", "code"),
    [
        *((q, "q_too_short") for q in ("", "路", " 路 灯\u3000a ", "𠮷")),
        *((q, "length") for q in ("灯" * 101, "㌕" * 21)),
    ],
)
def test_what_cannot_be_searched_is_refused(app: Flask, people: People, q: str, code: str) -> None:
    answer = people.nobody().get("/v1/submissions", query_string={"q": q})
    assert answer.status_code == 422
    assert [(fault["field"], fault["code"]) for fault in answer.get_json()["errors"]] == [("q", code)]


def test_case_and_width_do_not_matter_but_every_word_does(author: str) -> None:
    kept, _ = keep(author, {"title": "ＷｉＦｉ", "body": "5 栋电梯 坏了"}, {"title": "wifi", "body": "6 栋电梯坏了"})
    for q in ("wifi 5", "电梯 5 WIFI", "梯 坏了", "5 ＩＦ", "５ 栋电"):
        assert kept in found(q)
    assert found("5 wifi 电梯") == [kept]
    assert found("电梯wifi") == found("栋坏") == []


def test_filters_and_pages_narrow_what_is_found(author: str, people: People) -> None:
    kinds, areas = ("micro_suggestion", "micro_proposal"), ("990101001", "990102001")
    texts = [
        {"kind": kind, "area": area, "body": f"路灯{said}", "public": public, "lat": 28.2, "lon": 112.9}
        for public, kind, area, said in product((True, True, False), kinds, areas, ("不亮", "太亮", "不亮"))
    ]
    ids = keep(author, *texts)
    wanted = [
        name
        for name, each in zip(ids, texts, strict=True)
        if each["public"] and "不亮" in each["body"] and (each["kind"], each["area"]) == (kinds[1], areas[0])
    ][::-1]
    query: dict[str, Any] = {"q": "灯不", "kind": kinds[1], "area": "990101", "bbox": "112,28,113,29", "limit": 3}
    pages: list[list[str]] = []
    while len(pages) < 9:
        answer = people.nobody().get("/v1/submissions", query_string=query).get_json()
        pages.append([item["id"] for item in answer["items"]])
        if answer["next"] is None:
            break
        query["cursor"] = answer["next"]
    assert pages == [wanted[:3], wanted[3:]]


CELL, STREET = "990101001001001", "990101002"


def test_areas_narrow_what_is_found_page_by_page(author: str, people: People) -> None:
    """Through more than one window of texts, so that pages end within one and go on in another."""
    places = [(CELL, STREET, "990102001", None)[number % 4] for number in range(700)]
    said = ["路灯不亮" if number % 5 else "井盖松动" for number in range(700)]
    ids = keep(author, *({"area": place, "body": body} for place, body in zip(places, said, strict=True)))
    for area in ("99", "9901", "990101", CELL[:9], CELL[:12], CELL, "99010", "990102002", "98"):
        wanted = [
            name
            for name, place, body in zip(ids, places, said, strict=True)
            if body == "路灯不亮" and (place or "").startswith(area)
        ]
        assert paged(people, area=area, limit=100) == wanted[::-1], area


def paged(people: People, **query: Any) -> list[str]:
    """The ids of all pages of a search for 灯不."""
    ids, cursor = list[str](), None
    while True:
        asked = {"q": "灯不", **query} | ({"cursor": cursor} if cursor else {})
        answer = people.nobody().get("/v1/submissions", query_string=asked).get_json()
        ids += [item["id"] for item in answer["items"]]
        cursor = answer["next"]
        if cursor is None:
            return ids


def test_what_moves_is_found_where_it_lies_now(author: str) -> None:
    (moved,) = keep(author, {"area": STREET, "body": "路灯"})
    with transaction() as session:
        row = session.get_one(Submission, moved)
        row.area = CELL
        search.place(row)
    assert (found("路灯", area=STREET), found("路灯", area=CELL[:9])) == ([], [moved])


def test_what_the_release_before_keeps_is_found_in_its_area_too(author: str) -> None:
    if is_sqlite():
        pytest.skip("SQLite's index knows no areas")
    ids = keep(author, {"area": CELL, "body": "路灯"}, {"area": STREET, "body": "路灯"})
    with transaction() as session:
        session.execute(text("UPDATE submission_search SET area = NULL"))
    assert found("路灯", area=STREET) == ids[1:]


def test_what_is_mended_is_found_by_its_new_words_alone(way: Way) -> None:
    older = way.hand_in(title="水管漏水", body="水管爆裂")
    younger = way.hand_in(body="水管爆裂")
    way.decide(older, "return", reason="unclear", note="Which one?")
    assert way.move(way.author, older, "resubmit", changes={"body": "井盖松动"}).status_code == 200
    for name in (older, younger):
        way.decide(name, "accept")
    assert (found("水管"), found("井盖"), found("爆裂")) == ([younger, older], [older], [younger])
    assert len(rows(indexed("爆裂"))) == 1


def test_what_is_forgotten_leaves_no_words(author: str) -> None:
    gone, stays = keep(author, {"body": "隐私内容"}, {"body": "隐私设置"})
    with transaction():
        search.forget(gone)
        search.forget(gone)
    assert found("隐私") == [stays]
    assert [len(rows(indexed(word))) for word in ("隐私", "内容", "设置")] == [1, 0, 1]
    assert [row.submission_id for row in rows(select(SubmissionText.submission_id))] == [stays]


def test_a_submission_that_fails_is_not_found(author: str) -> None:
    with pytest.raises(RuntimeError), transaction():
        keep(author, {"body": "半途而废"})
        assert len(found("半途而废")) == 1
        raise RuntimeError
    assert found("半途而废") == rows(indexed("半途而废")) == []


def test_the_migration_fills_the_index(author: str) -> None:
    with transaction() as session:
        session.execute(insert(Submission), [written(author, n, body=f"路灯{n:04}") for n in range(1_002)])
    assert found("路灯") == []
    release_reader()
    try:
        downgrade(revision="0001")
    finally:
        upgrade()
    assert len(found("路灯")) == 1_002
    assert [len(found(f"灯{n:04}")) for n in (0, 499, 500, 1_001)] == [1, 1, 1, 1]
    (younger,) = keep(author, {"body": "路灯"})
    assert found("路灯")[0] == younger


def test_the_migration_to_windows_says_where_texts_lie(author: str) -> None:
    places = [CELL, STREET, None] * 401  # More than fit into one batch.
    ids = keep(author, *({"area": place, "body": "路灯"} for place in places))
    release_reader()
    try:
        downgrade(revision="0009")
    finally:
        upgrade()
    assert found("路灯") == ids[::-1]
    assert found("路灯", area=STREET) == ids[1::3][::-1]
    if not is_sqlite():
        kept = rows(text("SELECT area FROM submission_search ORDER BY rowid"))
        assert [row.area for row in kept] == places


@pytest.fixture
def plan(author: str) -> Callable[..., str]:
    """How the database goes about a search among a thousand submissions of some length, ten with the word 路灯."""
    chance, signs = Random(7), [chr(0x4E00 + number) for number in range(1_000)]
    texts = ["".join(chance.choices(signs, k=200)) + ("路灯" if number % 100 == 0 else "") for number in range(1_000)]
    keep(author, *({"body": body, "area": "990101001", "lat": 28.2, "lon": 112.9} for body in texts))
    if not is_sqlite():
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE submissions, submission_texts, submission_search"))

    def explain(**query: Any) -> str:
        statement, (key,) = queries.public_list(query)
        ordered = statement.where(key < 2**31 - 1).order_by(key.desc()).limit(21)
        compiled = ordered.compile(db.engine, compile_kwargs={"literal_binds": True})
        asked = f"EXPLAIN {'QUERY PLAN ' if is_sqlite() else ''}{compiled}"
        return "\n".join(str(row[-1]) for row in rows(text(asked.replace(":", "\\:"))))

    return explain


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"area": "990101"},
        {"area": "990101", "kind": "micro_suggestion"},
        {"updated_after": AT, "bbox": [112, 28, 113, 29]},
    ],
)
def test_every_search_goes_through_the_index(plan: Callable[..., str], filters: dict[str, Any]) -> None:
    found = plan(q="路灯", **filters)
    if is_sqlite():
        assert "VIRTUAL TABLE INDEX 192:M1<" in found.splitlines()[0], "the matches come in the order of the page"
        assert "TEMP B-TREE" not in found and "SCAN submissions" not in found
    else:
        assert "Bitmap Index Scan on ix_submission_search_windows" in found
    assert "SCAN submission_texts" not in found and "Seq Scan" not in found
