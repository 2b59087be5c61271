"""The only writer of areas and boundaries: takes them from files, lays demo areas, tells all who look points up."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
from sqlalchemy import bindparam, insert, text, update
from sqlalchemy.orm import Session

from participate.kernel.clock import now
from participate.kernel.db import AnyRow, Id, after_commit, transaction
from participate.kernel.errors import Fault, Invalid
from participate.kernel.ids import new_id
from participate.places import codes, lattice, locate, queries
from participate.places.area_files import AreaFile
from participate.places.boundaries import polygonal
from participate.places.drafts import Draft
from participate.places.models import Area, AreaBoundary

Progress = Callable[[int, int], None]
_BATCH = 2000  # areas: with those above them, fewer parameters than SQLite takes in one statement (32,766).

_MARK = "INSERT INTO places_revision (id, mark) VALUES (1, :mark) ON CONFLICT (id) DO UPDATE SET mark = "
_QUEUE = text(_MARK + "places_revision.mark").bindparams(bindparam("mark", type_=Id))
_ANNOUNCE = text(_MARK + "excluded.mark").bindparams(bindparam("mark", type_=Id))


@dataclass
class Counts:
    """What became of the areas given.

    `placeholders` are areas above them that nobody had named yet; they bear their code as name until somebody does.
    `redrawn` counts the new boundaries among the added and changed, `repaired` those that crossed themselves.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    placeholders: int = 0
    redrawn: int = 0
    repaired: int = 0


_COMMUNITY_DIGITS = 12


def import_areas(path: Path, on_progress: Progress | None = None) -> Counts:
    """Bring in the areas of a `.geojson` (polygons) or `.csv` (codes and names) file, all of them or none.

    What a file does not say stays as it is: a CSV leaves boundaries alone, areas that are in no file remain.
    `on_progress` is told areas done and areas in all. Raises Invalid with every fault in the file.
    """
    file = AreaFile(path)
    counts = store(file.drafts, on_progress)
    counts.repaired = file.repaired
    return counts


def seed_demo_areas(lat: float, lon: float) -> Counts:
    """Lay the synthetic demo district around a WGS-84 point, in degrees; a second time nothing changes."""
    return store(lattice.demo_district(lat, lon))


def lay_cells(community: str, over: str, side_m: float) -> Counts:
    """Lay a synthetic lattice of cells, `side_m` metres a side, below `community` over the boundary of area `over`.

    Raises Invalid where `over` has no boundary, or the lattice would take more cells than a community can have.
    """
    boundary = queries.boundary(over)
    if codes.significant(community) != community or len(community) != _COMMUNITY_DIGITS:
        raise Invalid(Fault("community", "area_code", (("value", community),)))
    if boundary is None:
        raise Invalid(Fault("over", "no_boundary"))
    return store(lattice.lay(community, polygonal(shapely.from_wkb(boundary)), side_m))


def store(drafts: Iterable[Draft], on_progress: Progress | None = None) -> Counts:
    """Keep these areas in one transaction; no code may come twice."""
    ordered = sorted(drafts, key=lambda draft: (len(draft.code), draft.code))
    counts = Counts()
    with transaction() as session:
        # Whoever stores at the same time waits here, and then sees what the first has stored.
        session.execute(_QUEUE, {"mark": new_id()})
        for start in range(0, len(ordered), _BATCH):
            _store_batch(session, ordered[start : start + _BATCH], counts)
            if on_progress:
                on_progress(min(start + _BATCH, len(ordered)), len(ordered))
        if counts.redrawn:
            session.execute(_ANNOUNCE, {"mark": new_id()})
            after_commit("places.expire", locate.locator().expire)
    return counts


def _store_batch(session: Session, batch: Sequence[Draft], counts: Counts) -> None:
    given = {draft.code for draft in batch}
    above = {code for draft in batch for code in codes.upward(draft.code)} - given
    known = {row.code: row for row in queries.kept(given | above)}
    placeholders = [Draft(code, code) for code in above if code not in known]
    added = [draft for draft in batch if draft.code not in known]
    changed = [draft for draft in batch if draft.code in known and _differs(draft, known[draft.code])]
    _add(session, placeholders + added)
    _change(session, changed, known)
    counts.redrawn += _draw(session, added + changed, known)
    counts.placeholders += len(placeholders)
    counts.added += len(added)
    counts.changed += len(changed)
    counts.unchanged += len(batch) - len(added) - len(changed)


def _differs(draft: Draft, row: AnyRow) -> bool:
    return (draft.name, draft.synthetic) != (row.name, row.synthetic) or _is_redrawn(draft, row)


def _is_redrawn(draft: Draft, row: AnyRow | None) -> bool:
    return draft.boundary is not None and (row is None or draft.boundary != row.wkb)


def _boundary_version(draft: Draft, row: AnyRow | None) -> int | None:
    """Which boundary is the present one once the draft is kept; versions count from 1."""
    before: int | None = row.boundary_version if row else None
    return (before or 0) + 1 if _is_redrawn(draft, row) else before


def _add(session: Session, drafts: Sequence[Draft]) -> None:
    if drafts:
        in_order = sorted(drafts, key=lambda draft: len(draft.code))  # a parent before its children.
        session.execute(insert(Area), [_new_row(draft) for draft in in_order])


def _new_row(draft: Draft) -> dict[str, Any]:
    return {
        "code": draft.code,
        "name": draft.name,
        "level": codes.level(draft.code),
        "parent": codes.parent(draft.code),
        "synthetic": draft.synthetic,
        "boundary_version": _boundary_version(draft, None),
    }


def _change(session: Session, drafts: Sequence[Draft], known: dict[str, AnyRow]) -> None:
    if drafts:
        session.execute(update(Area), [_changed_row(draft, known[draft.code]) for draft in drafts])


def _changed_row(draft: Draft, row: AnyRow) -> dict[str, Any]:
    return {
        "code": draft.code,
        "name": draft.name,
        "synthetic": draft.synthetic,
        "version": row.version + 1,
        "boundary_version": _boundary_version(draft, row),
    }


def _draw(session: Session, drafts: Sequence[Draft], known: dict[str, AnyRow]) -> int:
    """Append the boundaries that are new; returns how many."""
    since = now()
    new = [
        {"area_code": draft.code, "version": _boundary_version(draft, row), "wkb": draft.boundary, "valid_from": since}
        for draft in drafts
        if _is_redrawn(draft, row := known.get(draft.code))
    ]
    if new:
        session.execute(insert(AreaBoundary), new)
    return len(new)
