"""Who reads what only those do who handle a matter."""

from participate.cases import queries
from participate.cases.cohandlers import queries as cohandling
from participate.cases.guards import ASSIGNEE
from participate.kernel.auth import Caller
from participate.kernel.scopes import roles_for
from participate.submissions import queries as submissions


def handles(caller: Caller, submission_id: str) -> bool:
    """Whether the caller handles the submission now: who moderates it until it has a case, then who has that."""
    if not caller.grants:
        return False
    case = queries.of_submission(submission_id)
    if case is None:
        return "moderator" in roles_for(caller, submissions.brief(submission_id).area)
    return ASSIGNEE in queries.actor(caller, case).roles or cohandling.joins(caller, submission_id)
