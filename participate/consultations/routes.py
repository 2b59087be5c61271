"""HTTP: people state and vote, moderators let statements in and say what comes of it, everyone sees how it stands."""

from functools import partial
from typing import Any

from flask import Response

from participate.consultations import clusters, outcome, queries, rounds, service, sides, signs
from participate.consultations.schemas import clusters as pointed
from participate.consultations.schemas import results, statements
from participate.consultations.schemas import rounds as held
from participate.consultations.workflow import MODERATOR
from participate.kernel.api import Room
from participate.kernel.auth import OPTIONAL, SIGNED_IN, account, caller, staff
from participate.kernel.conditional import answer, wanted_version
from participate.kernel.errors import Forbidden
from participate.kernel.overload import EXPORT, LIST
from participate.kernel.paging import PageQuery, page
from participate.kernel.problems import language
from participate.kernel.rates import address

consultations = Room("consultations", description="Statements, votes, groups of opinion, and what comes of them")
_ID = "/consultations/<id:consultation_id>"
_STATEMENT = f"{_ID}/statements/<id:statement_id>"
_ROUND = f"{_ID}/rounds/<id:round_id>"
NEXT = 5  # statements that are put to somebody at one go


@consultations.route(
    f"{_ID}/statements", door=OPTIONAL, query=statements.StatementQuery, answer=statements.StatementList, also=(304,)
)
def list_statements(consultation_id: str, query: dict[str, Any]) -> Response:
    """The statements that are voted on, oldest first; the caller's own; or what waits, for who moderates here."""
    me, view = caller(), query["view"]
    row = queries.consultation(me, consultation_id)
    who = queries.actor(me, row)
    if view in {"waiting", "refused"} and not who.roles:
        raise Forbidden("move_not_yours")
    statement = queries.OWN if view == "own" else queries.LISTED
    given = {"consultation": row.id, "state": view, "me": me.account_id}
    given = {name: given[name] for name in given if name != "state" or view != "own"}
    present = partial(queries.present, caller=me, who=who)
    return answer(page(statement, queries.KEYS, present, query["limit"], query["cursor"], parameters=given))


@consultations.route(
    f"{_ID}/statements/next", door=SIGNED_IN, urgency=LIST, answer=statements.StatementList, also=(304,)
)
def list_next_statements(consultation_id: str) -> Response:
    """Up to five statements on which the caller has not voted yet, those first on which a vote matters most."""
    row = queries.consultation(caller(), consultation_id)
    found, who = queries.following(row.id, account(), NEXT), queries.actor(caller(), row)
    return answer({"items": [queries.present(each, caller(), who) for each in found], "next": None})


@consultations.route(
    f"{_ID}/statements",
    "POST",
    door=SIGNED_IN,
    body=statements.StatementBody,
    answer=statements.StatementShape,
    status=201,
    also=(409,),
)
def add_statement(consultation_id: str, body: dict[str, Any]) -> Response:
    """State something; others see it once a moderator has read it."""
    made = service.state_something(caller(), consultation_id, body["text"], address())
    return _shown(consultation_id, made, 201)


@consultations.route(
    f"{_STATEMENT}/vote",
    "POST",
    door=SIGNED_IN,
    body=statements.VoteBody,
    answer=statements.StatementShape,
    also=(409,),
)
def vote(consultation_id: str, statement_id: str, body: dict[str, Any]) -> Response:
    """Agree, disagree or pass; until the end one may think otherwise."""
    service.vote(caller(), consultation_id, statement_id, queries.VALUES[body["vote"]], address())
    return _shown(consultation_id, statement_id)


@consultations.route(
    f"{_STATEMENT}/moves",
    "POST",
    door=staff(MODERATOR),
    body=statements.StatementMoveBody,
    answer=statements.StatementShape,
    also=(409, 412),
)
def move_statement(consultation_id: str, statement_id: str, body: dict[str, Any]) -> Response:
    """Show a statement, or refuse it."""
    service.move_statement(caller(), consultation_id, statement_id, body["move"], body.get("note"), wanted_version())
    return _shown(consultation_id, statement_id)


@consultations.route(f"{_ID}/results", door=OPTIONAL, answer=results.ResultsShape, also=(304,))
def show_results(consultation_id: str) -> Response:
    """Groups of opinion, what each stands for, what all agree on, and what becomes of it."""
    row = queries.consultation(caller(), consultation_id)
    return answer(_results(row), row.version)


@consultations.route(
    f"{_ID}/outcome",
    "PATCH",
    door=staff(MODERATOR),
    body=results.ConsultationBody,
    answer=results.ResultsShape,
    also=(409, 412),
)
def settle_consultation(consultation_id: str, body: dict[str, Any]) -> Response:
    """Say who is invited, until when votes count, what becomes of the statements, and how it was talked over."""
    outcome.settle(caller(), consultation_id, body, wanted_version())
    row = queries.consultation(caller(), consultation_id)
    return answer(_results(row), row.version)


@consultations.route(f"{_ID}/rounds", door=OPTIONAL, query=PageQuery, answer=held.RoundList, also=(304,))
def list_rounds(consultation_id: str, query: dict[str, Any]) -> Response:
    """The rounds, in the order in which they open; those that are only planned for who moderates here."""
    row = queries.consultation(caller(), consultation_id)
    who = queries.actor(caller(), row)
    statement = queries.ROUNDS if who.roles else queries.TOLD_ROUNDS
    present, given = partial(queries.present_round, who=who), {"consultation": row.id}
    return answer(page(statement, queries.ROUND_KEYS, present, query["limit"], query["cursor"], parameters=given))


@consultations.route(
    f"{_ID}/rounds",
    "POST",
    door=staff(MODERATOR),
    body=held.RoundBody,
    answer=held.RoundShape,
    status=201,
    also=(409,),
)
def plan_round(consultation_id: str, body: dict[str, Any]) -> Response:
    """Plan another round; from the first on, statements and votes are taken in rounds alone."""
    return _round(consultation_id, rounds.plan(caller(), consultation_id, body), 201)


@consultations.route(_ROUND, door=OPTIONAL, answer=held.RoundShape, also=(304,))
def show_round(consultation_id: str, round_id: str) -> Response:
    """A round, with the papers that are to be read before."""
    return _round(consultation_id, round_id)


@consultations.route(
    f"{_ROUND}/moves",
    "POST",
    door=staff(MODERATOR),
    body=held.RoundMoveBody,
    answer=held.RoundShape,
    also=(409, 412),
)
def move_round(consultation_id: str, round_id: str, body: dict[str, Any]) -> Response:
    """Hold a round otherwise than it was planned, or not at all."""
    rounds.move(caller(), consultation_id, round_id, body.pop("move"), body, wanted_version())
    return _round(consultation_id, round_id)


def _round(consultation_id: str, round_id: str, status: int = 200) -> Response:
    row = queries.consultation(caller(), consultation_id)
    found = queries.one_round(caller(), row, round_id)
    headers = {"Location": f"/v1/consultations/{row.id}/rounds/{round_id}"} if status == 201 else None
    shown = queries.present_round(found, queries.actor(caller(), row)) | {"papers": found.papers}
    return answer(shown, found.version, status, headers)


@consultations.route(f"{_ID}/signs", door=staff(MODERATOR), answer=results.SignsShape, also=(304,))
def show_signs(consultation_id: str) -> Response:
    """Signs that people were sent to vote, for who runs it: no result depends on them, and nobody is named."""
    row = queries.consultation(caller(), consultation_id)
    if not queries.actor(caller(), row).roles:
        raise Forbidden("move_not_yours")
    return answer(signs.seen(row.id, language()))


@consultations.route(
    "/consultations/clusters", door=staff(MODERATOR), urgency=EXPORT, answer=pointed.ClustersShape, also=(304,)
)
def list_clusters() -> Response:
    """Many reports of one category from one community, where the caller moderates; the largest first, 50 at most."""
    return answer({"clusters": clusters.pointed_out(caller())})


@consultations.route(
    "/consultations/clusters",
    "POST",
    door=staff(MODERATOR),
    body=pointed.ClusterBody,
    answer=pointed.OpenedShape,
    status=201,
    also=(404, 409),
)
def open_from_cluster(body: dict[str, Any]) -> Response:
    """Hand in a consultation on a cluster; another moderator accepts it, and with that it opens."""
    content = {"title": body["title"], "body": body["question"], "details": {"question": body["question"]}}
    made = clusters.open_from(caller(), body["category"], body["area"], content)
    return answer({"submission_id": made}, 0, 201, {"Location": f"/v1/submissions/{made}"})


def _results(row: Any) -> dict[str, Any]:
    shown = ("id", "reference", "state", "closes_at", "picture", "parts", "outcomes", "minutes", "version")
    runs = bool(queries.actor(caller(), row).roles)
    named = [side if runs else {each: side[each] for each in side if each != "accounts"} for side in row.sides]
    numbered = [{"side": number} | side for number, side in enumerate(named, 1)]
    return {name: getattr(row, name) for name in shown} | {
        "sides": numbered,
        "own_sides": sides.numbers(sides.of(caller(), row.sides)),
        "origin": clusters.origin(row.id),
    }


def _shown(consultation_id: str, statement_id: str, status: int = 200) -> Response:
    row = queries.consultation(caller(), consultation_id)
    found = queries.statement(row.id, statement_id, account())
    headers = {"Location": f"/v1/consultations/{row.id}/statements?view=own"} if status == 201 else None
    return answer(queries.present(found, caller(), queries.actor(caller(), row)), found.version, status, headers)
