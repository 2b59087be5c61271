"""What rules name must be there: a class or category, a condition, an area or a part of one."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from participate.catalogue import queries as catalogue
from participate.kernel.errors import Fault
from participate.places import queries as places

Rules = Sequence[dict[str, Any]]


def unknown(rules: Rules) -> Iterator[Fault]:
    """A fault for each code that no rule can ever be met by, since nothing is called so or begins so.

    Codes are asked for once, and only those of a sort that a rule names.
    """
    yield from _faults(rules, "categories", catalogue.category_codes, _begins)
    yield from _faults(rules, "conditions", catalogue.condition_codes, _is_there)
    yield from _faults(rules, "areas", places.all_codes, _begins)


def _faults(
    rules: Rules,
    name: str,
    there: Callable[[], list[str]],
    fits: Callable[[Sequence[str], str], bool],
) -> Iterator[Fault]:
    named = [(n, m, code) for n, rule in enumerate(rules) for m, code in enumerate(rule["when"].get(name, []))]
    fit = partial(fits, there()) if named else bool
    yield from (Fault(f"rules.{n}.when.{name}.{m}", "unknown_code") for n, m, code in named if not fit(code))


def _begins(codes: Sequence[str], code: str) -> bool:
    """Whether one of the codes, in order, begins with `code`: a rule for a class or area holds for all below."""
    position = bisect_left(codes, code)
    return position < len(codes) and codes[position].startswith(code)


def _is_there(codes: Sequence[str], code: str) -> bool:
    position = bisect_left(codes, code)
    return position < len(codes) and codes[position] == code
