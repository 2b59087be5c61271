"""Each new photo is compared with all that are there, whichever worker looked at them, and with none that is gone."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import delete

from participate.kernel import errands
from participate.kernel.db import db, execute, rows, table, transaction
from participate.photos import alike
from participate.photos.alike_models import PhotoFingerprint, PhotoLikeness
from participate.photos.models import Photo
from tests.people import People, Person
from tests.pictures import copied, plain, scene
from tests.steps import upload

Work = Callable[[], int]


@pytest.fixture
def resident(people: People) -> Person:
    return people.resident()


def _uploaded(who: Person, data: bytes) -> str:
    answer = upload(who, data)
    assert answer.status_code == 201, answer.get_json()
    return str(answer.get_json()["id"])


def _alike(photo_id: str) -> list[str]:
    return [row.other_id for row in alike.likenesses([photo_id])]


def _developed() -> None:
    """The photos are looked at; what hears of that is not worked off."""
    while errands.work_off("photos", 100):
        pass


def test_a_copy_is_found_whoever_sends_it(resident: Person, people: People, work: Work) -> None:
    first, another = _uploaded(resident, scene(1)), _uploaded(resident, scene(2))
    work()
    second = _uploaded(people.resident(), copied(scene(1)))
    work()
    assert _alike(second) == [first]
    assert _alike(first) == _alike(another) == []


def test_two_that_come_at_once_are_found(resident: Person, work: Work) -> None:
    first, second = _uploaded(resident, scene(1)), _uploaded(resident, copied(scene(1)))
    work()
    assert sorted(_alike(first) + _alike(second)) in ([first], [second])


def test_every_worker_knows_what_others_have_looked_at(
    app: Flask, other_process: Flask, resident: Person, work: Work
) -> None:
    ids = []
    for number, worker in enumerate((app, other_process, app, other_process)):
        ids.append(_uploaded(resident, copied(scene(7)) if number else scene(7)))
        _developed()
        with worker.app_context():
            assert errands.work_off("facts", 100)
    assert [sorted(_alike(each)) for each in ids] == [ids[:0], ids[:1], ids[:2], ids[:3]]


def test_what_did_not_land_is_looked_at_again(
    app: Flask, resident: Person, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its number is given to another, which the same worker must then know."""
    broken = _uploaded(resident, scene(3))
    _developed()
    with monkeypatch.context() as patch, pytest.raises(InterruptedError), transaction():
        patch.setattr(alike.outbox, "record", _interrupted)
        alike.note(alike.outbox.Fact("", "photo.ready", "photo", broken, {}, None), 0x1234)  # type: ignore[arg-type]
        raise InterruptedError
    work()
    second = _uploaded(resident, copied(scene(3)))
    work()
    assert _alike(second) == [broken]


def _interrupted(*_: object) -> None:
    raise InterruptedError


def test_what_was_removed_is_not_found(resident: Person, work: Work) -> None:
    first = _uploaded(resident, scene(4))
    work()
    second = _uploaded(resident, copied(scene(4)))
    work()
    assert _alike(second) == [first]
    with transaction():
        execute(delete(table(Photo)).where(table(Photo).c.id == first))
    assert _alike(second) == []
    third = _uploaded(resident, copied(scene(4)))
    work()
    assert _alike(third) == [second]


def test_where_the_count_has_gone_back_it_starts_anew(resident: Person, work: Work) -> None:
    """As where a backup was restored while workers went on."""
    for seed in (11, 12, 13):
        _uploaded(resident, scene(seed))
    work()
    with transaction():
        for model in (PhotoFingerprint, Photo):
            execute(delete(table(model)))
        execute(db.text("DELETE FROM fingerprint_counts"))
    first = _uploaded(resident, scene(14))
    work()
    second = _uploaded(resident, copied(scene(14)))
    work()
    assert _alike(second) == [first]


def test_photos_of_nothing_are_like_none(resident: Person, work: Work) -> None:
    ids = [_uploaded(resident, plain(colour)) for colour in ("black", "black", "#010101", "white")]
    work()
    assert alike.fingerprints_of(ids) == {}
    assert [_alike(each) for each in ids] == [[]] * 4


def test_of_what_thousands_send_in_a_few_are_kept(
    resident: Person, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alike, "MOST", 3)
    for _ in range(6):
        last = _uploaded(resident, scene(5))
        work()
    assert len(_alike(last)) == 3


def test_a_second_look_changes_nothing(resident: Person, work: Work) -> None:
    first = _uploaded(resident, scene(6))
    work()
    fact = alike.outbox.Fact("", "photo.ready", "photo", first, {}, None)  # type: ignore[arg-type]
    for _ in range(2):
        alike.note(fact, alike.look(fact))
    assert len(rows(db.select(PhotoFingerprint.number))) == 1
    assert rows(db.select(PhotoLikeness.photo_id)) == []
