"""The seals: whatever somebody with access to the database does to a sealed entry, the report names the place."""

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Select, delete, insert, select, text, update

from participate.audit import service
from participate.audit.models import AuditEntry, AuditHead
from participate.audit.service import BrokenHead, Report, init_audit, record, seal, verify
from participate.kernel import clock
from participate.kernel.context import settings
from participate.kernel.db import db, one, rows, transaction
from participate.kernel.ids import new_id

pytestmark = pytest.mark.usefixtures("app")
Entry = AuditEntry


def write(count: int) -> list[str]:
    return [record("submission.unmasked", "submission", new_id(), new_id(), "举报人求助", step=n) for n in range(count)]


def run(*statements: object) -> None:
    with transaction() as session:
        for statement in statements:
            session.execute(statement)  # type: ignore[call-overload]


def at(position: int) -> dict[str, object]:
    found = one(select(*Entry.__table__.columns).where(Entry.position == position))
    assert found is not None
    return dict(found._asdict())


@pytest.fixture
def trail() -> None:
    """Nine sealed entries and two that wait."""
    write(9)
    assert seal() == 9
    write(2)


def test_a_trail_that_nobody_touched_holds(trail: None) -> None:
    assert verify() == Report(9, 2, None)


def test_an_empty_trail_holds() -> None:
    assert verify() == Report(0, 0, None)
    assert seal() == 0
    assert verify() == Report(0, 0, None)


@pytest.mark.parametrize(
    "change",
    [
        {"action": "submission.read"},
        {"actor_id": "019a0000-0000-7000-8000-000000000001"},
        {"actor_id": None},
        {"subject_type": "case"},
        {"subject_id": "another"},
        {"reason": None},
        {"reason": "因工作需要"},
        {"details": {"step": 5}},
        {"details": {"step": 4, "more": 1}},
        {"at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"id": "019a0000-0000-7000-8000-000000000002"},
        {"seal": "0" * 64},
    ],
    ids=str,
)
def test_an_edited_entry_is_found(trail: None, change: dict[str, object]) -> None:
    run(update(Entry).where(Entry.position == 5).values(**change))
    assert verify().first_broken == 5


@pytest.mark.parametrize("position", [1, 5, 9])
def test_a_removed_entry_is_found(trail: None, position: int) -> None:
    run(delete(Entry).where(Entry.position == position))
    assert verify() == Report(9, 2, position)


@pytest.mark.parametrize("position", [1, 5, 9])
def test_an_entry_put_back_among_the_unsealed_is_found(trail: None, position: int) -> None:
    run(update(Entry).where(Entry.position == position).values(position=None, seal=None))
    seal()
    assert verify().first_broken == position


def test_a_removed_entry_with_its_gap_closed_is_found(trail: None) -> None:
    run(delete(Entry).where(Entry.position == 5))
    for position in range(6, 10):
        run(update(Entry).where(Entry.position == position).values(position=position - 1))
    assert verify().first_broken == 5


@pytest.mark.parametrize("position", [-3, 0, 10, 11])
def test_an_entry_put_in_at_either_end_is_found(trail: None, position: int) -> None:
    run(insert(Entry).values(at(9) | {"id": new_id(), "position": position}))
    assert verify().first_broken == 10


def test_an_entry_put_in_between_is_found(trail: None) -> None:
    for position in range(9, 4, -1):
        run(update(Entry).where(Entry.position == position).values(position=position + 1))
    run(insert(Entry).values(at(4) | {"id": new_id(), "position": 5}))
    assert verify().first_broken == 5


@pytest.mark.parametrize("with_seals", [False, True])
def test_two_entries_that_changed_places_are_found(trail: None, with_seals: bool) -> None:
    third, seventh = at(3), at(7)
    run(update(Entry).where(Entry.id == third["id"]).values(position=99))
    for one_, other in ((seventh, third), (third, seventh)):
        place = {"position": other["position"]} | ({} if with_seals else {"seal": other["seal"]})
        run(update(Entry).where(Entry.id == one_["id"]).values(**place))
    assert verify().first_broken == 3


def test_an_entry_from_another_history_is_found(trail: None) -> None:
    other = at(5)
    run(delete(Entry), delete(AuditHead))
    write(9)
    seal()
    run(delete(Entry).where(Entry.position == 5), insert(Entry).values(other))
    assert verify().first_broken == 5


def test_a_cut_off_tail_is_found_even_when_the_head_is_set_back_with_it(trail: None) -> None:
    run(delete(Entry).where(Entry.position > 6))
    assert verify().first_broken == 7
    run(update(AuditHead).values(length=6, seal=at(6)["seal"]))
    assert verify() == Report(6, 2, 7)


def test_a_head_set_back_is_not_sealed_over(trail: None) -> None:
    run(delete(Entry).where(Entry.position > 6), update(AuditHead).values(length=6, seal=at(6)["seal"]))
    with pytest.raises(BrokenHead):
        seal()
    assert verify() == Report(6, 2, 7)


def test_a_removed_head_is_found(trail: None) -> None:
    run(delete(AuditHead))
    assert verify() == Report(0, 2, 1)


@pytest.fixture
def former(app: Flask, trail: None) -> Iterator[str]:
    """The secret that the trail was sealed with, and is again after the test."""
    secret = settings().secret_key
    yield secret
    init_audit(app, secret)


def test_a_chain_made_with_another_key_does_not_hold(app: Flask, former: str) -> None:
    init_audit(app, "x" * 32)
    assert verify().first_broken == 1


def test_a_chain_goes_on_over_a_change_of_key_when_the_former_is_named(app: Flask, former: str) -> None:
    init_audit(app, "x" * 32, former)
    assert seal() == 2
    assert verify() == Report(11, 0, None)


def test_positions_have_no_gaps_and_follow_the_order_of_writing_in_batches() -> None:
    written = write(25)
    assert [seal(10), seal(10), seal(10), seal(10)] == [10, 10, 5, 0]
    found = rows(select(Entry.id, Entry.position).order_by(Entry.position))
    assert [tuple(row) for row in found] == [(id_, n) for n, id_ in enumerate(written, start=1)]
    assert verify() == Report(25, 0, None)


def test_a_trail_longer_than_a_page_is_followed_to_its_end(monkeypatch: pytest.MonkeyPatch, trail: None) -> None:
    monkeypatch.setattr(service, "_PAGE", 4)
    assert verify() == Report(9, 2, None)
    run(update(Entry).where(Entry.position == 9).values(reason="晚了"))
    assert verify().first_broken == 9


def test_sealing_while_the_report_is_made_does_not_disturb_it(monkeypatch: pytest.MonkeyPatch, trail: None) -> None:
    first_break = service._first_break

    def sealed_meanwhile(end: service.Head) -> int | None:
        assert seal() == 2
        return first_break(end)

    monkeypatch.setattr(service, "_first_break", sealed_meanwhile)
    assert verify() == Report(9, 2, None)


def test_many_that_seal_at_once_make_one_chain(app: Flask) -> None:
    write(240)
    start, errors = Barrier(4), list[BaseException]()

    def work() -> None:
        with app.app_context():
            start.wait()
            try:
                while one(select(Entry.id).where(Entry.position.is_(None)).limit(1)):
                    seal(10)
            except BaseException as error:
                errors.append(error)

    together(work, 4)
    assert errors == []
    assert verify() == Report(240, 0, None)


def together(work: Callable[[], None], count: int) -> None:
    threads = [Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_an_entry_lands_with_what_it_tells_of_or_not_at_all() -> None:
    with pytest.raises(RuntimeError, match="never mind"), transaction():
        write(1)
        raise RuntimeError("never mind")
    assert verify() == Report(0, 0, None)


def test_a_new_head_is_logged_for_those_who_keep_it_elsewhere(caplog: pytest.LogCaptureFixture) -> None:
    write(3)
    with caplog.at_level(logging.INFO):
        seal()
    head = one(select(AuditHead.length, AuditHead.seal))
    logged = [(r.count, r.seal) for r in caplog.records if r.message == "audit sealed"]  # type: ignore[attr-defined]
    assert [head] == logged


@pytest.mark.parametrize(
    ("statement", "index"),
    [(service._unsealed(10), "ix_audit_entries_unsealed"), (service._sealed_page(3, 9), "uq_audit_entries_position")],
)
def test_neither_sealing_nor_the_report_reads_the_other_half(statement: Select[Any], index: str) -> None:
    sql = str(statement.compile(db.engine, compile_kwargs={"literal_binds": True}))
    with transaction() as session:
        if db.engine.dialect.name == "sqlite":
            plan = str(session.execute(text(f"EXPLAIN QUERY PLAN {sql}")).all())
        else:
            # So few rows are read whole and sorted whatever the index; the question is whether the index would serve.
            for way in ("seqscan", "bitmapscan", "sort"):
                session.execute(text(f"SET LOCAL enable_{way} = off"))
            plan = str(session.execute(text(f"EXPLAIN {sql}")).all())
    assert index in plan
    assert not any(word in plan for word in ("TEMP B-TREE", "Sort"))


def test_the_time_is_the_clocks() -> None:
    moment = datetime(2026, 3, 4, 5, 6, 7, 891234, tzinfo=UTC)
    before = clock.use(lambda: moment)
    try:
        write(1)
    finally:
        clock.use(before)
    assert one(select(Entry.at)) == (moment,)
