"""What is open near a place, or was closed lately: shown while somebody still types, so that they may join it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Float, bindparam, func, select, union_all

from participate.kernel.auth import Caller
from participate.kernel.clock import now
from participate.kernel.db import AnyRow, AnySelect, Id, is_sqlite, rows, table
from participate.kernel.errors import Missing
from participate.photos.alike_models import PhotoLikeness
from participate.photos.models import Photo
from participate.places.coordinates import Point, metres, metres_per_degree, to_wgs84
from participate.submissions import likely, squares, views
from participate.submissions.models import Submission
from participate.submissions.queries import LISTED, seen
from participate.submissions.search import normal
from participate.submissions.tiles import tiles_around

WITHIN_METRES = 200
CLOSED_KEPT = timedelta(days=14)
_COMPARED = 300  # characters of a text
_TYPED = 100  # characters of a body, where there is no title: as much as somebody has typed of theirs
MOST_RELATED, _LOOKED_AT = 10, 50
_ALIKE = 0.25  # The share of what is typed that a text holds, from which it is called alike.
# Places count as they are shown: exact ones could be told from the distances to three points.
_FINE = 10**views.PUBLIC_DECIMALS
_HALF_ROUND = 180 * _FINE
_OVER = ("rejected", "merged", "withdrawn", "closed")


@dataclass(frozen=True)
class Near:
    """A submission near by: how far, alike in what, and what share of the pairs of letters typed it holds."""

    row: AnyRow
    away: float
    alike: tuple[str, ...]
    likeness: float | None


def near(caller: Caller, asked: dict[str, Any]) -> list[Near]:
    """What lies near `lat`, `lon` in `crs` and all may see, or is the caller's own; nearest first, at most `limit`.

    Raises Missing for a photo that is not the caller's own, and Invalid for what is no place.
    """
    place = to_wgs84(asked["lat"], asked["lon"], asked["crs"])
    photographed = _alike_in(caller.account_id, asked["photo_id"]) if "photo_id" in asked else set[str]()
    return _around(place, asked, photographed, caller.account_id)


def related(caller: Caller, submission_id: str) -> list[Near]:
    """What all may see near a submission that is alike in more than its place; what is alike in most comes first.

    Raises Missing where the caller may not see the submission.
    """
    row = seen(caller, submission_id)
    if row.lat is None:
        return []
    place = Point(round(row.lat, views.PUBLIC_DECIMALS), round(row.lon, views.PUBLIC_DECIMALS))
    alike = {each.id for each in likely.alike(caller, submission_id) if each.public}
    like = {"category": row.category, "q": row.title or row.body[:_TYPED], "limit": _LOOKED_AT}
    others = [each for each in _around(place, like, alike, None) if each.row.id != submission_id]
    found = [each for each in others if len(each.alike) > 1]
    return sorted(found, key=lambda each: (-len(each.alike), each.away, each.row.id))[:MOST_RELATED]


def _around(place: Point, asked: dict[str, Any], photographed: set[str], account_id: str | None) -> list[Near]:
    tiles = tiles_around(place.lat, place.lon, WITHIN_METRES)[: squares.MOST]
    statement = _nearest(len(tiles), is_sqlite(), account_id is not None, bool(photographed))
    given = squares.named(tiles) | _measured_from(place) | {"me": account_id, "photographed": [*photographed]}
    given |= {"since": now() - CLOSED_KEPT, "most": asked["limit"]}
    typed = _pairs(asked.get("q", ""))
    found = [_judged(row, place, asked.get("category"), typed, photographed) for row in rows(statement, given)]
    return sorted((each for each in found if each.away <= WITHIN_METRES), key=lambda each: (each.away, each.row.id))


_OTHER_TABLE = table(Photo).alias("other")
_OTHER = _OTHER_TABLE.c
_ALIKE_IN = (
    select(_OTHER.subject_id)
    .select_from(Photo)
    .outerjoin(PhotoLikeness, PhotoLikeness.photo_id == Photo.id)
    .outerjoin(_OTHER_TABLE, (_OTHER.id == PhotoLikeness.other_id) & (_OTHER.purpose == "report"))
    .where(Photo.id == bindparam("id"), Photo.owner_id == bindparam("me"))
)


def _alike_in(account_id: str | None, photo_id: str) -> set[str]:
    """The submissions with an earlier photo that looks like the account's own."""
    found = rows(_ALIKE_IN, {"id": photo_id, "me": account_id}) if account_id else []
    if not found:
        raise Missing
    return {row.subject_id for row in found} - {None}


def _measured_from(place: Point) -> dict[str, float]:
    north, east = metres_per_degree(place.lat)
    return {"lat": place.lat * _FINE, "lon": place.lon * _FINE, "north": north / _FINE, "east": east / _FINE}


@lru_cache(maxsize=256)
def _nearest(count: int, one_by_one: bool, with_own: bool, with_photos: bool) -> AnySelect:
    """The nearest `most` of those in so many squares, and of some besides: bounded wherever it is."""
    found = union_all(*squares.shown(count, one_by_one), *_besides(with_own, with_photos)).subquery()
    south_north = (func.round(found.c.lat * _FINE) - _number("lat")) * _number("north")
    turn = func.abs(func.round(found.c.lon * _FINE) - _number("lon"))
    west_east = (_HALF_ROUND - func.abs(turn - _HALF_ROUND)) * _number("east")
    away = (south_north * south_north + west_east * west_east).label("away")
    # Distinct, since what has a photo alike is mostly one of the newest as well.
    ranked = select(found.c.id, away).where(away <= (WITHIN_METRES + 1) ** 2).distinct()
    nearest = ranked.order_by(away, found.c.id).limit(bindparam("most")).subquery()
    text = Submission.title, func.substr(Submission.body, 1, _COMPARED).label("body")
    return select(*LISTED, Submission.joined, text[1]).join(nearest, nearest.c.id == Submission.id)


def _number(name: str) -> Any:
    return bindparam(name, type_=Float)


def _besides(with_own: bool, with_photos: bool) -> Iterator[AnySelect]:
    """The caller's own that not all see yet, and what a photo says is the same, however old it is."""
    held = Submission
    if with_own:
        latest = select(*squares.PLACED, held.public, held.state).where(held.author_id == bindparam("me", type_=Id))
        own = latest.order_by(held.id.desc()).limit(squares.OPEN_OF_EACH).subquery()
        yield select(own.c.id, own.c.lat, own.c.lon).where(own.c.public.is_(False), own.c.state.not_in(_OVER))
    if with_photos:
        among = held.id.in_(bindparam("photographed", expanding=True, type_=Id))
        yield select(*squares.PLACED).where(among, *squares.IS_OPEN)


def _judged(row: AnyRow, place: Point, category: str | None, typed: set[str], photographed: set[str]) -> Near:
    """In what the submission is alike."""
    here = Point(round(row.lat, views.PUBLIC_DECIMALS), round(row.lon, views.PUBLIC_DECIMALS))
    likeness = round(len(typed & _pairs(f"{row.title or ''} {row.body}")) / len(typed), 2) if typed else None
    alike = {
        "place": True,
        "category": category is not None and row.category == category,
        "photo": row.id in photographed,
        "text": likeness is not None and likeness >= _ALIKE,
    }
    return Near(row, metres(place, here), tuple(name for name, is_so in alike.items() if is_so), likeness)


def _pairs(text: str) -> set[str]:
    """Its pairs of neighbouring letters, whatever stands between them."""
    plain = "".join(filter(str.isalnum, normal(text)))
    return set(map(str.__add__, plain, plain[1:]))


def present(found: Near) -> dict[str, Any]:
    """One of them as the API shows it."""
    return views.in_list(found.row) | {
        "distance_m": round(found.away),
        "alike": list(found.alike),
        "likeness": found.likeness,
        "affected": 1 + found.row.joined,
    }
