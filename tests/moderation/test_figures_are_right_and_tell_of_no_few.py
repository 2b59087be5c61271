"""Figures of the desk are what a plain recount finds, and say nothing from which fewer than five could be told."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import median, quantiles
from typing import Any

import pytest

from participate.kernel import disclosure
from participate.kernel.ids import new_id
from participate.moderation.queries import figures as queries
from tests.moderation.desk_rows import DeskRows
from tests.people import Person
from tests.steps import Way, code_of

PATH = "/v1/moderation/figures"
BEGIN, END = datetime(2026, 8, 1, tzinfo=UTC), datetime(2026, 9, 1, tzinfo=UTC)
PERIOD = "since=2026-08-01T00:00:00Z&until=2026-09-01T00:00:00Z"
MODERATORS = [new_id() for _ in range(4)]
Row = dict[str, Any]


@pytest.fixture
def desk(way: Way) -> DeskRows:
    return DeskRows(way.hand_in("micro_suggestion"), way.author.account_id)


@pytest.fixture
def laid(desk: DeskRows) -> list[Row]:
    """Some 150 decisions, some of them on appeals, of four moderators in three streets."""
    dice, tasks = Random(7), list[Row]()
    for n in range(150):
        opened = BEGIN + timedelta(hours=4 * n, seconds=dice.randrange(3600))
        decision = dice.choices(("accept", "return", "reject", "merge"), (60, 20, 30, 5))[0]
        columns: Row = {
            "decision": decision,
            "reason": {"accept": None, "merge": "duplicate"}.get(decision, dice.choice(("unclear", "other"))),
            "decided_by": dice.choices(MODERATORS, (50, 40, 30, 3))[0],
            "area": dice.choice(("990101001001001", "990101002001001", "990101003", None)),
        }
        questioned = [task for task in tasks if task["decision"] == "reject" and "questioned" not in task]
        if questioned and n % 6 == 0:
            questioned[0]["questioned"] = True
            columns |= {"purpose": "appeal", "reviews": questioned[0]["id"], "area": questioned[0]["area"]}
        tasks.append(desk.lay(opened, dice.expovariate(1 / 40), **columns))
        if n % 5 == 0:
            opinion = dice.choice((decision, "accept"))
            desk.opinion(tasks[-1], opinion)
            tasks[-1]["opinion"] = opinion
    desk.lay(BEGIN - timedelta(days=1), 5)
    desk.lay(END, 5)
    return tasks


def figures(who: Person, by: str, period: str = PERIOD) -> dict[str, Any]:
    answer = who.get(f"{PATH}?by={by}&{period}")
    assert answer.status_code == 200, answer.get_json()
    found: dict[str, Any] = answer.get_json()
    return found


def group_of(task: Row, by: str) -> str | None:
    column = {"moderator": "decided_by"}.get(by, by)
    value: str | None = task[column]
    return value[:9] if value and by == "area" else value


def spread(tasks: Iterable[Row]) -> list[float]:
    minutes = sorted((task["decided_at"] - task["opened_at"]).total_seconds() / 60 for task in tasks)
    q1, _, q3 = quantiles(minutes, n=4, method="inclusive")
    return [round(value, 1) for value in (median(minutes), q1, q3)]


@pytest.mark.parametrize("by", ["moderator", "reason", "area", "decision"])
def test_they_are_what_a_plain_recount_finds(way: Way, laid: list[Row], by: str) -> None:
    groups, by_id = defaultdict[str | None, list[Row]](list), {task["id"]: task for task in laid}
    appeals = defaultdict[str | None, list[bool]](list)
    for task in laid:
        groups[group_of(task, by)].append(task)
        if task["reviews"]:
            appeals[group_of(by_id[task["reviews"]], by)].append(task["decision"] != "reject")
    found = figures(way.people.staff("desk_head"), by)
    assert {group["group"] for group in found["groups"]} == set(groups)
    said = [group for group in found["groups"] if group["n"] is not None]
    assert len(said) >= 2
    for group in said:
        tasks, overturned = groups[group["group"]], appeals[group["group"]]
        assert group["n"] == len(tasks)
        assert [group["minutes"][name] for name in ("median", "q1", "q3")] == spread(tasks)
        counts = {name: sum(task["decision"] == name for task in tasks) for name in group["decisions"]}
        assert {name: n for name, n in group["decisions"].items() if n is not None}.items() <= counts.items()
        if group["appeals"]["n"] is not None:
            assert (group["appeals"]["n"], group["appeals"]["overturned"]) == (len(overturned), sum(overturned))
        opinions = [task["opinion"] == task["decision"] for task in tasks if "opinion" in task]
        if group["opinions"]["n"] is not None:
            assert (group["opinions"]["n"], group["opinions"]["agreed"]) == (len(opinions), sum(opinions))
    whole = found["all"]
    assert (whole["n"], whole["appeals"]["n"]) == (150, sum(map(len, appeals.values())))
    assert [whole["minutes"][name] for name in ("median", "q1", "q3")] == spread(laid)
    assert whole["appeals"]["share"] == round(sum(map(sum, appeals.values())) / whole["appeals"]["n"], 4)


@pytest.mark.parametrize("by", ["moderator", "reason", "area", "decision"])
def test_no_count_tells_of_a_few_nor_does_what_is_left_of_a_sum(way: Way, laid: list[Row], by: str) -> None:
    found = figures(way.people.staff("auditor"), by)
    groups, whole = found["groups"], found["all"]
    columns = [[group["n"] for group in groups] + [whole["n"]]]
    columns += [[group[name]["n"] for group in groups] + [whole[name]["n"]] for name in ("appeals", "opinions")]
    columns += [
        [group["decisions"][name] for group in groups] + [whole["decisions"][name]] for name in whole["decisions"]
    ]
    columns += [[*group["decisions"].values(), group["n"]] for group in groups]
    for *parts, total in columns:
        assert not [n for n in parts if n is not None and 0 < n < 5]
        silent = sum(n is None for n in parts)
        if silent and total is not None:
            assert silent > 1
            left = total - sum(n for n in parts if n is not None)
            assert left == 0 or left >= 5
    for group in groups:
        if group["n"] is None:
            assert group["minutes"] is None
            assert {*group["decisions"].values(), *group["appeals"].values(), *group["opinions"].values()} == {None}


def test_of_a_few_nothing_is_said_at_all(way: Way, desk: DeskRows) -> None:
    for n in range(4):
        desk.lay(BEGIN, n, decided_by=MODERATORS[0])
    head = way.people.staff("desk_head")
    found = figures(head, "moderator")
    assert (found["all"]["n"], found["all"]["minutes"]) == (None, None)
    assert [group["n"] for group in found["groups"]] == [None]
    desk.lay(BEGIN, 5, decided_by=MODERATORS[0])
    assert figures(head, "moderator")["groups"][0]["n"] == 5


def test_the_next_smallest_goes_with_the_one_that_could_be_told() -> None:
    assert disclosure.hidden({"a": 3, "b": 50, "c": 9}) == {"a", "c"}
    assert disclosure.hidden({"a": 1, "b": 2, "c": 9, "d": 8}) == {"a", "b", "d"}
    assert disclosure.hidden({"a": 5, "b": 9, "c": 0}) == set()
    assert disclosure.hidden({"a": 3}) == {"a"}
    assert disclosure.hidden({"a": 3, "b": 0}) == {"a", "b"}


def test_in_a_table_no_line_gives_one_cell_away() -> None:
    dice = Random(3)
    for _ in range(200):
        cells = {(r, c): dice.choice((0, 0, 1, 3, 5, 8, 40)) for r in range(4) for c in range(4)}
        out = disclosure.hidden_cells(cells)
        assert out >= {cell for cell, n in cells.items() if 0 < n < 5}
        for side in (0, 1):
            for name in range(4):
                line = [cell for cell in cells if cell[side] == name]
                silent = [cell for cell in line if cell in out]
                assert not silent or len(silent) == 4 or (len(silent) > 1 and sum(cells[each] for each in silent) >= 5)


def test_each_sees_the_figures_of_their_scope(way: Way, desk: DeskRows) -> None:
    for n in range(12):
        desk.lay(BEGIN, n, area="990101001001001" if n < 7 else "990102001")
    assert figures(way.people.staff("desk_head"), "area")["all"]["n"] == 7
    assert figures(way.people.staff("desk_head", "990102"), "area")["all"]["n"] == 5
    assert figures(way.people.staff("auditor", ""), "area")["all"]["n"] == 12
    for who in (way.moderator, way.author, way.people.staff("admin")):
        assert code_of(who.get(PATH)) == (403, "role_lacking")


def test_a_period_has_an_end_and_is_no_longer_than_a_year(way: Way) -> None:
    head = way.people.staff("desk_head")
    for period in (
        "since=2026-08-02T00:00:00Z&until=2026-08-01T00:00:00Z",
        "since=2026-08-01T00:00:00Z&until=2026-08-01T00:00:00Z",
        "since=2025-08-01T00:00:00Z&until=2026-09-01T00:00:00Z",
        "until=0001-01-01T00:00:00Z",
        "since=0001-01-01T00:00:00Z&until=9999-12-31T00:00:00Z",
    ):
        assert code_of(head.get(f"{PATH}?{period}")) == (422, "invalid"), period
    found = head.get(PATH).get_json()
    since, until = (datetime.fromisoformat(found[name]) for name in ("since", "until"))
    assert until - since == timedelta(days=90)


@pytest.mark.usefixtures("laid")
def test_many_are_read_a_few_at_a_time(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    head = way.people.staff("desk_head")
    whole = figures(head, "moderator")
    queries._decided.cache_clear()
    monkeypatch.setattr(queries, "_AT_ONCE", 7)
    assert figures(head, "moderator") == whole
    queries._decided.cache_clear()
