"""Auditors' lists: by subject and by time, newest first, page by page, nothing left out."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from participate.audit.queries import by_subject, by_time
from participate.audit.service import record, seal
from participate.kernel import clock

pytestmark = pytest.mark.usefixtures("app")
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
# Three entries in one microsecond, others within one millisecond: neighbours that a coarse cursor would lose.
OFFSETS = [timedelta(microseconds=n) for n in (0, 0, 0, 1, 2, 500)] + [timedelta(hours=n) for n in (1, 2, 3)]


@pytest.fixture(autouse=True)
def written(app: Flask) -> Iterator[list[str]]:
    ids, before = list[str](), clock.now
    for offset in OFFSETS:
        before = clock.use(lambda offset=offset: NOON + offset)  # type: ignore[misc]
        ids.append(record("submission.unmasked", "submission", "s1", None, photo_ids=["p1"]))
        record("case.read", "case", "c1", None)
        clock.use(before)
    yield ids
    clock.use(before)


def everything(listed: Callable[[str | None], dict[str, Any]]) -> list[dict[str, Any]]:
    page = listed(None)
    found: list[dict[str, Any]] = page["items"]
    while page["next"]:
        page = listed(page["next"])
        found = found + page["items"]
    return found


def test_one_subjects_entries_come_newest_first_and_none_is_lost_between_pages(written: list[str]) -> None:
    found = everything(lambda cursor: by_subject("submission", "s1", 2, cursor))
    assert [entry["id"] for entry in found] == written[::-1]
    assert found[0]["details"] == {"photo_ids": ["p1"]}


def test_everything_comes_by_time_within_its_bounds() -> None:
    assert len(everything(lambda cursor: by_time(5, cursor))) == 2 * len(OFFSETS)
    since, until = NOON + timedelta(microseconds=1), NOON + timedelta(hours=3)
    found = everything(lambda cursor: by_time(5, cursor, since, until))
    assert len(found) == 2 * 5
    assert [entry["at"] for entry in found] == sorted((entry["at"] for entry in found), reverse=True)


def test_an_entry_tells_whether_it_is_sealed() -> None:
    assert by_time(1)["items"][0]["position"] is None
    seal()
    assert by_time(1)["items"][0]["position"] == 2 * len(OFFSETS)
