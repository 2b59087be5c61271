"""Who runs a consultation sees signs that people were sent; no result depends on them, and no address is kept long."""

from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import select, update

from participate.accounts.models import Account
from participate.consultations import drawing, signs
from participate.consultations.models import Participant
from participate.kernel import deadlines
from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.db import execute, rows, table, transaction
from participate.kernel.ids import new_id
from participate.kernel.outbox import Fact
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import Way, code_of

CROWD = "203.0.113.9"


class Watched:
    """A consultation on which some neighbours voted over some days, and then a crowd from one address at once."""

    def __init__(self, way: Way, clock: HeldClock, neighbours: int = 6, crowd: int = 30) -> None:
        self.way, self.clock = way, clock
        residents = [way.people.resident() for _ in range(neighbours)]
        with transaction():
            old = {"created_at": now() - timedelta(days=90)}
            execute(update(Account).where(Account.id.in_([who.account_id for who in residents])).values(old))
        self.id = way.accepted("micro_consultation", details={"question": "几点熄灯？"})
        self.path = f"/v1/consultations/{self.id}"
        self.statement = str(way.author.post(f"{self.path}/statements", {"text": "九点半熄灯。"}).get_json()["id"])
        way.moderator.post(f"{self.path}/statements/{self.statement}/moves", {"move": "show"})
        for n, who in enumerate(residents):
            self.vote(who, "agree", f"198.51.100.{n}")
            clock.forward(hours=5)
        assert not any(sign["raised"] for sign in self.signs().values())
        for _ in range(crowd):
            self.vote(way.people.resident(), "disagree", CROWD)

    def vote(self, who: Person, vote: str, address: str) -> None:
        path = f"{self.path}/statements/{self.statement}/vote"
        answer = who.post(path, {"vote": vote}, environ_overrides={"REMOTE_ADDR": address})
        assert answer.status_code == 200, answer.get_json()

    def signs(self) -> dict[str, Any]:
        found = self.way.moderator.get(f"{self.path}/signs").get_json()
        return {sign["sign"]: sign for sign in found["signs"]}

    def results(self) -> bytes:
        return bytes(self.way.people.nobody().get(f"{self.path}/results").data)

    def drawn(self) -> bytes:
        """All that is computed of the votes, as it would be kept."""
        return orjson.dumps(
            drawing.draw(Fact(new_id(), "consultation.picture_due", "consultation", self.id, {}, now()))
        )


@pytest.fixture
def watched(way: Way, clock: HeldClock) -> Watched:
    return Watched(way, clock)


def test_signs_are_shown_with_their_numbers_and_reasons(watched: Watched) -> None:
    found = watched.signs()
    assert {name: (sign["raised"], sign["people"]) for name, sign in found.items()} == {
        "new_accounts": (True, 31),
        "same_address": (True, 30),
        "bursts": (True, 30),
    }
    assert [group["people"] for group in found["same_address"]["groups"]] == [30]
    (burst,) = found["bursts"]["groups"]
    assert burst["since"] <= watched.clock().isoformat().replace("+00:00", "Z") < burst["until"]
    assert "31 of 37" in found["new_accounts"]["why"]
    told = watched.way.moderator.get(f"{watched.path}/signs").get_data(as_text=True)
    (address,) = {row.address for row in rows(select(Participant.address).where(Participant.address.is_not(None)))} & {
        signs.hidden(watched.id, CROWD)
    }
    assert CROWD not in told
    assert address not in told
    assert signs.hidden(new_id(), CROWD) != address, "of another consultation it is another"


def test_results_are_the_same_with_and_without(watched: Watched) -> None:
    watched.clock.forward(seconds=61)
    deadlines.sweep()
    watched.way.work()
    shown, drawn = watched.results(), watched.drawn()
    assert all(sign["raised"] for sign in watched.signs().values())
    assert watched.results() == shown
    with transaction():  # Now nothing raises a sign.
        execute(table(Participant).update().values(address=None, at=None))
        execute(table(Account).update().values(created_at=now() - timedelta(days=90)))
    assert not any(sign["raised"] for sign in watched.signs().values())
    assert (watched.results(), watched.drawn()) == (shown, drawn)


def test_a_crowd_is_seen_also_where_nobody_else_has_come(way: Way, clock: HeldClock) -> None:
    watched = Watched(way, clock, neighbours=0, crowd=0)
    with transaction():
        execute(table(Participant).delete())
    for n in range(signs.CROWD):
        watched.vote(way.people.resident(), "agree", f"198.51.100.{n}")
    assert not watched.signs()["bursts"]["raised"], "it has opened just now"
    clock.forward(days=1)
    for n in range(signs.CROWD):
        watched.vote(way.people.resident(), "agree", f"192.0.2.{n}")
    found = watched.signs()
    assert [group["people"] for group in found["bursts"]["groups"]] == [signs.CROWD] * 2
    assert not found["same_address"]["raised"]


def test_only_who_runs_it_sees_them(watched: Watched) -> None:
    people = watched.way.people
    for who, status in ((people.resident(), 403), (people.nobody(), 401), (watched.way.dispatcher, 403)):
        assert who.get(f"{watched.path}/signs").status_code == status
    far = people.staff("moderator", "990102")
    assert code_of(far.get(f"{watched.path}/signs")) == (403, "move_not_yours")
    assert watched.way.moderator.get(f"/v1/consultations/{new_id()}/signs").status_code == 404


def test_an_address_is_kept_no_longer_than_it_is_needed(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signs, "STEP", 10)
    watched.clock.forward(days=settings().keep_addresses_days - 1)
    assert (signs.forget_addresses(), _kept()) == (3, 34)  # Of the author's and two neighbours' the time is over.
    watched.clock.forward(days=1, seconds=1)
    assert [signs.forget_addresses() for _ in range(5)] == [10, 10, 10, 4, 0]
    assert _kept() == 0
    watched.vote(watched.way.people.resident(), "pass", CROWD)
    assert _kept() == 1
    assert watched.way.move(watched.way.moderator, watched.id, "conclude", note="多数同意。").status_code == 200
    assert _kept() == 0


def _kept() -> int:
    return len(rows(select(Participant.account_id).where(Participant.address.is_not(None))))
