"""However many join and leave at once, each counts once, and the count is that of the joins."""

from collections.abc import Callable
from functools import partial

from sqlalchemy import func, select
from werkzeug.test import TestResponse

from participate.kernel.db import one
from participate.submissions.models import SubmissionJoin
from tests.people import Person
from tests.steps import Way, at_once


def joins(submission: str) -> int:
    held = SubmissionJoin
    found = one(select(func.count().label("n")).select_from(held).where(held.submission_id == submission))
    assert found is not None
    return int(found.n)


def insisting(call: Callable[[], TestResponse]) -> TestResponse:
    """Who finds no place in the queue of writers comes again, as they are told to."""
    while (answer := call()).status_code == 503:
        pass
    return answer


def joining(who: Person, submission: str) -> Callable[[], TestResponse]:
    return partial(insisting, partial(who.post, f"/v1/submissions/{submission}/join"))


def leaving(who: Person, submission: str) -> Callable[[], TestResponse]:
    return partial(insisting, partial(who.delete, f"/v1/submissions/{submission}/join"))


def affected(way: Way, submission: str) -> int:
    return int(way.author.get(f"/v1/submissions/{submission}").get_json()["affected"])


def test_each_counts_once(way: Way) -> None:
    submission, residents = way.accepted("micro_suggestion"), [way.people.resident() for _ in range(50)]
    answers = at_once(*(joining(who, submission) for who in residents * 2))
    assert {answer.status_code for answer in answers} == {200}
    assert affected(way, submission) == 51 == 1 + joins(submission)


def test_one_person_s_many_calls_count_once(way: Way) -> None:
    submission, who = way.accepted("micro_suggestion"), way.people.resident()
    assert {answer.status_code for answer in at_once(*[joining(who, submission)] * 20)} == {200}
    assert affected(way, submission) == 2
    assert {answer.status_code for answer in at_once(*[leaving(who, submission)] * 20)} == {204}
    assert affected(way, submission) == 1


def test_joining_and_leaving_at_once_leaves_the_count_right(way: Way) -> None:
    submission, residents = way.accepted("micro_suggestion"), [way.people.resident() for _ in range(10)]
    calls = [make(who, submission) for who in residents for make in (joining, leaving, joining, leaving)]
    assert {answer.status_code for answer in at_once(*calls)} == {200, 204}
    assert affected(way, submission) == 1 + joins(submission)


def test_who_joins_while_it_is_withdrawn_does_or_does_not(way: Way) -> None:
    for _ in range(5):
        submission, who = way.accepted("micro_suggestion"), way.people.resident()
        withdraw = partial(way.author.post, f"/v1/submissions/{submission}/moves", {"move": "withdraw"})
        withdrawn, joined = at_once(partial(insisting, withdraw), joining(who, submission))
        assert withdrawn.status_code == 200
        assert joined.status_code in {200, 404, 409}
        assert affected(way, submission) == 1 + joins(submission) == (2 if joined.status_code == 200 else 1)
