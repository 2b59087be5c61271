"""The doctor finds each thing that is wrong, says what to do, and has nothing to say where all is well."""

import json
import secrets
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from flask import Flask
from sqlalchemy import insert, text, update

from participate.accounts.service import create_resident
from participate.catalogue import service as catalogue
from participate.catalogue.models import CalendarDay
from participate.cli import demo, store
from participate.cli.doctor import machine, safety, stores, work
from participate.cli.doctor.finding import Finding, Level
from participate.config import Settings, from_environment
from participate.kernel import outbox
from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.db import add, execute, table, transaction
from participate.kernel.ids import new_id
from participate.updates.deliveries import planning
from participate.updates.deliveries.models import DEAD, WAITING, Delivery
from tests.live import PARTICIPATE, clean_environment
from tests.stores import Stores

GOOD_KEY = secrets.token_hex(32)
_DRAWN = "9c1f7be06a52d43887e1fb0a6cd3942517f8b06e2ad95c41"  # Once: a test's name must not change from run to run.


def _found(check: Callable[[Settings], Iterator[Finding]], **changed: Any) -> dict[str, tuple[Level, str]]:
    """What a check finds under these settings: level and text by the finding's name."""
    found = list(check(replace(settings(), **changed)))
    assert all(f.remedy for f in found if f.level != Level.OK), "every fault has a remedy"
    return {f.check: (f.level, f.text) for f in found}


def _only(check: Callable[[Settings], Iterator[Finding]], **changed: Any) -> tuple[Level, str]:
    ((level, said),) = _found(check, **changed).values()
    return level, said


@pytest.mark.parametrize(
    ("key", "flaw"),
    [
        ("x" * 32, "too regular"),
        ("abcd1234" * 8, "too regular"),
        ("change-me-" + _DRAWN, "change-me"),
        ("django-INSECURE-" + _DRAWN, "insecure"),
        ("0123456789abcdefghijklmnopqrstuv", "abcdef"),
        ("aaaaaaaabbbbbbbbccccccccddddddddeeeeeeee", "too regular"),
    ],
)
def test_a_key_that_can_be_guessed(app: Flask, key: str, flaw: str) -> None:
    level, said = _only(safety.secret, secret_key=key)
    assert level == Level.FAIL
    assert flaw in said
    assert key not in said, "a report is shown around"


@pytest.mark.parametrize("make", [secrets.token_hex, secrets.token_urlsafe])
def test_a_key_that_was_drawn_at_random(app: Flask, make: Callable[[int], str]) -> None:
    assert all(_only(safety.secret, secret_key=make(32))[0] == Level.OK for _ in range(200))


def test_the_demo_where_others_can_reach_it(app: Flask) -> None:
    assert _only(safety.demo, demo=True, host="127.0.0.1")[0] == Level.WARN
    assert _only(safety.demo, demo=True, host="192.0.2.7")[0] == Level.FAIL


def test_accounts_of_a_demo_that_were_left_behind(town: Flask) -> None:
    assert _only(safety.demo, demo=False)[0] == Level.OK
    demo.seed(settings(), demo.AROUND)
    level, said = _only(safety.demo, demo=False)
    assert level == Level.FAIL
    assert "admin1" in said
    assert "moderator2" in said


def test_rate_limits_that_are_off(app: Flask) -> None:
    assert _only(safety.rate_limits, rate_limits=True)[0] == Level.OK
    assert _only(safety.rate_limits, rate_limits=False)[0] == Level.WARN


def test_files_that_others_can_read(app: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    for place in (folder, *folder.parents[:2]):
        place.chmod(0o755)
    key = folder / "secret-key"
    key.touch(0o600)
    assert _only(safety.files, data_dir=folder)[0] == Level.OK
    key.chmod(0o640)
    level, said = _only(safety.files, data_dir=folder)
    assert level == (Level.WARN if _reachable(folder) else Level.OK)
    assert ("secret-key" in said) == _reachable(folder)
    folder.chmod(0o700)
    assert _only(safety.files, data_dir=folder)[0] == Level.OK, "nobody gets there"


def _reachable(folder: Path) -> bool:
    return all(place.stat().st_mode & (stat.S_IXGRP | stat.S_IXOTH) for place in (folder, *folder.parents))


def test_the_demo_s_passwords_are_for_its_own_user(town: Flask) -> None:
    accounts = settings().data_dir / demo.ACCOUNTS_FILE
    accounts.unlink(missing_ok=True)
    demo.seed(settings(), demo.AROUND)
    assert stat.S_IMODE(accounts.stat().st_mode) == 0o600
    accounts.chmod(0o644)
    demo.seed(settings(), demo.AROUND)
    assert stat.S_IMODE(accounts.stat().st_mode) == 0o600


def test_a_seed_that_was_cut_short_is_completed_by_the_next(town: Flask) -> None:
    accounts = settings().data_dir / demo.ACCOUNTS_FILE
    accounts.unlink(missing_ok=True)
    demo.seed(settings(), demo.AROUND)
    first = accounts.read_bytes()
    accounts.unlink()
    demo.seed(settings(), demo.AROUND)
    assert accounts.read_bytes() == first


TOLD = {"port": "6379", "tls-port": "0", "bind": "* -::*", "protected-mode": "no", "requirepass": ""}


@pytest.mark.parametrize(
    ("told", "level"),
    [
        ({}, Level.FAIL),
        ({"bind": ""}, Level.FAIL),
        ({"bind": "10.0.0.5"}, Level.FAIL),
        ({"bind": "127.0.0.1 -::1"}, Level.OK),
        ({"requirepass": "drawn"}, Level.OK),
        ({"protected-mode": "yes"}, Level.OK),
        ({"port": "0"}, Level.OK),
        ({"port": "0", "tls-port": "6380"}, Level.FAIL),
    ],
)
def test_who_can_reach_the_store(told: dict[str, str], level: Level) -> None:
    assert safety.judged_reach(TOLD | told).level == level


def test_jobs_that_travel_in_the_clear(app: Flask) -> None:
    found = list(safety.reach(replace(settings(), redis_url="redis://192.0.2.1:6379/0")))
    assert [f.level for f in found] == [Level.WARN, Level.WARN]
    assert "192.0.2.1" in found[0].text


@contextmanager
def _store(folder: Path, *options: str) -> Iterator[str]:
    """A store of the test's own, with options of its own."""
    own = from_environment({"PARTICIPATE_DEMO": "1", "PARTICIPATE_DATA_DIR": str(folder)})
    process = subprocess.Popen([*store.command(own), *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(500):
            try:
                redis.Redis.from_url(own.redis_url).ping()
                break
            except redis.RedisError:
                time.sleep(0.01)
        yield own.redis_url
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize(
    ("options", "level"),
    [
        ((), Level.OK),
        (("--maxmemory-policy", "allkeys-lru"), Level.WARN),
        (("--maxmemory-policy", "allkeys-lru", "--maxmemory", "100mb"), Level.FAIL),
    ],
)
def test_a_store_that_may_drop_jobs(app: Flask, tmp_path: Path, options: tuple[str, ...], level: Level) -> None:
    with _store(tmp_path, *options) as url:
        assert _found(stores.queue_store, redis_url=url)["store_policy"][0] == level


def test_a_store_that_forgets_at_its_restart(app: Flask, tmp_path: Path) -> None:
    with _store(tmp_path, "--appendonly", "no") as url:
        assert _found(stores.queue_store, redis_url=url)["store_log"][0] == Level.WARN


def test_a_store_that_is_away(app: Flask) -> None:
    assert _found(stores.queue_store, redis_url="redis://127.0.0.1:1")["store"][0] == Level.FAIL


def test_a_database_at_another_version(app: Flask) -> None:
    assert _only(stores.database)[0] == Level.OK
    assert _only(stores.migrations)[0] == Level.OK
    with transaction() as session:
        before = session.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    try:
        assert _only(stores.migrations)[0] == Level.FAIL
    finally:
        with transaction() as session:
            session.execute(text("UPDATE alembic_version SET version_num = :number"), {"number": before})


@pytest.mark.parametrize(("ahead", "level"), [(0.5, Level.OK), (-5.0, Level.WARN), (60.0, Level.FAIL)])
def test_clocks_that_disagree(ahead: float, level: Level) -> None:
    assert stores.judged_clock("the store", ahead).level == level


def test_clocks_are_asked(app: Flask) -> None:
    assert "the store" in _found(stores.clocks)["clock"][1] or "the database" in _found(stores.clocks)["clock"][1]


@pytest.mark.parametrize(
    ("free", "inodes", "level"),
    [(500 * 2**30, 10**6, Level.OK), (2**30, 10**6, Level.WARN), (2**20, 10**6, Level.FAIL), (2**39, 10, Level.FAIL)],
)
def test_a_disk_that_fills_up(free: int, inodes: int, level: Level) -> None:
    assert machine.judged_room("data", Path("var"), free, 1000 * 2**30, inodes).level == level


def test_every_folder_s_disk_is_looked_at(app: Flask) -> None:
    assert len(list(machine.disk(settings()))) == 2
    assert len(list(machine.disk(replace(settings(), media_url="s3://bucket")))) == 1


def test_photos_that_cannot_be_kept(app: Flask) -> None:
    assert _only(stores.media)[0] == Level.OK
    media = app.extensions["participate.media"]
    app.extensions["participate.media"] = type(media)(Path("/proc/nowhere"))
    try:
        assert _only(stores.media)[0] == Level.FAIL
    finally:
        app.extensions["participate.media"] = media


def test_work_that_stands_still_and_work_that_was_given_up(app: Flask) -> None:
    assert {level for level, _ in _found(work.errands).values()} == {Level.OK}
    for waited, level in ((timedelta(minutes=6), Level.WARN), (timedelta(hours=2), Level.FAIL)):
        with transaction() as session:
            outbox.record("photo.received", "photo", new_id())
            session.flush()
            session.execute(update(outbox.OutboxErrand).values(next_at=now() - waited))
        assert _found(work.errands)["backlog"][0] == level
    with transaction() as session:
        session.execute(update(outbox.OutboxErrand).values(dead=True))
    found = _found(work.errands)
    assert found["backlog"][0] == Level.OK
    assert found["dead_errands"] == (Level.WARN, "2 given up")


def test_a_year_whose_holidays_are_not_known(app: Flask) -> None:
    assert _only(work.calendar_years)[0] == Level.WARN
    today = date.today()  # noqa: DTZ011 - the years around are asked for, whatever the zone
    for year in (today.year - 1, today.year, today.year + 1):
        catalogue.set_day(date(year, 1, 1), False, "元旦")
    assert _only(work.calendar_years)[0] == Level.OK
    with transaction() as session:
        session.execute(CalendarDay.__table__.delete())


def test_messages_that_fail_or_do_not_leave(app: Flask) -> None:
    assert _only(work.deliveries) == (Level.OK, "nothing waits for long, and none has failed")
    account = create_resident("+8613900000001")
    named = {"account_id": account, "submission_id": None, "move": "start", "at": now(), "number": 1}
    with transaction():
        add(insert(table(Delivery)), planning.fresh("email", "own", DEAD, now(), False, **named, fact_id=new_id()))
    assert _only(work.deliveries) == (Level.WARN, "1 dead, 0 uncertain")
    with transaction():
        execute(update(Delivery).values(state=WAITING, due_at=now() - timedelta(minutes=6)))
    level, said = _only(work.deliveries)
    assert (level, "email" in said) == (Level.WARN, True)


@pytest.mark.parametrize(
    ("smtp", "public", "level"),
    [
        ("", "http://city.example.org", Level.OK),
        ("smtps://mail.example.org", "https://city.example.org", Level.OK),
        ("smtp://127.0.0.1", "https://city.example.org", Level.OK),
        ("smtp://mail.example.org", "https://city.example.org", Level.WARN),
        ("smtps://mail.example.org", "http://city.example.org", Level.WARN),
    ],
)
def test_what_people_are_told_travels_in_no_clear(app: Flask, smtp: str, public: str, level: Level) -> None:
    assert _only(safety.mail, smtp_url=smtp, public_url=public)[0] == level


def test_messages_that_reach_nobody(app: Flask) -> None:
    assert _only(work.messages, demo=True)[0] == Level.OK
    assert _only(work.messages, demo=False)[0] == Level.WARN


def test_a_time_zone_far_away(app: Flask) -> None:
    zones = {
        name: from_environment({"PARTICIPATE_TIMEZONE": name, "SECRET_KEY": GOOD_KEY}).timezone
        for name in ("Asia/Shanghai", "Asia/Urumqi", "Europe/Paris")
    }
    assert _only(machine.time_zone, timezone=zones["Asia/Shanghai"])[0] == Level.OK
    assert _only(machine.time_zone, timezone=zones["Europe/Paris"])[0] == Level.WARN


def _run(stores: Stores, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [PARTICIPATE, "doctor", *arguments],
        env=clean_environment(**stores.environment(**more)),
        cwd=stores.folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_report_has_a_line_for_each_finding_and_fails_where_one_does(town: Flask, stores: Stores) -> None:
    well = _run(stores, SECRET_KEY=GOOD_KEY)
    assert well.returncode == 0, well.stdout + well.stderr
    assert not [line for line in well.stdout.splitlines() if line.startswith("fail")]
    ill = _run(stores, SECRET_KEY="x" * 32)
    assert ill.returncode == 1
    assert "fail  secret" in ill.stdout
    assert "→ Make one: openssl rand -hex 32." in ill.stdout
    assert "x" * 32 not in ill.stdout + ill.stderr


def test_machines_read_it_as_json(town: Flask, stores: Stores) -> None:
    answer = _run(stores, "--json", SECRET_KEY="x" * 32)
    found = json.loads(answer.stdout)
    assert answer.returncode == 1
    assert {frozenset(entry) for entry in found} == {frozenset({"check", "level", "text", "remedy"})}
    assert [entry["level"] for entry in found if entry["check"] == "secret"] == ["fail"]


def test_settings_that_cannot_work_are_findings(stores: Stores) -> None:
    answer = _run(stores, "--json", PORT="none", PARTICIPATE_TIMEZONE="Mars/Base")
    assert answer.returncode == 1
    assert [entry["level"] for entry in json.loads(answer.stdout)] == ["fail", "fail"]


def test_without_database_and_store_it_still_reports(stores: Stores) -> None:
    away = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1"}
    answer = _run(stores, "--json", **away)
    failed = {entry["check"] for entry in json.loads(answer.stdout) if entry["level"] == "fail"}
    assert answer.returncode == 1
    assert {"database", "store"} <= failed
    assert "Traceback" not in answer.stdout + answer.stderr


def test_where_faces_and_plates_are_not_found_that_is_said(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _only(work.redaction)[0] == Level.OK
    assert "switched_off" in _only(work.redaction, find_plates=False)[1]
    monkeypatch.setattr("participate.photos.redaction.faces.FACES", ("no_such_package", "faces.onnx"))
    level, said = _only(work.redaction)
    assert (level, "not_installed" in said) == (Level.WARN, True)
