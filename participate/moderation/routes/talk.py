"""HTTP: what the desk's people say to each other: notes, mentions, second opinions."""

from typing import Any

from flask import Response

from participate.kernel.api import empty
from participate.kernel.auth import account, caller
from participate.kernel.conditional import answer
from participate.kernel.paging import PageQuery, page
from participate.moderation import notes as noting
from participate.moderation import opinions as asking
from participate.moderation.queries import colleagues, notes, opinions, tasks
from participate.moderation.routes.room import DESK, moderation
from participate.moderation.schemas import talk as schemas


@moderation.route("/colleagues", door=DESK, query=PageQuery, answer=schemas.ColleagueList, also=(304,))
def list_colleagues(query: dict[str, Any]) -> Response:
    """The moderators whose scope has something in common with the caller's."""
    statement, me = colleagues.listed(caller().grants), {"me": account()}
    return answer(page(statement, colleagues.KEYS, colleagues.present, query["limit"], query["cursor"], parameters=me))


@moderation.route("/tasks/<id:task_id>/notes", door=DESK, query=PageQuery, answer=schemas.NoteList, also=(304,))
def list_notes(task_id: str, query: dict[str, Any]) -> Response:
    """What the desk's people have said about the task's submission, also when it was before them earlier."""
    about = {"submission": tasks.task(caller(), task_id).submission_id}
    found = page(notes.OF_SUBMISSION, notes.KEYS, notes.present, query["limit"], query["cursor"], parameters=about)
    return answer(found | {"items": notes.with_mentions(found["items"])})


@moderation.route(
    "/tasks/<id:task_id>/notes", "POST", door=DESK, body=schemas.NoteBody, answer=schemas.NoteShape, status=201
)
def write_note(task_id: str, body: dict[str, Any]) -> Response:
    """Say something about the submission to the desk's own people alone."""
    return answer(notes.one(noting.write(caller(), task_id, body["body"], body["mentions"])), status=201)


@moderation.route("/mentions", door=DESK, query=PageQuery, answer=schemas.MentionList, also=(304,))
def list_mentions(query: dict[str, Any]) -> Response:
    """The notes that mention the caller, the newest first."""
    statement, me = notes.mentions(caller().grants), {"me": account()}
    found = page(
        statement, notes.MENTION_KEYS, notes.present_mention, query["limit"], query["cursor"], True, parameters=me
    )
    return answer(found | {"items": notes.with_mentions(found["items"])})


@moderation.route("/mentions/<id:note_id>/seen", "POST", door=DESK, status=204)
def see_mention(note_id: str) -> Response:
    """The caller has read it."""
    noting.see(caller(), note_id)
    return empty()


@moderation.route(
    "/tasks/<id:task_id>/opinions",
    "POST",
    door=DESK,
    body=schemas.QuestionBody,
    answer=schemas.OpinionShape,
    status=201,
    also=(409,),
)
def ask_opinion(task_id: str, body: dict[str, Any]) -> Response:
    """Ask a colleague what they would decide, or anybody who may decide on the task."""
    opinion_id = asking.ask(caller(), task_id, body["question"], body.get("of"))
    return answer(opinions.single(task_id, opinion_id, caller()), status=201)


@moderation.route(
    "/opinions/<id:opinion_id>", "PUT", door=DESK, body=schemas.OpinionBody, answer=schemas.OpinionShape, also=(409,)
)
def give_opinion(opinion_id: str, body: dict[str, Any]) -> Response:
    """Say what one would decide, once; it decides nothing."""
    task_id = asking.give(caller(), opinion_id, body["decision"], body.get("reason"), body["note"])
    return answer(opinions.single(task_id, opinion_id, caller()))
