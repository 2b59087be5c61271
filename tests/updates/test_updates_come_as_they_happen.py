"""Updates come over an open stream as they happen: all, once, in order, whatever is cut off or gets lost on the way."""

import random
import socket
import time
from threading import Thread
from typing import Any

import pytest
import redis
from flask import Flask

from participate.accounts import queries as account_queries
from participate.accounts import service as accounts
from participate.kernel import ending, herald, streams
from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.ids import new_id
from participate.updates import service
from tests.doors import Door, door
from tests.listeners import Event, Listener
from tests.live import until
from tests.people import People, Person

PATH = "/v1/me/updates/stream"
__all__ = ["door"]


def write(account_id: str, number: int = 1, note: str | None = None) -> None:
    """So many entries in the account's feed, each in a transaction of its own."""
    told = {"words": "step.submission.accept", "values": {"reference": "SC5-7P5-9BW", "note": note}}
    for _ in range(number):
        step = {"account_id": account_id, "fact_id": new_id(), "at": now(), "submission_id": None, "move": "accept"}
        service.append([step | told])


def listed(who: Person) -> list[Any]:
    found: list[Any] = who.get("/v1/me/updates?limit=100").get_json()["items"]
    return found


def test_all_come_once_in_order_however_often_it_is_cut(door: Door, people: People) -> None:
    reader, chance, heard, last = people.resident(), random.Random(7), list[Event](), ""

    def write_meanwhile() -> None:
        with door.app.app_context():
            write(reader.account_id, 80)

    writing = Thread(target=write_meanwhile)
    writing.start()
    while len(heard) < 80:
        stream = door.listen(reader, PATH, last)
        for event in stream.events(chance.randint(1, 3000)):
            heard.append(event)
            if len(heard) == 80:
                break
        last = stream.last
        stream.close()
    writing.join()
    assert [event.body for event in heard] == listed(reader), "as the list has it"
    assert [event.id for event in heard] == [each["id"] for each in listed(reader)]
    write(reader.account_id)
    (behind,) = door.listen(reader, f"{PATH}?after={heard[3].id}", last).hear(1)
    assert behind.body == listed(reader)[-1], "what the header says is newer than the address"
    assert door.listen(reader, f"{PATH}?after={heard[3].id}").hear(1)[0].id == heard[4].id


def test_everybody_hears_of_their_own_in_their_language(door: Door, people: People) -> None:
    one, other = people.resident(), people.resident()
    mine, theirs, chinese = (
        door.listen(one, PATH),
        door.listen(other, PATH),
        door.listen(one, PATH, **{"Accept-Language": "zh-Hans"}),
    )
    write(one.account_id, note="Thanks.")
    write(other.account_id)
    (heard,), (read,) = mine.hear(1), chinese.hear(1)
    assert heard.id == read.id
    assert heard.body["text"] != read.body["text"]
    assert theirs.hear(1)[0].body == listed(other)[0]


def test_what_no_wake_up_tells_of_comes_all_the_same(
    door: Door, people: People, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = people.resident()
    stream = door.listen(reader, PATH)
    write(reader.account_id)
    assert stream.hear(1)
    with redis.Redis.from_url(settings().redis_url) as store:
        assert int(str(store.client_kill_filter(_type="pubsub"))) > 0
        write(reader.account_id)  # Nobody listens.
        assert stream.hear(1)
    # The store is away for who writes: no wake-up is sent at all.
    monkeypatch.setattr(app.extensions["participate.waker"], "_resting_until", time.monotonic() + 60)
    monkeypatch.setattr(herald, "LOOK_SECONDS", 0.2)
    monkeypatch.setattr(herald, "DEAF_SECONDS", 0.2)
    write(reader.account_id)
    assert [event.body for event in stream.hear(1)] == listed(reader)[2:]


def test_it_ends_with_the_session_and_says_why(door: Door, people: People) -> None:
    reader = people.resident()
    (session,) = account_queries.sessions(reader.account_id, None)
    stream, other = door.listen(reader, PATH), door.listen(people.resident(), PATH)
    accounts.end_session(reader.account_id, session["id"])
    (end,) = list(stream.events())
    assert (end.name, end.body) == ("end", {"why": "session_ended"})
    assert stream.retry >= 30_000
    assert len(door.streams) == 1, "another's goes on"
    assert Listener(door.port, PATH, reader.headers).answer.status == 401
    other.close()


def test_it_ends_with_the_token(door: Door, people: People) -> None:
    reader = people.resident()
    stream = door.listen(reader, PATH)
    (open_one,) = until(door.streams.all, "the stream")
    assert 14 * 60 < open_one.ends_at - time.monotonic() < 15 * 60
    open_one.ends_at = time.monotonic()
    assert [event.body["why"] for event in stream.events()] == ["token_expired"]


def test_one_account_has_a_few_and_a_process_as_many_as_it_is_told(
    door: Door, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = people.resident()
    some = [door.listen(reader, PATH) for _ in range(streams.MOST_OF_ONE + 1)]
    assert [event.body["why"] for event in some[0].events()] == ["too_many_streams"]
    monkeypatch.setattr(door.streams, "most", streams.MOST_OF_ONE)
    refused = Listener(door.port, PATH, reader.headers)
    assert refused.answer.status == 503
    assert int(refused.answer.headers["Retry-After"]) >= 5
    some[-1].close()
    monkeypatch.setattr(herald, "BEAT_SECONDS", 0.1)
    until(lambda: len(door.streams) < streams.MOST_OF_ONE, "the beat to find nobody there")
    assert door.listen(reader, PATH).answer.status == 200


def test_it_beats_while_there_is_nothing_to_tell(door: Door, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(herald, "BEAT_SECONDS", 0.1)
    reader = people.resident()
    stream = door.listen(reader, PATH)
    coming = Thread(target=lambda: list(stream.events()))
    coming.start()
    until(lambda: stream.beats >= 2, "two beats")
    door.streams.close()
    coming.join()
    assert 1000 <= stream.retry <= 5000, "all are told to come again, not all at once"
    assert Listener(door.port, PATH, reader.headers).answer.status == 503


def test_much_that_is_not_taken_is_not_kept(door: Door, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(herald, "LONGEST", 20_000)
    reader = people.resident()
    write(reader.account_id, 60, "x" * 500)
    stream = door.listen(reader, PATH)
    until(lambda: not door.streams, "it to be ended, though nothing was taken")
    *heard, end = stream.events()
    assert (len(heard), end.body) == (streams.PAGE, {"why": "much"})
    assert stream.retry < 1000
    heard += door.listen(reader, PATH, stream.last).hear(60 - len(heard))
    assert [event.body for event in heard] == listed(reader)


def test_a_server_without_streams_tells_what_there_is(people: People) -> None:
    reader = people.resident()
    write(reader.account_id, 3)
    answer = reader.get(PATH, headers={"Last-Event-ID": listed(reader)[0]["id"]})
    assert (answer.status_code, answer.mimetype) == (200, "text/event-stream")
    lines = answer.get_data(as_text=True).split("\n")
    assert [line[4:] for line in lines if line.startswith("id: ")] == [each["id"] for each in listed(reader)[1:]]
    assert lines[0] == "retry: 5000"
    assert reader.request("HEAD", PATH).status_code == 200
    for wrong in ("x", new_id()):
        assert reader.get(PATH, headers={"Last-Event-ID": wrong}).status_code == 422
        assert reader.get(PATH, query_string={"after": wrong}).status_code == 422


def test_a_connection_that_takes_nothing_is_cut_off(door: Door, people: People) -> None:
    """By the machine's own kernel, which was told so for all connections to come."""

    def limits() -> list[int]:
        found = list[int]()
        for number in ending.listening():
            with ending.borrowed(number) as each:
                if each.getsockname()[1] == door.port:
                    found.append(each.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT))
        return found

    until(lambda: limits() == [60_000], "the limit")
