"""Whoever has heard nothing for five work days is told who has it and until when; dispatchers have it on a list."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

from flask import Flask
from sqlalchemy import bindparam, func, insert, select, update

from participate.accounts.models import Account
from participate.catalogue.calendar import duration
from participate.catalogue.service import calendar
from participate.kernel import deadlines
from participate.kernel.clock import now
from participate.kernel.db import db, execute, one, rows, table, transaction
from participate.kernel.ids import new_id, new_receipt, new_reference
from participate.submissions import silence as rule
from participate.submissions.models import NewSubmission, Submission
from participate.submissions.silence import OURS
from participate.updates import silence
from participate.updates.models import FeedEntry
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import Way, at_once, noise, upload

WEEK = {"days": 7, "minutes": 1}  # With its five work days over.
DAY = timedelta(days=1)


def swept(way: Way) -> int:
    done = silence.sweep()
    way.work()
    return done


def updates(who: Person) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = who.get("/v1/me/updates?limit=100").get_json()["items"]
    return found


def notes(who: Person) -> list[dict[str, Any]]:
    return [item for item in updates(who) if item["fact"] == "inform"]


def listed(who: Person) -> list[str]:
    answer = who.get("/v1/cases?view=silent&limit=50")
    assert answer.status_code == 200, answer.get_json()
    return [item["submission_id"] for item in answer.get_json()["items"]]


def test_a_week_without_a_word_is_told_and_listed(way: Way, clock: HeldClock) -> None:
    submission = way.started()
    assert (listed(way.dispatcher), swept(way)) == ([], 0)
    clock.forward(**WEEK)
    assert listed(way.dispatcher) == [submission]
    assert (swept(way), swept(way)) == (1, 0)
    (told,) = notes(way.author)
    assert told["submission_id"] == submission
    assert told["who"]
    assert told["who"] in told["text"]
    day = rule.following().astimezone().date()
    assert str(day) in told["text"], "its deadline is over: until when they hear more"
    assert listed(way.dispatcher) == [submission], "what the service says takes nothing off the list"
    assert way.act(way.officer, submission, "interim_reply", note="The part is ordered.").status_code == 200
    assert listed(way.dispatcher) == []
    assert swept(way) == 0


def test_it_is_told_again_as_long_as_nobody_speaks(way: Way, clock: HeldClock) -> None:
    way.started()
    for number in range(1, 4):
        clock.forward(**WEEK)
        assert swept(way) == 1
        assert len(notes(way.author)) == number


def test_a_deadline_that_is_to_come_is_named(way: Way, clock: HeldClock) -> None:
    submission = way.started()
    assert way.pause(submission, timedelta(days=9)).status_code == 200
    clock.forward(**WEEK)
    assert swept(way) == 1, "that it is paused was the last word"
    (told,) = notes(way.author)
    assert "2026-12-02" in told["text"]


def test_what_waits_for_moderation_is_told_and_on_the_list_of_their_head(way: Way, clock: HeldClock) -> None:
    submission, head = way.hand_in(), way.people.staff("desk_head")
    clock.forward(**WEEK)
    while way.work() or deadlines.sweep():
        pass
    assert swept(way) == 1
    (told,) = notes(way.author)
    assert told["submission_id"] == submission
    items = head.get("/v1/moderation/overdue").get_json()["items"]
    assert [item["submission_id"] for item in items] == [submission]


PARTS = {"situation": "No stands.", "analysis": "More bicycles.", "ask": "Sixty stands."}
QUESTION = {"question": "社区广场几点熄灯合适？"}
OPINION = {"title": "The fence", "note": "The fence has stood in the way for two months; say when it goes."}
WATCHED = {"target": "project", "watched_unit": "019a0000-9901-7000-8000-000000000002", "watched": "The new road"}


def at_the_desk(who: Person) -> list[str]:
    answer = who.get("/v1/moderation/silent?limit=50")
    assert answer.status_code == 200, answer.get_json()
    return [item["id"] for item in answer.get_json()["items"]]


def test_a_proposal_without_a_number_is_told_and_on_the_list_of_the_staff(way: Way, clock: HeldClock) -> None:
    proposal = way.accepted("micro_proposal", details=PARTS)
    assert at_the_desk(way.moderator) == []
    clock.forward(**WEEK)
    assert swept(way) == 1
    (told,) = notes(way.author)
    assert (told["submission_id"], told["who"]) == (proposal, "CPPCC staff")
    assert at_the_desk(way.moderator) == at_the_desk(way.people.staff("desk_head")) == [proposal]
    assert counted() == {"cases": 0, "desk": 1, "untold": 0}, "what the service says takes nothing off the list"
    assert way.move(way.moderator, proposal, "file").status_code == 200
    assert at_the_desk(way.moderator) == [], "from now on it has a case"
    clock.forward(**WEEK)
    assert swept(way) == 1
    assert (at_the_desk(way.moderator), listed(way.dispatcher)) == ([], [proposal])


def test_a_consultation_is_told_while_it_is_open_and_until_its_outcome_is_known(way: Way, clock: HeldClock) -> None:
    topic = way.accepted("micro_consultation", details=QUESTION)
    clock.forward(**WEEK)
    assert swept(way) == 1
    assert at_the_desk(way.moderator) == [topic]
    assert way.move(way.moderator, topic, "conclude", note="Half past nine.").status_code == 200
    assert at_the_desk(way.moderator) == []
    clock.forward(**WEEK)
    assert swept(way) == 1, "what comes of it is still to be said"
    assert [(each["who"], each["next"]) for each in notes(way.author)][1:] == [
        ("CPPCC staff", "Next, the outcome is published.")
    ]
    assert at_the_desk(way.moderator) == [topic]
    assert way.move(way.moderator, topic, "close", note="It is done.").status_code == 200
    clock.forward(**WEEK)
    assert (swept(way), at_the_desk(way.moderator)) == (0, [])


def test_a_round_is_a_word(way: Way, clock: HeldClock) -> None:
    topic = way.accepted("micro_consultation", details=QUESTION)
    clock.forward(days=4)
    times = {name: (now() + timedelta(days=days)).isoformat() for name, days in (("opens_at", 5), ("closes_at", 8))}
    assert way.moderator.post(f"/v1/consultations/{topic}/rounds", {"title": "第一轮"} | times).status_code == 201
    way.work()
    clock.forward(days=3, minutes=1)
    assert (swept(way), at_the_desk(way.moderator)) == (0, []), "its author heard of the round three days ago"
    clock.forward(days=4)
    assert (swept(way), at_the_desk(way.moderator)) == (1, [topic])


def test_a_supervision_is_told_and_on_the_list_of_who_watches(way: Way, clock: HeldClock) -> None:
    submission = way.accepted("micro_supervision", details=WATCHED)
    clock.forward(**WEEK)
    assert swept(way) == 1
    (told,) = notes(way.author)
    assert told["who"] == "the supervising desk"
    assert (listed(way.supervisor), listed(way.dispatcher)) == ([submission], [])
    for name in ("accept", "start"):
        assert way.act(way.supervisor, submission, name).status_code == 200
    made = way.supervisor.post(f"/v1/cases/{way.case(submission)}/rectifications", OPINION)
    unit, path = way.people.staff("handler", unit=WATCHED["watched_unit"]), f"/v1/rectifications/{made.json['id']}"
    clock.forward(days=4)
    plan = {"move": "plan", "note": "We take it down.", "due_at": (now() + timedelta(days=20)).isoformat()}
    assert unit.post(f"{path}/moves", plan).status_code == 200
    way.work()
    clock.forward(days=3, minutes=1)
    assert swept(way) == 0, "the unit's plan was a word"


def test_that_an_officer_s_photo_is_refused_is_no_word_to_the_author(way: Way, clock: HeldClock) -> None:
    submission = way.started()
    photos = [upload(way.officer, data).get_json()["id"] for data in (noise(), b"no photo")]
    reply = {"move": "resolve", "note": "The hole is filled and rolled flat.", "photo_ids": photos}
    assert way.officer.post(f"/v1/cases/{way.case(submission)}/moves", reply).status_code == 200
    clock.forward(days=3)
    way.work()
    assert [update["fact"] for update in updates(way.officer)] == ["photo_refused"]
    assert [update["fact"] for update in updates(way.author)][-1] == "resolve"
    heard = one(select(Submission.heard_at).where(Submission.id == submission))
    assert heard is not None
    assert heard.heard_at == now() - timedelta(days=3), "that it is done was their last word"


def test_only_the_staff_of_the_place_see_what_lies_there(way: Way, clock: HeldClock) -> None:
    way.accepted("micro_proposal", details=PARTS)
    clock.forward(**WEEK)
    elsewhere = way.people.staff("moderator", "990102")
    assert at_the_desk(elsewhere) == []
    for who in (way.author, way.officer, way.dispatcher, way.supervisor, way.people.staff("auditor")):
        assert who.get("/v1/moderation/silent").status_code == 403
    assert way.people.nobody().get("/v1/moderation/silent").status_code == 401


def test_nobody_owes_a_word_while_the_author_is_waited_for(way: Way, clock: HeldClock) -> None:
    way.rejected()
    returned, withdrawn = way.hand_in(), way.accepted()
    assert way.decide(returned, "return", note="Where?").status_code == 200
    assert way.move(way.author, withdrawn, "withdraw").status_code == 200
    way.answered()
    way.mended(way.officer)
    clock.forward(**WEEK)
    assert (swept(way), listed(way.dispatcher)) == (0, [])


def test_a_reopened_one_counts_again(way: Way, clock: HeldClock) -> None:
    submission = way.answered()
    clock.forward(**WEEK)
    assert way.move(way.author, submission, "reopen", note="Still there.").status_code == 200
    assert swept(way) == 0
    clock.forward(**WEEK)
    assert (swept(way), listed(way.dispatcher)) == (1, [submission])


def test_three_sweepers_at_once_tell_each_once(way: Way, clock: HeldClock) -> None:
    expected = {way.hand_in() for _ in range(3)}
    clock.forward(**WEEK)

    def sweep() -> int:
        with way.app.app_context():
            done = silence.sweep()
            db.session.remove()
            return done

    assert sum(at_once(sweep, sweep, sweep)) == len(expected)
    way.work()
    told = [item["submission_id"] for item in notes(way.author)]
    assert len(told) == len(expected)
    assert set(told) == expected


def test_who_does_not_dispatch_there_sees_none_of_it(way: Way, clock: HeldClock) -> None:
    submission = way.accepted()
    clock.forward(**WEEK)
    assert listed(way.dispatcher) == [submission]
    assert listed(way.people.staff("dispatcher", "990102")) == []
    assert way.author.get("/v1/cases?view=silent").status_code == 403


def test_pages_of_the_list_leave_nothing_out(way: Way, clock: HeldClock) -> None:
    expected = []
    for _ in range(3):
        expected.append(way.accepted())
        clock.forward(minutes=5)
    clock.forward(**WEEK)
    seen, path = [], "/v1/cases?view=silent&limit=1"
    cursor = None
    while True:
        page = way.dispatcher.get(path + (f"&cursor={cursor}" if cursor else "")).get_json()
        seen += [item["submission_id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == expected, "who has waited longest comes first"


def test_how_many_are_silent_is_told(way: Way, clock: HeldClock) -> None:
    way.accepted()
    clock.forward(**WEEK)
    assert counted() == {"cases": 1, "desk": 0, "untold": 1}
    assert swept(way) == 1
    assert counted() == {"cases": 1, "desk": 0, "untold": 0}


def counted() -> dict[str, int]:
    with db.engine.connect() as connection:
        return silence.silent(connection)


# SQLite writes each day to the disk: there a smaller city shows the same.
SIZE = 2000 if os.environ.get("TEST_STORES") == "servers" else 500
AUTHORS, YEAR, LIFE, IGNORED = 50, 365, 40, 0.2
_HEARD = update(table(Submission)).where(Submission.id.in_(bindparam("ids", expanding=True)))
_FOR = sorted(OURS - {"received", "open"})


def test_a_year_in_which_a_fifth_is_ignored_leaves_nobody_in_silence(
    town: Flask, clock: HeldClock, work: Callable[[], int]
) -> None:
    """Of four fifths somebody says something every one to nine days, of one fifth nobody ever does.

    The sweep comes by once a day here, so nobody may wait longer than five work days and that one.
    """
    chance, authors = Random(7), _authors()
    clock.moment = datetime(2025, 11, 24, 1, 0, tzinfo=UTC)
    born, ends = Counter(chance.randrange(YEAR) for _ in range(SIZE)), dict[int, list[str]]()
    words, speaks = dict[str, list[datetime]](), dict[str, int]()
    for day in range(YEAR + LIFE + 1):
        clock.moment = clock.moment.replace(hour=chance.randint(1, 8))
        ends[day + LIFE] = _hand_in(born[day], authors, chance)
        said, over = [each for each, due in speaks.items() if due == day], ends.get(day, [])
        words |= {each: [] for each in ends[day + LIFE]}
        for each in (*ends[day + LIFE], *said):
            words[each].append(now())
        heard = {each for each in ends[day + LIFE] if chance.random() >= IGNORED} | {*said}
        speaks |= {each: day + chance.randint(1, 9) for each in sorted(heard)}
        speaks = {each: due for each, due in speaks.items() if each not in over}
        _pass(said, over)
        clock.moment = clock.moment.replace(hour=9)
        silence.sweep()
        clock.moment += DAY
    work()
    told = rows(select(FeedEntry.submission_id, FeedEntry.at).where(FeedEntry.move == "inform"))
    for row in told:
        words[row.submission_id].append(row.at)
    assert len(words) == SIZE
    assert len(told) > SIZE * IGNORED * 4
    known = calendar()
    assert max(_silences(words)) <= duration(6, "work_day")
    for row in told:  # Nor is anybody told before it is time.
        before = max(moment for moment in words[row.submission_id] if moment < row.at)
        assert known.elapsed(before, row.at, "work_day") >= duration(5, "work_day")


def _silences(words: dict[str, list[datetime]]) -> Iterator[timedelta]:
    """The working time between one word and the next, and between the last and the end."""
    known = calendar()
    for moments in words.values():
        ordered = [*sorted(moments), max(*moments, min(moments) + (LIFE - 1) * DAY)]
        yield from (known.elapsed(one_, next_, "work_day") for one_, next_ in pairwise(ordered))


def _authors() -> list[str]:
    ids = [new_id() for _ in range(AUTHORS)]
    common = {"version": 1, "language": "en", "display_name": "Crowd", "created_at": now()}
    people = [common | {"id": one_, "phone": f"+86170{number:08}"} for number, one_ in enumerate(ids)]
    with transaction():
        execute(insert(Account), people)
    return ids


def _hand_in(number: int, authors: list[str], chance: Random) -> list[str]:
    made = [
        vars(
            NewSubmission(
                id=new_id(),
                reference=new_reference(),
                receipt=new_receipt(),
                kind="snap_report",
                state=chance.choice(_FOR),
                version=1,
                author_id=chance.choice(authors),
                anonymous=False,
                body="A hole.",
                details={},
                place_source="none",
                created_at=now(),
                updated_at=now(),
                heard_at=now(),
            )
        )
        for _ in range(number)
    ]
    if made:
        with transaction():
            execute(insert(table(Submission)), made)
    return [row["id"] for row in made]


def _pass(said: list[str], over: list[str]) -> None:
    """Somebody says a word of these, and those are over."""
    with transaction():
        execute(_HEARD.values(heard_at=now()), {"ids": said})
        execute(_HEARD.values(heard_at=None, state="closed"), {"ids": over})


def test_a_sweep_finds_them_by_the_index(way: Way, clock: HeldClock) -> None:
    """What is closed is not in it, so that its size is that of what is open."""
    way.answered()
    way.accepted()
    found = one(select(func.count()).where(Submission.heard_at.is_not(None)))
    assert found is not None
    assert found[0] == 1
