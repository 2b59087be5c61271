"""What the desk did in a month is there for everyone: right, without persons, and without small groups."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import median
from typing import Any

import pytest

from participate.kernel.ids import new_id
from participate.moderation.queries import report as queries
from tests.conftest import HeldClock
from tests.moderation.desk_rows import DeskRows
from tests.steps import Way, code_of

PATH = "/v1/moderation/report"
BEGIN = datetime(2026, 9, 30, 16, 0, tzinfo=UTC)  # October begins, in the city.
MODERATOR = new_id()
Row = dict[str, Any]


@pytest.fixture(autouse=True)
def _nothing_kept(way: Way) -> Iterator[None]:
    way.app.extensions.pop(queries._KEPT, None)
    yield
    way.app.extensions.pop(queries._KEPT, None)


@pytest.fixture
def laid(way: Way, clock: HeldClock) -> list[Row]:
    desk = DeskRows(way.hand_in("micro_suggestion"), way.author.account_id)
    dice, tasks = Random(11), list[Row]()
    for n in range(90):
        opened = BEGIN + timedelta(hours=8 * n, seconds=dice.randrange(3600))
        decision = dice.choices(("accept", "return", "reject"), (60, 20, 30))[0]
        reason = None if decision == "accept" else dice.choices(("unclear", "other", "abusive"), (20, 20, 2))[0]
        area = dice.choices(("990101001001001", "990102001", "990103001", None), (50, 30, 3, 10))[0]
        columns: Row = {"decision": decision, "reason": reason, "area": area, "decided_by": MODERATOR}
        rejected = [task for task in tasks if task["decision"] == "reject"]
        if rejected and n % 7 == 0:
            columns |= {"purpose": "appeal", "reviews": rejected[-1]["id"]}
        tasks.append(desk.lay(opened, dice.expovariate(1 / 120), **columns))
        if n % 3 == 0:
            tasks[-1]["flagged"] = n % 2 == 0
            desk.flag(tasks[-1], "no_area" if n % 30 else "place_far", n % 2 == 0)
    for other in (BEGIN - timedelta(days=2), BEGIN + timedelta(days=32)):
        desk.lay(other, 5)
    return [task for task in tasks if task["decided_at"] < BEGIN + timedelta(days=31)]


def report(way: Way, month: str = "2026-10", **headers: str) -> dict[str, Any]:
    answer = way.people.nobody().get(f"{PATH}?month={month}", headers=headers)
    assert answer.status_code == 200, answer.get_json()
    found: dict[str, Any] = answer.get_json()
    return found


def test_it_is_what_a_plain_recount_finds(way: Way, laid: list[Row]) -> None:
    found = report(way)
    looks = [task for task in laid if task["purpose"] == "look"]
    minutes = [(task["decided_at"] - task["opened_at"]).total_seconds() / 60 for task in looks]
    appeals = [task["decision"] != "reject" for task in laid if task["purpose"] == "appeal"]
    assert (found["decided"], found["received"]) == (len(laid), len(looks))
    assert found["decisions"] == {"merge": 0} | Counter(task["decision"] for task in laid)
    in_time = sum(task["decided_at"] <= task["due_at"] for task in looks) / len(looks)
    assert found["first_look"] == {
        "n": len(looks),
        "median_minutes": round(median(minutes), 1),
        "in_time": round(in_time, 4),
    }
    assert (found["appeals"]["n"], found["appeals"]["overturned"]) == (len(appeals), sum(appeals))
    counts = Counter((task["decision"], task["reason"]) for task in laid if task["reason"])
    for line in found["reasons"]:
        assert line["n"] in {None, counts[line["decision"], line["reason"]]}
    flags = {line["code"]: line for line in found["flags"]}
    assert flags["place_far"] == {"code": "place_far", "n": None, "borne_out": None, "share": None}
    assert flags["no_area"]["n"] == sum("flagged" in task for task in laid) - 3
    areas = Counter(task["area"] and task["area"][:6] for task in laid)
    for line in found["areas"]:
        assert line["decided"] in {None, areas[line["area"]]}


def test_it_tells_of_no_few_and_of_no_person(way: Way, laid: list[Row]) -> None:
    found = report(way)
    for part, total in (
        ([line["decided"] for line in found["areas"]], found["decided"]),
        ([line["received"] for line in found["areas"]], found["received"]),
        ([line["first_look"]["n"] for line in found["areas"]], found["first_look"]["n"]),
        ([line["appeals"]["n"] for line in found["areas"]], found["appeals"]["n"]),
        (list(found["decisions"].values()), found["decided"]),
    ):
        assert not [n for n in part if n is not None and 0 < n < 5]
        left = total - sum(n for n in part if n is not None)
        assert left == 0 or (left >= 5 and part.count(None) > 1)
    assert None in [line["decided"] for line in found["areas"]]
    assert not [line for line in found["reasons"] if line["n"] is not None and line["n"] < 5]
    text = json.dumps(found)
    assert MODERATOR not in text
    assert way.author.account_id not in text


def test_it_speaks_the_reader_s_language_and_is_not_sent_twice(way: Way, laid: list[Row]) -> None:
    labels = {
        tag: {line["label"] for line in report(way, **{"Accept-Language": tag})["reasons"]} for tag in ("zh", "en")
    }
    assert ("内容不清楚" in labels["zh"], "Cannot be understood" in labels["en"]) == (True, True)
    nobody = way.people.nobody()
    first = nobody.get(f"{PATH}?month=2026-10")
    assert first.headers["Cache-Control"] == "public, max-age=3600"
    again = nobody.get(f"{PATH}?month=2026-10", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_only_of_a_month_that_is_over(way: Way, clock: HeldClock) -> None:
    nobody = way.people.nobody()
    for month in ("2026-11", "2026-12", "2099-12"):
        answer = nobody.get(f"{PATH}?month={month}")
        assert (code_of(answer), answer.get_json()["errors"][0]["code"]) == ((422, "invalid"), "month_not_over")
    for query in ("", "?month=2026-13", "?month=0000-01", "?month=October", "?month=2026-1"):
        assert code_of(nobody.get(f"{PATH}{query}")) == (422, "invalid")
    clock.moment = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
    assert report(way, "2026-11")["decided"] == 0


def test_an_empty_month_is_told_too(way: Way, clock: HeldClock) -> None:
    found = report(way, "2001-01")
    assert (found["received"], found["decided"], found["areas"], found["reasons"]) == (0, 0, [], [])
    assert found["first_look"] == {"n": 0, "median_minutes": None, "in_time": None}
