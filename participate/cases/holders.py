"""Who may be given a case, or a commitment of one."""

from typing import Any

from participate.accounts import queries as accounts
from participate.catalogue import queries as catalogue
from participate.kernel.errors import Fault, Invalid


def named(to: dict[str, Any], area: str | None) -> tuple[str | None, str | None]:
    """The account and the unit that `to` names, one of which is None. Raises Invalid for one that cannot handle it."""
    assignee, unit = to.get("assignee"), to.get("unit")
    if (assignee is None) == (unit is None):
        raise Invalid(Fault("to", "one_holder"))
    if assignee is not None and not accounts.handles(assignee, area):
        raise Invalid(Fault("to.assignee", "no_handler"))
    if unit is not None and catalogue.unit(unit) is None:
        raise Invalid(Fault("to.unit", "unknown_code"))
    return assignee, unit
