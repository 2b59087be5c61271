"""Every list there is, as the narrowest and the widest of its readers ask for it: first page, and a page far behind."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import orjson
from flask import Flask

from bench import prose
from bench.big.city import BIG, CITY, SMALL, STATION, box
from bench.lines import Line, getting
from bench.measure import Side, answer, asking
from participate.app import ROOMS
from participate.audit import queries as audit

SECONDS = 2.0  # for each line
_CALLS = 5
_FURTHEST = 40  # pages

# The queue has a city of its own: see `desk`.
DESK = (("queue", "moderator of the city", "/v1/moderation/queue"),)
_STATION = f"lat={STATION[0]}&lon={STATION[1]}&crs=wgs84"
_TYPED = f"q={quote('路灯不亮，晚上看不见')}&category={{category}}"
# Who asks, and for what. A page of five where a reader of the small city has only a handful before them.
ASKED: tuple[tuple[str, str, str], ...] = (
    ("own", "author", "/v1/me/submissions"),
    ("own updates", "author", "/v1/me/updates"),
    ("joined", "author", "/v1/me/joined"),
    ("followed", "author", "/v1/me/follows"),
    ("failed deliveries", "administrator of the city", "/v1/deliveries"),
    ("failed deliveries, small district", "administrator of a small district", "/v1/deliveries?limit=5"),
    ("deliveries of a submission", "dispatcher of the city", "/v1/submissions/{submission}/deliveries?limit=1"),
    ("webhooks", "administrator of the city", "/v1/webhooks"),
    ("own sessions", "author", "/v1/auth/sessions"),
    ("public", "", "/v1/submissions"),
    ("public by kind", "", "/v1/submissions?kind=snap_report"),
    ("public by rare kind", "", "/v1/submissions?kind=micro_consultation"),
    ("public by kind that never is", "", "/v1/submissions?kind=micro_service"),
    ("public by category", "", "/v1/submissions?category={category}"),
    ("public by rare category", "", "/v1/submissions?category={rare_category}"),
    ("public by absent category", "", "/v1/submissions?category=none"),
    ("public by state", "", "/v1/submissions?state=closed"),
    ("public by rare state", "", "/v1/submissions?state=in_verification"),
    ("public by absent state", "", "/v1/submissions?state=open"),
    ("public of the city", "", f"/v1/submissions?area={CITY}"),
    ("public of a big district", "", f"/v1/submissions?area={BIG}"),
    ("public of a small district", "", f"/v1/submissions?area={SMALL}"),
    ("public of a street", "", f"/v1/submissions?area={BIG}001"),
    ("public of nowhere", "", "/v1/submissions?area=11"),
    ("public lately changed", "", "/v1/submissions?updated_after={lately}"),
    ("public just changed", "", "/v1/submissions?updated_after={just_now}"),
    ("public around a district", "", f"/v1/submissions?bbox={box(10)}"),
    ("public around a street", "", f"/v1/submissions?bbox={box(1)}"),
    ("public around nowhere", "", "/v1/submissions?bbox=10,10,11,11"),
    ("public by frequent word", "", f"/v1/submissions?q={quote('路灯')}"),
    ("public by rarer word", "", f"/v1/submissions?q={quote(prose.ROADS[0])}&limit=5"),
    ("public by absent word", "", f"/v1/submissions?q={quote('月球旅行')}"),
    ("public by word of a small district", "", f"/v1/submissions?q={quote('路灯')}&area={SMALL}"),
    ("public by kind, state, district", "", f"/v1/submissions?kind=micro_proposal&state=closed&area={BIG}&limit=5"),
    ("nearby", "author", f"/v1/submissions/nearby?{_STATION}&limit=5"),
    ("nearby, alike", "author", f"/v1/submissions/nearby?{_STATION}&limit=5&{_TYPED}"),
    ("nearby, a whole page", "", f"/v1/submissions/nearby?{_STATION}&limit=20"),
    ("nearby, an ordinary street", "", "/v1/submissions/nearby?{street}&crs=wgs84&limit=1"),
    ("nearby, nowhere", "", "/v1/submissions/nearby?lat=10&lon=10&crs=wgs84"),
    ("timeline", "", "/v1/submissions/{submission}/timeline"),
    ("related", "", "/v1/submissions/{submission}/related"),
    ("appeals", "moderator of the city", "/v1/moderation/appeals"),
    ("overdue", "head of the city's desk", "/v1/moderation/overdue"),
    ("silent at the desk", "head of the city's desk", "/v1/moderation/silent"),
    ("overdue, small district", "head of a small district's desk", "/v1/moderation/overdue?limit=2"),
    ("batches", "moderator of the city", "/v1/moderation/decisions"),
    ("reasons", "moderator of the city", "/v1/moderation/reasons"),
    ("colleagues", "moderator of the city", "/v1/moderation/colleagues"),
    ("notes", "moderator of the city", "/v1/moderation/tasks/{task}/notes"),
    ("mentions", "moderator of the city", "/v1/moderation/mentions"),
    ("photos to look at", "moderator of the city", "/v1/moderation/photos"),
    ("photos to look at, small district", "moderator of a small district", "/v1/moderation/photos"),
    ("cases, mine", "officer", "/v1/cases?view=mine&limit=2"),
    ("cases, unit", "handler", "/v1/cases?view=unit"),
    ("cases, area, city", "dispatcher of the city", "/v1/cases?view=area"),
    ("cases, area, small district", "dispatcher of a small district", "/v1/cases?view=area&limit=5"),
    ("cases, overdue, city", "dispatcher of the city", "/v1/cases?view=overdue"),
    ("cases, overdue, small district", "dispatcher of a small district", "/v1/cases?view=overdue&limit=2"),
    ("cases, unrouted, city", "dispatcher of the city", "/v1/cases?view=unrouted"),
    ("cases, unrouted, small district", "dispatcher of a small district", "/v1/cases?view=unrouted&limit=1"),
    ("cases, left in silence", "dispatcher of the city", "/v1/cases?view=silent"),
    ("cases, held up by co-handlers", "dispatcher of the city", "/v1/cases?view=withheld"),
    ("cases, to be verified of what was found", "supervisor", "/v1/cases?view=sampled"),
    ("statements", "author", "/v1/consultations/{consultation}/statements"),
    ("rounds", "", "/v1/consultations/{consultation}/rounds"),
    ("statements to vote on", "author", "/v1/consultations/{consultation}/statements/next"),
    ("proposals", "", "/v1/proposals"),
    ("key proposals", "", "/v1/proposals?mark=key"),
    ("members", "", "/v1/members"),
    ("a member's ledger", "", "/v1/members/{member}/ledger"),
    ("broadcasts", "dispatcher of the city", "/v1/broadcasts"),
    ("cases, area, supervisor", "supervisor", "/v1/cases?view=area"),
    ("commitments", "", "/v1/commitments"),
    ("commitments that were missed", "", "/v1/commitments?overdue=true"),
    ("commitments of a big district", "", f"/v1/commitments?area={BIG}"),
    ("commitments that were kept", "", "/v1/commitments?state=ended"),
    ("commitments, mine", "officer", "/v1/commitments?mine=true&limit=1"),
    ("rectifications", "", "/v1/rectifications"),
    ("rectifications, watched", "supervisor", "/v1/rectifications?view=watched"),
    ("clues", "supervisor", "/v1/clues"),
    ("requests to learn who wrote it", "moderator of the city", "/v1/submissions/{supervision}/unmaskings"),
    ("updates by receipt", "", "/v1/receipts/{receipt}/updates"),
    ("visits", "officer", "/v1/visits?limit=1"),
    ("filed for others", "officer", "/v1/submissions/assisted"),
    ("calls, mine", "officer", "/v1/calls"),
    ("calls, city", "dispatcher of the city", "/v1/calls?view=area"),
    ("calls, late", "dispatcher of the city", "/v1/calls?view=late"),
    ("absences", "dispatcher of the city", "/v1/absences"),
    ("visits, city", "dispatcher of the city", "/v1/visits"),
    ("visits, small district", "dispatcher of a small district", "/v1/visits?limit=1"),
    ("visits of a cell", "dispatcher of the city", f"/v1/visits?cell={BIG}001001001&limit=1"),
    ("case's timeline", "dispatcher of the city", "/v1/cases/{case}/timeline"),
    ("children of an area", "", f"/v1/areas/{BIG}001/children"),
    ("schemes", "", "/v1/schemes"),
    ("categories", "", "/v1/categories"),
    ("categories of a major class", "", "/v1/categories?kind=component&major=C01&limit=5"),
    ("services", "", "/v1/services"),
    ("units", "", "/v1/units"),
)


@dataclass(frozen=True)
class Service:
    """The service on one of the databases: tokens by reader, and what its own rows are called."""

    app: Flask
    tokens: dict[str, str]
    names: dict[str, str]


def without_a_line(app: Flask) -> set[str]:
    """The endpoints of `app` that answer with a page of items and that nobody asks for, here or at the desk."""
    lists = {
        f"{room.name}.{view}"
        for room in ROOMS
        for view, route in room.routes.items()
        if route.answer and {"items", "next"} <= route.answer._declared_fields.keys()
    }
    readable = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    found = app.url_map.bind("localhost")
    asked = {found.match(path.format_map(_ANY).partition("?")[0])[0] for _, _, path in (*ASKED, *DESK)}
    return (lists & readable) - asked


class _Any(dict[str, str]):
    """Something for every name."""

    def __missing__(self, name: str) -> str:
        return "00000000-0000-7000-8000-000000000000"


_ANY = _Any()


def lines(big: Service, small: Service) -> Iterator[Line]:
    """Each list at `big` beside the same at `small`: both pages hold as many items."""
    for name, reader, path in ASKED:
        yield from both_ends(f"list {name}", big, small, reader, path)
    yield Line("list audit trail by time", *(_auditing(service) for service in (big, small)), _CALLS)
    yield Line("list audit trail by subject", *(_auditing(service, True) for service in (big, small)), _CALLS)


def both_ends(name: str, big: Service, small: Service, reader: str, path: str) -> Iterator[Line]:
    """The first page of a list, and one far behind if there is one at both."""
    yield _line(name, big, small, reader, path)
    cursors = [_far(service, reader, path) for service in (big, small)]
    if all(cursors):
        yield _line(f"{name}, far behind", big, small, reader, path, *cursors)


def _line(name: str, big: Service, small: Service, reader: str, path: str, *cursors: str | None) -> Line:
    sides, items = list[Side](), list[int]()
    for service, cursor in zip((big, small), cursors or (None, None), strict=True):
        request = getting(_at(service, path, cursor), service.tokens[reader])
        status, _, body = answer(service.app, request())
        assert status == 200, f"{name}: {status} {body[:300]!r}"
        items.append(len(orjson.loads(body)["items"]))
        sides.append(asking(service.app, request, 200))
    assert len(set(items)) == 1, f"{name}: {items[0]} items of the many, {items[1]} of the few"
    return Line(name, *sides, _CALLS)


def _at(service: Service, path: str, cursor: str | None) -> str:
    path = path.format_map(service.names)
    return f"{path}{'&' if '?' in path else '?'}cursor={cursor}" if cursor else path


def _far(service: Service, reader: str, path: str) -> str | None:
    """The cursor of the last page within _FURTHEST that has another behind it: a full one."""
    cursors = [None, *_walked(service, reader, path)]
    return next((before for before, _ in reversed(list(pairwise(cursors)))), None)


def _walked(service: Service, reader: str, path: str) -> Iterator[str]:
    cursor = None
    for _ in range(_FURTHEST):
        request = getting(_at(service, path, cursor), service.tokens[reader])
        cursor = orjson.loads(answer(service.app, request())[2])["next"]
        if cursor is None:
            return
        yield cursor


def _auditing(service: Service, about_one: bool = False) -> Side:
    """The trail has no route yet; auditors' pages will be these."""
    read: Callable[[], dict[str, Any]] = lambda: audit.by_time(20)  # noqa: E731
    if about_one:
        read = lambda: audit.by_subject("submission", service.names["unmasked"], 20)  # noqa: E731

    def prepare(calls: int) -> Callable[[], None]:
        def run() -> None:
            for _ in range(calls):
                with service.app.app_context():
                    assert read()["items"]

        return run

    return prepare
