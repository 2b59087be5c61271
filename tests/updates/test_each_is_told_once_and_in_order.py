"""What is sent by a channel is sent once for each fact and person, in order, and whatever comes between."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select, update

from participate.kernel.clock import now
from participate.kernel.db import execute, rows, table, transaction
from participate.kernel.ids import first_id
from participate.submissions import telling
from participate.updates.channels.base import EMAIL, SMS, Away, Channel, Message, Passing, Permanent
from participate.updates.deliveries import handing, sending
from participate.updates.deliveries.hours import next_digest, out_of_quiet
from participate.updates.deliveries.models import Delivery
from participate.updates.models import FeedEntry
from participate.updates.service import append
from participate.updates.short import short
from tests.conftest import HeldClock
from tests.people import People, Person
from tests.queries import asked
from tests.steps import Way, at_once
from tests.updates.conftest import Post, choose, deliveries, reachable, reachable_crowd, states
from tests.updates.entries import entry


class Killed(BaseException):
    """The process is no more: nothing that it would have done after this is done."""


class Told:
    """A channel that keeps what it is handed; `before` and `after` may break off, as a process's end would."""

    def __init__(self, name: str = EMAIL, by_key: bool = False) -> None:
        self.name, self.by_key = name, by_key
        self.messages = list[Message]()
        self.before: Callable[[Message], object] = lambda _message: None
        self.after = self.before

    def send(self, message: Message) -> None:
        """Take it."""
        self.before(message)
        if not (self.by_key and any(message.key == other.key for other in self.messages)):
            self.messages.append(message)
        self.after(message)

    def said(self) -> list[str]:
        """The references of what it was handed, in their order."""
        return [message.title.removeprefix("News of ") for message in self.messages]


def broken_off(channel: Channel) -> None:
    with pytest.raises(Killed):
        sending.work_off(channel)


def dying(_message: Message) -> None:
    raise Killed


def after_first(then: Callable[[Message], object]) -> Callable[[Message], object]:
    """`then`, from the second message on."""
    seen = list[Message]()

    def call(message: Message) -> None:
        seen.append(message)
        if len(seen) > 1:
            then(message)

    return call


@pytest.fixture
def who(people: People, clock: HeldClock) -> Person:
    return reachable(people.resident())


def tell(who: Person, *names: str, concern: str = "outcome") -> None:
    append([entry(who, concern, reference=name) for name in names])


def mailed(told: dict[str, Any]) -> str:
    """All that an entry of the feed says, as a mail puts it."""
    day = datetime.fromisoformat(told["due_at"]).astimezone(CITY).date() if told["due_at"] else None
    said = [told["text"], told["next"], f"Due {day}." if day else "", f"It is with {told['who']} now."]
    return " ".join(part for part in (said if told["who"] else said[:3]) if part)


def test_a_whole_way_is_told_as_the_feed_tells_it(way: Way, post: Post, clock: HeldClock) -> None:
    reachable(way.author)
    choose(way.author, {"channel": EMAIL, "on": True, "language": "en"}, {"channel": SMS, "on": True})
    submission = way.resolved()
    while post.send() or handing.is_due(EMAIL):
        pass
    feed = way.author.get("/v1/me/updates?limit=100", headers={"Accept-Language": "en"}).get_json()["items"]
    assert len(feed) >= 8
    assert post.texts() == [mailed(told) for told in feed]
    assert {mail["To"] for mail in post.mail.taken} == {"li@example.org"}
    assert f"/v1/submissions/{submission}" in post.mail.taken[0].get_content()
    while post.send(SMS) or handing.is_due(SMS):
        pass
    entries = rows(select(*table(FeedEntry).columns).order_by(FeedEntry.number))
    texts = [short(row.words, "zh-Hans", row.values, row.following, row.due_at) for row in entries]
    assert post.gateway.texts() == texts
    assert all(len(text) <= 70 for text in texts)
    assert {state.state for state in deliveries()} == {"sent"}
    for row in deliveries():
        assert row.sent_at == row.due_at == clock()


def test_those_without_other_channels_cost_no_question_more(way: Way, people: People) -> None:
    quiet, loud = people.resident(), reachable(people.resident())
    tell(quiet, "A")
    tell(loud, "A")
    with asked() as without:
        tell(quiet, "B")
    with asked() as with_mail:
        tell(loud, "B")
    assert len(without) <= 5, without
    assert not any("channel_choices" in said or "deliveries" in said for said in without)
    assert len(with_mail) <= len(without) + 3, with_mail


def test_each_fact_once_however_often_it_is_told(who: Person) -> None:
    told = [entry(who, "outcome") for _ in range(3)]
    append(told)
    append(told)
    channel = Told()
    for _ in range(5):
        sending.work_off(channel)
    assert len(channel.messages) == 3
    assert len({message.key for message in channel.messages}) == 3


def test_senders_side_by_side_send_each_once_and_in_order(app: Flask) -> None:
    crowd = reachable_crowd(4)
    for number in range(4):
        append([entry(who, "outcome", reference=f"N{number}") for who in crowd])
    channels = [Told(), Told(), Told()]

    def send(channel: Told) -> None:
        with app.app_context():
            while handing.is_due(EMAIL):
                sending.work_off(channel)

    at_once(*[lambda one=one: send(one) for one in channels])
    told = [message for channel in channels for message in channel.messages]
    assert len(told) == len({message.key for message in told}) == 16
    assert set(states()) == {"sent"}


def test_a_process_that_dies_before_or_after_sends_nothing_twice(who: Person, clock: HeldClock) -> None:
    tell(who, "A", "B", "C")
    channel = Told()
    channel.before = dying
    broken_off(channel)
    assert (channel.said(), states()) == ([], ["handing_over", "waiting", "waiting"])
    channel.before = lambda _message: None
    sending.work_off(channel)
    assert channel.said() == [], "who comes first is still being handed over"
    clock.forward(seconds=41)
    channel.after = dying
    broken_off(channel)
    assert (channel.said(), states()) == (["B"], ["uncertain", "handing_over", "waiting"])
    channel.after = lambda _message: None
    clock.forward(seconds=41)
    sending.work_off(channel)
    assert (channel.said(), states()) == (["B", "C"], ["uncertain", "uncertain", "sent"])
    clock.forward(days=3)
    sending.work_off(channel)
    assert channel.said() == ["B", "C"]


def test_whose_message_was_cut_short_waits_for_no_backlog(
    who: Person, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor do digests: there may be more to send for hours."""
    monkeypatch.setattr(sending, "_TEND_SECONDS", 0.0)
    tell(who, "A", "B")
    channel = Told()
    channel.before = dying
    broken_off(channel)
    crowd = reachable_crowd(3 * sending.BATCH)
    append([entry(each, "outcome", reference=f"N{number}") for number, each in enumerate(crowd)])
    channel.before = lambda message: clock.forward(seconds=41) if "N0" in message.text else None
    sending.work_off(channel)
    assert channel.said().index("B") < len(crowd)
    assert states(Delivery.account_id == who.account_id) == ["uncertain", "sent"]


def test_where_the_other_side_knows_the_key_all_arrive_once(who: Person, clock: HeldClock) -> None:
    tell(who, "A", "B")
    channel = Told(by_key=True)
    channel.after = dying
    broken_off(channel)
    clock.forward(seconds=41)
    broken_off(channel)
    channel.after = lambda _message: None
    clock.forward(seconds=41)
    sending.work_off(channel)
    assert (channel.said(), states()) == (["A", "B"], ["sent", "sent"])
    assert [row.attempts for row in deliveries()] == [3, 1]


def test_what_was_claimed_and_not_begun_by_a_dead_process_is_sent_by_another(who: Person, clock: HeldClock) -> None:
    tell(who, "A")
    (claimed,) = handing.claim(EMAIL, 10)
    channel = Told()
    sending.work_off(channel)
    assert channel.said() == []
    clock.forward(seconds=41)
    sending.work_off(channel)
    assert channel.said() == ["A"]
    assert not handing.begin(claimed, by_key=False), "whoever wakes up late has nothing to send any more"


def test_who_stops_gives_back_what_they_have_not_begun(app: Flask, clock: HeldClock) -> None:
    crowd = reachable_crowd(3)
    append([entry(who, "outcome") for who in crowd])
    channel = Told()
    sending.work_off(channel, lambda: bool(channel.messages))
    assert sorted(states()) == ["sent", "waiting", "waiting"]
    assert sorted(row.attempts for row in deliveries()) == [0, 0, 1]
    sending.work_off(channel)
    assert set(states()) == {"sent"}


def test_who_cannot_be_reached_now_is_tried_again_in_order(who: Person, clock: HeldClock) -> None:
    tell(who, "A", "B")
    channel, pauses = Told(), list[float]()

    def refuse(_message: Message) -> None:
        raise Passing("recipient_450")

    channel.before = refuse
    for _ in range(6):
        sending.work_off(channel)
        first, second = deliveries()
        assert second.next_at >= first.next_at, "what comes after it is put off as long"
        assert (first.state, first.error, second.attempts) == ("waiting", "recipient_450", 0)
        pauses.append((first.next_at - clock()).total_seconds())
        clock.moment = first.next_at
    assert all(0 <= wait <= 10 * 2**number for number, wait in enumerate(pauses))
    assert len({round(wait, 3) for wait in pauses}) > 3, "each waits another while"
    channel.before = lambda _message: None
    clock.forward(hours=1)
    sending.work_off(channel)
    assert channel.said() == ["A", "B"]


def test_after_two_days_it_is_given_up_and_the_next_goes(who: Person, clock: HeldClock) -> None:
    tell(who, "A")
    clock.forward(hours=30)
    tell(who, "B")
    clock.forward(hours=19)
    channel = Told()

    def refuse(message: Message) -> None:
        raise Passing("recipient_450", retry_after=5)

    channel.before = refuse
    sending.work_off(channel)
    assert [(row.state, row.error) for row in deliveries()] == [("dead", "recipient_450"), ("waiting", "recipient_450")]
    channel.before = lambda _message: None
    clock.forward(seconds=11)
    sending.work_off(channel)
    assert channel.said() == ["B"]


def test_what_never_will_arrive_is_given_up_at_once(who: Person, clock: HeldClock) -> None:
    tell(who, "A", "B")
    channel = Told()

    def refuse(message: Message) -> None:
        if "A" in message.text:
            raise Permanent("recipient_550")

    channel.before = refuse
    sending.work_off(channel)
    assert [(row.state, row.error) for row in deliveries()] == [("dead", "recipient_550"), ("sent", None)]


def test_a_channel_that_is_away_is_asked_once_and_costs_nobody_an_attempt(app: Flask, clock: HeldClock) -> None:
    crowd = reachable_crowd(15, EMAIL, SMS)
    append([entry(who, "outcome") for who in crowd])
    append([entry(who, "outcome") for who in crowd])
    mail, text, tries = Told(), Told(SMS), list[Message]()

    def refuse(message: Message) -> None:
        tries.append(message)
        raise Away("server_away", retry_after=7)

    mail.before = refuse
    assert sending.work_off(mail) == 7
    assert len(tries) == 1
    assert {row.attempts for row in deliveries()} == {0}
    assert sending.work_off(text) is None
    assert len(text.messages) == 30, "others go on"
    mail.before = lambda _message: None
    clock.forward(seconds=8)
    assert sending.work_off(mail) is None
    assert len(mail.messages) == 30


def test_a_bug_in_a_channel_is_not_taken_for_not_sent(who: Person, clock: HeldClock) -> None:
    tell(who, "A", "B")
    channel = Told()
    channel.after = after_first(lambda _message: 1 / 0)
    sending.work_off(channel)
    assert [(row.state, row.error) for row in deliveries()] == [("sent", None), ("uncertain", "failed")]


def test_a_text_that_cannot_be_made_holds_up_no_others(who: Person, people: People, clock: HeldClock) -> None:
    other = reachable(people.resident(), "other@example.org")
    append([entry(who, "outcome", words="step.cosigning.invited"), entry(other, "outcome")])
    channel = Told()
    sending.work_off(channel)
    assert [message.to["address"] for message in channel.messages] == ["other@example.org"]
    assert [row.error for row in deliveries(Delivery.account_id == who.account_id)] == ["unreadable"]


def test_one_s_own_outcome_goes_before_what_thousands_hear(app: Flask, clock: HeldClock) -> None:
    crowd = reachable_crowd(60)
    author = crowd[7]  # Who has joined as well, and so waits in the same line.
    append([entry(who, "joined", reference="JOINED") for who in crowd])
    channel = Told()
    with pytest.raises(Killed):
        channel.after = after_first(dying)
        sending.work_off(channel)
    channel.after = lambda _message: None
    clock.forward(seconds=41)
    append([entry(author, "outcome", reference="OUTCOME")])
    already = len(channel.messages)
    sending.work_off(channel)
    said = channel.said()
    assert said.index("OUTCOME") - already <= 2 * sending.BATCH
    mine = [message.title for message in channel.messages if message.to["address"] == "r7@example.org"]
    assert mine == ["News of JOINED", "News of OUTCOME"]


def test_what_is_muted_is_not_sent_and_counted(people: People, clock: HeldClock) -> None:
    who = reachable(people.resident(), muted=["joined", "staff"])
    append([entry(who, concern, reference=concern) for concern in ("joined", "outcome", "staff", "own", "followed")])
    assert states() == ["muted", "waiting", "muted", "waiting", "waiting"]
    choose(who, {"channel": EMAIL, "on": True, "language": "en", "muted": ["own"]})
    channel = Told()
    sending.work_off(channel)
    assert channel.said() == ["outcome", "followed"], "what is chosen last counts, also for what waits already"
    choose(who)
    append([entry(who, "outcome")])
    assert len(deliveries()) == 5


def test_whoever_turns_it_off_meanwhile_gets_nothing_more(who: Person, clock: HeldClock) -> None:
    tell(who, "A")
    choose(who, {"channel": EMAIL, "on": False})
    channel = Told()
    sending.work_off(channel)
    assert (channel.messages, states()) == ([], ["muted"])


CITY = ZoneInfo("Asia/Shanghai")
ZONE_MORNING = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)  # 07:00 of the 24th in Shanghai.


def test_in_quiet_hours_it_waits_until_they_end(people: People, clock: HeldClock) -> None:
    who = reachable(people.resident(), quiet_from="21:30", quiet_until="07:00")
    clock.moment = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
    channel = Told()
    tell(who, "A")
    append([entry(who, "area", reference="STORM", urgent=True)])
    sending.work_off(channel)
    assert channel.said() == ["STORM"], "what is urgent waits neither for the morning nor for what does"
    assert deliveries()[0].due_at == ZONE_MORNING
    clock.moment = ZONE_MORNING
    sending.work_off(channel)
    assert channel.said() == ["STORM", "A"]


def test_what_was_to_go_out_by_day_waits_for_the_morning_as_well(people: People, clock: HeldClock) -> None:
    """It was due before the quiet hours, and its channel was away, or its digest falls into them."""
    clock.moment = datetime(2026, 11, 23, 13, 25, tzinfo=UTC)  # 21:25
    quiet = {"quiet_from": "21:30", "quiet_until": "07:00"}
    who, other = (reachable(people.resident(), f"{name}@example.org", **quiet) for name in ("who", "other"))
    choose(other, {"channel": EMAIL, "on": True, "language": "en", "digest_hour": 22} | quiet)
    tell(who, "A", "B")
    tell(other, "C", concern="own")
    channel = Told()

    def refuse(_message: Message) -> None:
        raise Away("server_away")

    channel.before = refuse
    sending.work_off(channel)
    channel.before = lambda _message: None
    clock.moment = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)  # 22:05
    append([entry(who, "area", reference="STORM", urgent=True)])
    sending.work_off(channel)
    assert channel.said() == ["STORM"]
    assert {row.next_at for row in deliveries() if row.state == "waiting"} == {ZONE_MORNING}
    assert {row.attempts for row in deliveries() if row.state == "waiting"} == {0}, "that it is night is nobody's fault"
    assert not handing.is_due(EMAIL)
    clock.moment = ZONE_MORNING
    sending.work_off(channel)
    assert sorted(channel.said()) == ["A", "B", "C", "STORM"]


def test_a_digest_holds_all_but_the_outcome(people: People, clock: HeldClock) -> None:
    who = reachable(people.resident(), digest_hour=18)
    channel = Told()
    append([entry(who, concern, reference=name) for concern, name in (("own", "A"), ("outcome", "B"), ("joined", "C"))])
    sending.work_off(channel)
    assert channel.said() == ["B"]
    assert states() == ["digest", "sent", "digest"]
    clock.moment = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)  # 18:00
    tell(who, "D", concern="own")  # For tomorrow's.
    channel.before = after_first(dying)
    sending.work_off(channel)
    assert states() == ["sent", "sent", "sent", "digest"]
    digest = channel.messages[-1]
    assert digest.title == "Your daily digest: 2 updates"
    assert [line.split()[3] for line in digest.text.splitlines()] == ["A", "C"]
    assert digest.unsubscribe is not None
    clock.forward(days=1)
    channel.before = lambda _message: None
    sending.work_off(channel)
    assert channel.said()[-1] == "D", "one by itself is no list"


def test_a_digest_that_is_broken_off_stays_one_message(people: People, clock: HeldClock) -> None:
    who = reachable(people.resident(), digest_hour=18)
    tell(who, "A", "B", concern="own")
    clock.moment = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
    channel = Told(by_key=True)
    channel.after = dying
    broken_off(channel)
    tell(who, "C", concern="own")
    channel.after = lambda _message: None
    clock.forward(seconds=41)
    sending.work_off(channel)
    assert (len(channel.messages), states()) == (1, ["sent", "sent", "digest"])


@pytest.mark.parametrize(
    ("local", "quiet", "until"),
    [
        ("2026-11-23T21:59", (22 * 60, 7 * 60), "2026-11-23T21:59"),
        ("2026-11-23T22:00", (22 * 60, 7 * 60), "2026-11-24T07:00"),
        ("2026-11-24T06:59", (22 * 60, 7 * 60), "2026-11-24T07:00"),
        ("2026-11-24T07:00", (22 * 60, 7 * 60), "2026-11-24T07:00"),
        ("2026-11-23T13:00", (12 * 60, 14 * 60), "2026-11-23T14:00"),
        ("2026-11-23T14:00", (12 * 60, 14 * 60), "2026-11-23T14:00"),
        ("2026-11-23T11:00", (12 * 60, 14 * 60), "2026-11-23T11:00"),
        ("2026-11-23T11:00", (None, None), "2026-11-23T11:00"),
    ],
)
def test_quiet_hours_by_the_city_s_clock(local: str, quiet: tuple[int | None, int | None], until: str) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    moment = datetime.fromisoformat(local).replace(tzinfo=zone)
    assert out_of_quiet(moment, *quiet, zone) == datetime.fromisoformat(until).replace(tzinfo=zone)
    assert moment < next_digest(moment, 8, zone) <= moment + timedelta(days=1)


def test_no_note_of_the_desk_and_no_other_person_gets_out(way: Way, clock: HeldClock) -> None:
    """What is sent holds nothing that the feed does not: of the desk's notes nothing, of other people nothing."""
    reachable(way.author)
    submission = way.accepted()
    way.act(way.officer, submission, "accept", note="Canary: an inner word")
    way.act(way.officer, submission, "escalate", note="Canary: another inner word")
    channel = Told()
    while handing.is_due(EMAIL):
        sending.work_off(channel)
    said = " ".join(f"{one.title} {one.text} {one.short} {one.link}" for one in channel.messages)
    assert len(channel.messages) >= 5
    assert "Canary" not in said
    for somebody in (way.author, way.officer, way.moderator):
        assert somebody.account_id not in said
    entries = rows(select(FeedEntry.words, FeedEntry.values).order_by(FeedEntry.number))
    for row, message in zip(entries, channel.messages, strict=True):
        assert message.text.startswith(telling.text(row.words, "en", row.values))


def test_what_a_wrong_clock_has_put_off_is_sent_once_it_is_right(app: Flask) -> None:
    """Leases taken and messages planned two hours ahead; the end of quiet hours is waited for all the same."""
    ahead, held = now() + timedelta(hours=2), table(Delivery)
    append([entry(who, "outcome", reference="A") for who in reachable_crowd(4)])
    claimed, handed, planned, quiet = (row.id for row in deliveries())
    with transaction():
        execute(update(held).values(next_at=ahead))
        execute(update(held).where(held.c.id == claimed).values(attempts=1))
        execute(update(held).where(held.c.id == handed).values(attempts=1, state="handing_over"))
        execute(update(held).where(held.c.id == planned).values(id=first_id(ahead)))
    assert handing.set_right() == 3
    assert [row.id for row in deliveries() if row.next_at == ahead] == [quiet]
    assert handing.set_right() == 0


def test_what_thousands_hear_makes_way_after_each_message(app: Flask, people: People, clock: HeldClock) -> None:
    *crowd, who = reachable_crowd(sending.BATCH + 1)
    append([entry(one, "joined", reference="theirs") for one in crowd])
    channel = Told()

    def decide(message: Message) -> None:
        if len(channel.messages) == 2:
            append([entry(who, "outcome", reference="own")])

    channel.after = decide
    sending.work_off(channel)
    assert channel.said() == ["theirs"] * 2 + ["own"] + ["theirs"] * (sending.BATCH - 2)
    assert {row.attempts for row in deliveries()} == {1}, "what was given back has lost nothing"
