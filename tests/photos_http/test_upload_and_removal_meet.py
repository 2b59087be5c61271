"""Somebody brings a photo while another process removes an equal one: the photo keeps its bytes, however they meet."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete

from participate.kernel.db import execute, transaction
from participate.photos import removal, service
from participate.photos.arriving import store
from participate.photos.models import Photo
from participate.photos.removal import clear_aside, forget
from participate.photos.storage import MediaStore, original_key
from tests.conftest import HeldClock
from tests.live import clean_environment
from tests.people import People
from tests.steps import arrival, snapshot, upload
from tests.stores import Stores

OWNER = "019aafc3-7c00-7000-8000-000000000001"
DATA = snapshot()
HASH = sha256(DATA).hexdigest()
KEY = original_key(HASH)


class Watched:
    """The store, with something that happens just before or just after one of its verbs, once."""

    def __init__(self, inner: MediaStore, **moments: Callable[[], Any]) -> None:
        self._inner, self._moments = inner, moments

    def __getattr__(self, verb: str) -> Any:
        does = getattr(self._inner, verb)

        def done(*arguments: Any, **named: Any) -> Any:
            self._moments.pop(f"before_{verb}", lambda: None)()
            result = does(*arguments, **named)
            self._moments.pop(f"after_{verb}", lambda: None)()
            return result

        return done if callable(does) else does


@pytest.fixture
def watch(app: Flask, kept_in: MediaStore) -> Callable[..., None]:
    """Let something happen at a moment of the next use of the store."""

    def use(**moments: Callable[[], Any]) -> None:
        app.extensions["participate.media"] = Watched(kept_in, **moments)

    return use


def bring() -> str:
    """The whole of an upload, as far as the store and the row."""
    return service.register(service.keep(arrival(DATA)), OWNER)


def removed(photo_id: str) -> None:
    with transaction():
        execute(delete(Photo).where(Photo.id == photo_id))


def is_sound() -> bool:
    """The original is there, and nothing is left aside."""
    return list(store().keys()) == [KEY] and store().get(KEY) == DATA


def test_it_is_removed_before_the_row_lands(watch: Callable[..., None]) -> None:
    removed(bring())
    kept = service.keep(arrival(DATA))
    assert forget(HASH)
    service.register(kept, OWNER)
    assert is_sound()


def test_the_row_lands_between_the_look_and_the_removal(watch: Callable[..., None]) -> None:
    removed(bring())
    watch(before_move=bring)
    assert not forget(HASH)
    assert is_sound()


def test_the_row_lands_once_it_is_aside(watch: Callable[..., None]) -> None:
    removed(bring())
    watch(after_move=bring)
    assert not forget(HASH)
    assert is_sound()


def test_the_row_lands_after_the_last_look(watch: Callable[..., None]) -> None:
    removed(bring())
    kept = service.keep(arrival(DATA))
    watch(before_delete=lambda: service.register(kept, OWNER))
    assert forget(HASH), "it was nobody's when it was looked for"
    assert is_sound(), "and its bringer has put it away once more"


def test_two_remove_it_at_once(watch: Callable[..., None]) -> None:
    removed(bring())
    watch(after_move=lambda: forget(HASH))
    assert forget(HASH)
    assert list(store().keys()) == []


def test_a_removal_that_was_broken_off_is_ended(watch: Callable[..., None], clock: HeldClock) -> None:
    def die() -> None:
        raise KeyboardInterrupt

    clock.moment = datetime.now(UTC)
    removed(bring())
    for has_a_photo in (True, False):
        watch(after_move=die)
        with pytest.raises(KeyboardInterrupt):
            forget(HASH)
        photo_id = bring() if has_a_photo else ""
        clock.forward(hours=1)
        assert clear_aside() == 1
        assert list(store().keys()) == ([KEY] if has_a_photo else [])
        removed(photo_id or OWNER)


def test_a_removal_that_goes_on_is_left_alone(watch: Callable[..., None]) -> None:
    removed(bring())
    watch(after_move=lambda: clear_aside() == 0 or pytest.fail("it was taken from the one who is at it"))
    assert forget(HASH)
    assert list(store().keys()) == []


REMOVER = """
import os, sys
from participate.app import create_app
from participate.config import from_environment
from participate.photos.removal import forget
with create_app(from_environment(os.environ)).app_context():
    print(flush=True)
    while not sys.stdin.closed and os.path.exists(sys.argv[2]):
        forget(sys.argv[1])
"""


def test_a_process_that_removes_all_the_time_takes_nobody_s_photo(app: Flask, stores: Stores, people: People) -> None:
    going = stores.folder / "going"
    going.touch()
    command = [sys.executable, "-c", REMOVER, HASH, str(going)]
    environment = clean_environment(**stores.environment())
    who = people.resident()
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as remover:
        assert remover.stdout
        remover.stdout.readline()
        try:
            for _ in range(60):
                photo_id = upload(who, DATA).get_json()["id"]
                assert _held_at_rest(KEY)
                removed(photo_id)
        finally:
            going.unlink()
    assert remover.returncode == 0


def _held_at_rest(key: str) -> bool:
    """Whether the original is there; while somebody puts it back, it is away for a moment."""
    return any(store().exists(key) for _ in range(2000))


def test_without_the_second_look_it_would_be_lost(watch: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(removal, "in_use", lambda hashes: set())
    removed(bring())
    watch(before_move=bring)
    assert forget(HASH)
    assert list(store().keys()) == []
