"""The queue, narrowed to anything, holds exactly what a look at every task would leave, in its order, page by page."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import select, update

from participate.kernel.auth import Caller, Grant
from participate.kernel.clock import now
from participate.kernel.db import execute, is_sqlite, rows, table, transaction
from participate.kernel.ids import new_id
from participate.moderation import waiting
from participate.moderation.models import URGENT, ModerationOpinion, ModerationTask, ModerationWaiting
from participate.moderation.queries import queue, walk
from participate.moderation.queries.queue import Wanted
from participate.submissions.models import Submission
from tests.conftest import HeldClock
from tests.moderation.waiting_rows import FLAGS, WORDS, lay, texts
from tests.people import People, Person
from tests.steps import Way, code_of

UNIT = "019aafc3-7c00-7000-8000-00000000000a"
SCOPES = (("",), ("9901",), ("990101001", "990102"), ("990102001001001",), ("99010",))


def caller(person: Person, *areas: str, unit: str | None = None) -> Caller:
    units = (Grant("handler", None, unit),) if unit else ()
    return Caller(person.account_id, None, (*(Grant("moderator", area) for area in areas), *units))


def walked(who: Caller, wanted: Wanted, limit: int) -> list[str]:
    """All that the pages hold, one after the other."""
    found, cursor = list[str](), None
    while True:
        page = queue.listed(who, wanted, lambda row: {"id": row.id}, limit, cursor)
        assert len(page["items"]) == limit or page["next"] is None
        found += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            return found


def looked_through(who: Caller, wanted: Wanted) -> list[str]:
    """The same by a look at every task."""
    task, held = ModerationTask, Submission
    all_of_them = select(*task.__table__.columns, held.title.label("title_of"), held.body).join(
        held, held.id == task.submission_id
    )
    found = rows(all_of_them)
    said = texts(found)
    those = [row for row in found if _is_seen(row, who) and _is_wanted(row, wanted, said[row.id], who)]
    return [row.id for row in sorted(those, key=lambda row: (row.rank, row.due_at, row.id))]


def _is_seen(row: Any, who: Caller) -> bool:
    inside = any(row.area is None or row.area.startswith(area) for area in who.areas("moderator"))
    kept_from = who.account_id in {row.author_id, row.not_by, row.nor_by}
    return row.state == "waiting" and inside and not kept_from and row.about_unit not in (who.units("handler") or ("",))


def _is_wanted(row: Any, wanted: Wanted, text: str, who: Caller) -> bool:
    category = None if wanted.category == "none" else wanted.category
    free = row.claimed_by in {None, who.account_id} or row.lease_until <= now()
    return all(
        (
            wanted.kind in {None, row.kind},
            wanted.category is None or row.category == category,
            wanted.area is None or (row.area or "").startswith(wanted.area),
            wanted.flag is None or wanted.flag in {flag["code"] for flag in row.flags},
            wanted.urgent is None or wanted.urgent == (row.rank == URGENT),
            wanted.q is None or all(word in text for word in queue.search.parsed(wanted.q)[0]),
            wanted.view != "free" or free,
            wanted.view != "overdue" or row.due_at <= now(),
        )
    )


def drawn(chance: Random) -> Wanted:
    """One of the many things that can be asked for, alone or with others."""

    def perhaps(*values: Any) -> Any:
        return chance.choice(values) if chance.random() < 0.35 else None

    return Wanted(
        kind=perhaps("snap_report", "micro_proposal"),
        area=perhaps("9901", "990102", "990101001001001", "99010", "11"),
        category=perhaps("C0101", "none", "X"),
        flag=perhaps(*FLAGS, "never"),
        q=perhaps(*WORDS[:5], "led", "月球", "路灯 井盖", "%_"),
        urgent=perhaps(True, False),
        view=chance.choice(("all", "all", "free", "overdue")),
    )


@pytest.fixture(params=[2, walk.NEAR])
def near(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Few or many are looked through one by one before PostgreSQL asks its index."""
    monkeypatch.setattr(walk, "NEAR", request.param)
    statements = walk.walk, queue._walking
    for made in statements:
        made.cache_clear()
    yield
    for made in statements:
        made.cache_clear()


@pytest.fixture
def many(people: People, clock: Any, near: None) -> Person:
    """The author of three hundred tasks; some are in somebody's hand, kept from somebody, or decided."""
    author, chance = people.resident(), Random(7)
    ids = lay(author.account_id, 300, chance)
    other = people.staff("moderator", "9901")
    held = table(ModerationTask)
    with transaction():
        for n, values in enumerate(
            (
                {"claimed_by": other.account_id, "lease_until": now() + timedelta(minutes=9)},
                {"claimed_by": other.account_id, "lease_until": now() - timedelta(minutes=1)},
                {"about_unit": UNIT},
            )
        ):
            execute(update(held).where(held.c.id.in_(ids[n::9])).values(**values))
    return author


def test_whatever_it_is_narrowed_to(many: Person, people: People) -> None:
    reader, chance = people.staff("moderator", ""), Random(11)
    for _ in range(120):
        who = caller(reader, *chance.choice(SCOPES), unit=chance.choice((None, UNIT, new_id())))
        wanted = drawn(chance)
        assert walked(who, wanted, chance.choice((1, 3, 7))) == looked_through(who, wanted), wanted


def test_each_filter_alone_finds_something(many: Person, people: People) -> None:
    who = caller(people.staff("moderator", ""), "")
    alone = ({"kind": "snap_report"}, {"area": "990101"}, {"category": "none"}, {"flag": "word"}, {"q": "路灯"})
    for filters in (*alone, {"urgent": True}, {"view": "overdue"}, {"view": "free"}, {}):
        wanted = Wanted(**filters)  # type: ignore[arg-type] # each is one of its fields
        found = walked(who, wanted, 2)
        assert found
        assert found == looked_through(who, wanted)


def test_one_s_own_and_what_one_has_decided_are_not_in_it(people: People) -> None:
    author, reader = people.resident(), people.staff("moderator", "")
    mine = lay(reader.account_id, 5, Random(1))
    before = lay(author.account_id, 5, Random(2), not_by=reader.account_id)
    other = lay(author.account_id, 5, Random(3))
    assert sorted(walked(caller(reader, ""), Wanted(), 2)) == sorted(other)
    assert sorted(walked(caller(people.staff("moderator", ""), ""), Wanted(), 2)) == sorted(mine + before + other)


def test_a_place_in_the_queue_is_in_its_order() -> None:
    chance, base = Random(5), now()
    spots = list[tuple[int, datetime, str]]()
    for _ in range(2000):
        due = base + timedelta(microseconds=chance.choice((0, 32, 10**6, 10**9, chance.randrange(10**14))))
        spots.append((chance.choice((0, 1)), due, _id_at(base - timedelta(seconds=chance.randrange(10**6)), chance)))
    standing = [waiting.position(*spot) for spot in sorted(spots)]
    assert standing == sorted(standing)
    assert 0 <= standing[0] <= standing[-1] < 2**63


def test_what_came_in_a_long_holiday_stands_in_as_many_places() -> None:
    due, chance = now(), Random(6)
    came = [due - timedelta(days=12) + timedelta(minutes=minutes) for minutes in range(0, 11 * 24 * 60, 15)]
    standing = [waiting.position(1, due, _id_at(moment, chance)) for moment in came]
    assert standing == sorted(set(standing))
    assert len(standing) == len(came)


def _id_at(moment: datetime, chance: Random) -> str:
    digits = f"{int(moment.timestamp() * 1000):012x}7{chance.getrandbits(12):03x}8{chance.getrandbits(60):015x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def test_what_is_far_in_the_past_or_future_has_a_place(people: People) -> None:
    author, reader = people.resident(), people.staff("moderator", "")
    for year in (1970, 2019, 2500, 9999):
        lay(author.account_id, 2, Random(year), due_at=datetime(year, 6, 1, tzinfo=now().tzinfo), rank=1)
    assert len(walked(caller(reader, ""), Wanted(flag="never"), 2)) == 0
    assert len(walked(caller(reader, ""), Wanted(), 100)) == 8


def ask(who: Person, query: str) -> list[str]:
    answer = who.get(f"/v1/moderation/queue?limit=100&{query}")
    assert answer.status_code == 200, answer.get_json()
    return [task["submission_id"] for task in answer.get_json()["items"]]


def test_over_http(clock: HeldClock, way: Way) -> None:
    first = way.hand_in("micro_suggestion", body="小区的路灯不亮了", category=None)
    clock.forward(minutes=1)
    second = way.hand_in("micro_supervision", body="井盖缺失", title="ＬＥＤ灯")
    cell = way.cell
    for query, found in (
        ("q=路灯", [first]),
        ("q=led", [second]),
        ("q=灯不", [first]),
        ("category=none", [first, second]),
        (f"area={cell}", [first, second]),
        (f"area={cell[:6]}", [first, second]),
        ("area=11", []),
        ("urgent=false", [first, second]),
        ("urgent=true", []),
        ("view=free", [first, second]),
        ("view=overdue", []),
        ("view=mine", []),
        ("kind=micro_supervision&q=井盖&view=free", [second]),
    ):
        assert ask(way.moderator, query) == found, query


def test_the_views_of_one_s_own(clock: HeldClock, way: Way) -> None:
    other = way.people.staff("moderator")
    first = way.hand_in("micro_suggestion")
    clock.forward(minutes=1)  # At night both would be due at once, and the id of the second tells its day alone.
    second = way.hand_in("micro_supervision")
    task, watched = way.task(first)["id"], way.task(second)["id"]
    assert way.moderator.post(f"/v1/moderation/claims/{task}").status_code == 200
    assert (ask(way.moderator, "view=mine"), ask(other, "view=mine")) == ([first], [])
    assert ask(way.moderator, "view=mine&kind=micro_supervision") == []
    assert ask(way.moderator, "view=mine&q=deep%20hole") == [first]
    assert (ask(way.moderator, "view=free"), ask(other, "view=free")) == ([first, second], [second])
    rejected = {"decision": "reject", "reason": "unclear", "note": "Where is it?"}
    assert way.moderator.post(f"/v1/moderation/tasks/{watched}/decision", rejected).status_code == 200
    assert (ask(way.moderator, "view=proposed"), ask(other, "view=proposed")) == ([], [second])
    question = {"question": "Is it?", "of": other.account_id}
    assert way.moderator.post(f"/v1/moderation/tasks/{task}/opinions", question).status_code == 201
    assert (ask(way.moderator, "view=asked"), ask(other, "view=asked")) == ([], [first])
    assert ask(other, "view=asked&flag=no_area") == []
    assert rows(select(ModerationOpinion.id))


@pytest.mark.parametrize(
    "query", ["view=none", "area=x", "area=1", "category=%25", "q=a", "q=", "urgent=1", "urgent=True", "cursor=AAAA"]
)
def test_what_cannot_be_asked_is_refused(way: Way, query: str) -> None:
    assert code_of(way.moderator.get(f"/v1/moderation/queue?{query}")) == (422, "invalid")


def test_words_that_were_taken_out_are_no_longer_found(way: Way) -> None:
    submission = way.hand_in("micro_suggestion", body="张三住在解放路")
    task = way.task(submission)["id"]
    assert ask(way.moderator, "q=张三") == [submission]
    answer = way.moderator.patch(f"/v1/moderation/tasks/{task}", {"redact": ["张三"], "note": "姓名不公开。"})
    assert answer.status_code == 200, answer.get_json()
    assert ask(way.moderator, "q=张三") == []
    assert ask(way.moderator, "q=解放路") == [submission]


def test_what_no_longer_waits_is_not_kept_in_its_index(way: Way) -> None:
    if is_sqlite():
        pytest.skip("SQLite has no such index")
    accepted, withdrawn, left = (way.hand_in("micro_suggestion") for _ in range(3))
    way.decide(accepted, "accept")
    way.move(way.author, withdrawn, "withdraw")
    assert [row.task_id for row in rows(select(ModerationWaiting.task_id))] == [way.task(left)["id"]]
