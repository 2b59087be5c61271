"""No flag changes because of what lies in another district, or of what its reader may not see."""

from typing import Any

from participate.kernel.ids import new_id
from tests.moderation.screening_steps import LONG, THERE, flags, two_districts
from tests.steps import ELSEWHERE, HERE, Way


def sent(way: Way, kind: str = "micro_suggestion", **fields: Any) -> str:
    return way.hand_in(kind, **{"by": way.people.resident(), "body": LONG} | fields)


def test_what_was_sent_in_elsewhere_raises_no_flag_here(way: Way) -> None:
    other = two_districts(way)
    for _ in range(6):
        sent(way, place=THERE, by=way.author)
    assert "repeated_text" in flags(way, sent(way, place=THERE), by=other)
    assert flags(way, sent(way, place=HERE, by=way.author)) == {}


def test_once_it_is_public_it_may_be_told_of(way: Way) -> None:
    other = two_districts(way)
    first = sent(way, place=THERE)
    assert way.decide(first, "accept", by=other).status_code == 200
    reference = way.author.get(f"/v1/submissions/{first}").get_json()["reference"]
    assert reference in flags(way, sent(way))["repeated_text"]


def test_what_lies_nowhere_is_on_all_desks_and_may_be_told_of(way: Way) -> None:
    sent(way, place=ELSEWHERE)
    assert "repeated_text" in flags(way, sent(way))


def test_where_somebody_is_watched_only_who_watches_the_same_is_told_of(way: Way) -> None:
    """A moderator of the unit does not see it; so no flag that they see may tell of it."""
    units = [new_id(), new_id()]
    watched = [sent(way, "micro_supervision", details={"watched_unit": unit}) for unit in units]
    assert "repeated_text" not in flags(way, sent(way))
    assert "repeated_text" not in flags(way, watched[1])
    assert "repeated_text" in flags(way, sent(way, "micro_supervision", details={"watched_unit": units[0]}))
