"""Where a case goes: the level that an area's code names, and the officer nearest to a place."""

from participate.accounts import queries as accounts
from participate.kernel.auth import Caller
from participate.submissions.kinds import KINDS
from participate.submissions.supervisions.barring import is_barred

# How many digits an area's code has at each level; a cell belongs to its community.
_DIGITS = {1: 12, 2: 9, 3: 6, 4: 4}
DISTRICT = 3


def level_of(area: str | None) -> int:
    """The level that handles first what lies in `area`; the district where nobody knows."""
    if area is None:
        return DISTRICT
    return next((level for level, digits in _DIGITS.items() if len(area) >= digits), 4)


def area_at(area: str, level: int) -> str:
    """The area of `level` that holds `area`."""
    return area[: _DIGITS[level]]


def reach_above(caller: Caller, area: str | None, level: int) -> str | None:
    """The nearest area above `level` around `area` where the caller dispatches or supervises; None without one."""
    if area is None:
        return None
    over = {level_of(scope) for scope in caller.areas("dispatcher", "supervisor") if area.startswith(scope)}
    return next((area_at(area, each) for each in sorted(over) if each > level), None)


def officer_for(kind: str, place: str | None, author: str, sealed: str | None = None) -> str | None:
    """The account that handles this kind in the smallest scope around the place.

    Never the author themself, nor anybody from whom the submission `sealed` is kept.
    """
    role = KINDS[kind].handled_by
    if role is None or place is None:
        return None
    around = [place[:digits] for digits in (18, 15, 12, 9, 6, 4) if len(place) >= digits]
    # An officer answers for the cell alone; a supervisor for everything in their area.
    scopes = around[:1] if role == "grid_officer" else around
    found = (account for _area, account in accounts.holders(role, scopes) if account != author)
    return next((each for each in found if sealed is None or not _is_barred(each, sealed)), None)


def _is_barred(account: str, submission_id: str) -> bool:
    found = accounts.grantee(account)
    return found is None or is_barred(found, submission_id)
