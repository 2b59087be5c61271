"""The sides that are invited to a consultation: each is named, and who belongs to it is decided from what is stored.

To which sides somebody belonged is kept with what they state and vote, as a number whose bits stand for the sides in
their order; 0 is the open part. So a side keeps its place once anybody may have been counted in it.
"""

from collections.abc import Callable, Sequence
from typing import Any

from flask import current_app

from participate.accounts import queries as accounts
from participate.catalogue import queries as catalogue
from participate.kernel.auth import Caller
from participate.kernel.errors import Fault, Invalid
from participate.places import codes
from participate.places import queries as places

MOST = 12  # sides of a consultation
OPEN_PART = 0
_LIVES = "participate.living"  # Whether an account lives in an area, as far as it has said: from a room above this one.
Side = dict[str, Any]


def _lives(caller: Caller, side: Side) -> bool:
    lives: Callable[[str, str], bool] = current_app.extensions[_LIVES]
    return caller.account_id is not None and lives(caller.account_id, side["area"])


def _is_member(caller: Caller, side: Side) -> bool:
    """Whether the caller is a member for some of the side's area, or for more than that."""
    area = side["area"]
    return any(held.startswith(area) or area.startswith(held) for held in caller.areas("member"))


# Who belongs to a side, by its kind; what each kind names, besides, is its key in `_NAMES`.
_BELONGS: dict[str, Callable[[Caller, Side], bool]] = {
    "residents": _lives,
    "members": _is_member,
    "unit": lambda caller, side: side["unit"] in {grant.unit for grant in caller.grants},
    "experts": lambda caller, side: caller.account_id in side["accounts"],
}
KINDS = tuple(_BELONGS)
_NAMES = {"residents": "area", "members": "area", "unit": "unit", "experts": "accounts"}


def of(caller: Caller, sides: Sequence[Side]) -> int:
    """The sides to which the caller belongs now, as it is kept."""
    return sum(1 << place for place, side in enumerate(sides) if _BELONGS[side["kind"]](caller, side))


def numbers(held: int) -> list[int]:
    """Those sides by their numbers, from 1."""
    return [place + 1 for place in range(MOST) if held >> place & 1]


def by_name(sides: Sequence[Side]) -> set[str]:
    """The accounts of those who are invited as experts, members or a unit's staff; residents are too many to name."""
    found = set[str]()
    for side in sides:
        if side["kind"] == "experts":
            found |= accounts.in_use(side["accounts"])
        elif side["kind"] == "unit":
            found |= accounts.serving(side["unit"])
        elif side["kind"] == "members":
            found |= accounts.members_for(side["area"], [*codes.upward(side["area"]), ""])
    return found


def part_of(held: int) -> int:
    """In which part somebody is counted: the first of their sides, from 1, or the open part.

    In one alone, so that all parts add up, and what two of them have in common tells of nobody.
    """
    return (held & -held).bit_length()


def check(sides: Sequence[Side]) -> None:
    """Raises Invalid for what is lacking, does not belong to a side of that kind, or is not there."""
    faults = list[Fault]()
    for place, side in enumerate(sides):
        at, named = f"sides.{place}", _NAMES[side["kind"]]
        faults += [Fault(f"{at}.{name}", "unknown") for name in sorted(set(side) - {"kind", "name", named})]
        if named not in side:
            faults.append(Fault(f"{at}.{named}", "required"))
        elif not _is_there(named, side[named]):
            faults.append(Fault(f"{at}.{named}", "unknown_code"))
    if faults:
        raise Invalid(*faults)


def _is_there(named: str, value: Any) -> bool:
    if named == "area":
        return places.area(value) is not None
    if named == "unit":
        return bool(getattr(catalogue.unit(value), "active", False))
    return accounts.in_use(value) == set(value)


def keep_their_places(before: Sequence[Side], after: Sequence[Side]) -> bool:
    """Whether each side is where it was: who the named experts are may change, and further sides may come."""
    return [_terms(side) for side in after[: len(before)]] == [_terms(side) for side in before]


def _terms(side: Side) -> Side:
    return {name: side[name] for name in side if name != "accounts"}
