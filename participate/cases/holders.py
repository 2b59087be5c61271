"""Who may be given a case, or a commitment of one."""

from collections.abc import Collection
from typing import Any

from participate.accounts import queries as accounts
from participate.catalogue import queries as catalogue
from participate.kernel.auth import Caller
from participate.kernel.errors import Fault, Invalid
from participate.kernel.scopes import roles_for
from participate.submissions import queries as submissions
from participate.submissions.kinds import SEALED
from participate.submissions.supervisions.barring import is_barred


def _named(to: dict[str, Any], area: str | None) -> tuple[str | None, str | None]:
    """The account and the unit that `to` names, one of which is None. Raises Invalid for one that cannot handle it."""
    assignee, unit = to.get("assignee"), to.get("unit")
    if (assignee is None) == (unit is None):
        raise Invalid(Fault("to", "one_holder"))
    if assignee is not None and not accounts.handles(assignee, area):
        raise Invalid(Fault("to.assignee", "no_handler"))
    if unit is not None and not getattr(catalogue.unit(unit), "active", False):
        raise Invalid(Fault("to.unit", "unknown_code"))
    return assignee, unit


def holder(to: dict[str, Any], case: Any, author: str | None) -> tuple[str | None, str | None]:
    """The account and the unit that `to` names, one of which is None, to have `case`, whoever names them.

    Raises Invalid for one that cannot, and for its author; what is sealed stays with supervisors.
    """
    if case.kind == SEALED:
        return colleague(to, case, {author}), None
    account, unit = _named(to, case.area)
    if account is not None and account == author:
        raise Invalid(Fault("to.assignee", "no_handler"))
    return account, unit


def colleague(to: dict[str, Any], case: Any, but: Collection[str | None]) -> str:
    """The account that `to` names, who could hold `case` as its holder does. Raises Invalid for others, and for `but`.

    What is sealed stays with supervisors, of whom none is one from whom it is kept; what a unit has with its handlers.
    """
    account = to.get("assignee")
    if account is None or to.get("unit") is not None:
        raise Invalid(Fault("to.assignee", "required"))
    found = accounts.grantee(account)
    roles = roles_for(found, case.area, case.unit) if found else frozenset[str]()
    fit = {"supervisor"} if case.kind == SEALED else {"handler"} if case.unit else set(accounts.HANDLING)
    if account in but or not roles & fit or _is_barred(found, case):
        raise Invalid(Fault("to.assignee", "no_handler"))
    return str(account)


def _is_barred(found: Caller | None, case: Any) -> bool:
    """Whether the case is sealed, and kept from the account."""
    return found is not None and case.kind == SEALED and is_barred(found, case.submission_id)


def asker(case: Any) -> str | None:
    """The account that has handed the case's submission in and so does not handle it; nobody where an officer found it.

    What they find is their work, which somebody else verifies.
    """
    return None if case.found else str(submissions.brief(case.submission_id).author_id)


def partner(to: dict[str, Any], case: Any, author: str | None) -> tuple[str | None, str | None]:
    """The account and the unit that `to` names, one of which is None, to handle `case` besides its holder.

    Raises Invalid for one that cannot, has it already, or has handed it in; what is sealed stays with supervisors.
    """
    account, unit = holder(to, case, author)
    if account is not None and account == case.assignee:
        raise Invalid(Fault("to.assignee", "no_handler"))
    if unit is not None and unit == case.unit:
        raise Invalid(Fault("to.unit", "has_it_already"))
    return account, unit
