"""HTTP: everyone sees who is a member, and what they do in that office."""

from typing import Any

from flask import Response

from participate.accounts import queries as accounts
from participate.kernel.api import Room
from participate.kernel.auth import OPTIONAL, caller
from participate.kernel.conditional import answer
from participate.kernel.paging import PageQuery, page
from participate.submissions.members import queries, schemas

members = Room("members", description="Members, and what they file, sign and take charge of")


@members.route("/members", door=OPTIONAL, query=PageQuery, answer=schemas.MemberList, also=(304,))
def list_members(query: dict[str, Any]) -> Response:
    """Who is a member."""
    return answer(accounts.members_listed(caller(), query["limit"], query["cursor"]))


@members.route(
    "/members/<id:account_id>/ledger",
    door=OPTIONAL,
    query=schemas.LedgerQuery,
    answer=schemas.MemberLedger,
    also=(304, 404),
)
def show_member_ledger(query: dict[str, Any], account_id: str) -> Response:
    """What a member has done: what is public of it, and to themselves all."""
    held = queries.member(account_id)
    statement, key = queries.listed(caller(), account_id, query["deed"])
    given = {"member": account_id}
    found = page(statement, (key,), queries.present, query["limit"], query["cursor"], descending=True, parameters=given)
    whose = {"member": {"id": held.id, "name": held.display_name}, "counts": queries.counts(caller(), account_id)}
    return answer(whose | found)
