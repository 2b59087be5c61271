"""However long a page is, it takes few questions to the database: what hangs on its rows is asked for together."""

from datetime import timedelta

from sqlalchemy import insert, update

from participate.app import ROOMS
from participate.cases.clues.service import find_broken
from participate.cases.rectifications.models import Rectification
from participate.catalogue.models import Scheme
from participate.kernel.clock import now
from participate.kernel.db import add, execute, table, transaction
from participate.kernel.ids import new_id, new_reference
from participate.moderation.models import URGENT, ModerationTask
from participate.photos.models import NEEDS_LOOK, Photo
from participate.submissions.models import Submission
from participate.submissions.nameless.service import held as nameless_held
from participate.updates import concerns
from participate.updates.deliveries import planning
from participate.updates.deliveries.models import DEAD, Delivery
from tests.people import Person
from tests.queries import asked
from tests.steps import HERE, Way

MOST, ROWS = 4, 5
# Every list: who reads it, and where; `submission` and `case` are such as have come some way.
LISTS = {
    "list_sessions": ("author", "/v1/auth/sessions"),
    "list_area_children": ("nobody", "/v1/areas/990101001001/children"),
    "list_schemes": ("nobody", "/v1/schemes?limit=50"),
    "list_categories": ("nobody", "/v1/categories?limit=50"),
    "list_services": ("nobody", "/v1/services?limit=50"),
    "list_units": ("nobody", "/v1/units?limit=50&area=99"),
    "list_submissions": ("nobody", "/v1/submissions?limit=50&q=hole&area=99"),
    "show_timeline": ("author", "/v1/submissions/{submission}/timeline?limit=50"),
    "list_own_submissions": ("author", "/v1/me/submissions?limit=50"),
    "show_queue": ("moderator", "/v1/moderation/queue?limit=50"),
    "list_appeals": ("colleague", "/v1/moderation/appeals?limit=50"),
    "list_overdue": ("head", "/v1/moderation/overdue?limit=50"),
    "list_silent": ("moderator", "/v1/moderation/silent?limit=50"),
    "list_batches": ("moderator", "/v1/moderation/decisions?limit=50"),
    "list_reasons": ("moderator", "/v1/moderation/reasons"),
    "list_colleagues": ("moderator", "/v1/moderation/colleagues?limit=50"),
    "list_notes": ("moderator", "/v1/moderation/tasks/{task}/notes?limit=50"),
    "list_mentions": ("colleague", "/v1/moderation/mentions?limit=50"),
    "list_joined_submissions": ("neighbour", "/v1/me/joined?limit=50"),
    "list_nearby": ("neighbour", "/v1/submissions/nearby?lat=28.2282&lon=112.9388&crs=wgs84&limit=20"),
    "list_related": ("nobody", "/v1/submissions/{submission}/related"),
    "list_looks": ("moderator", "/v1/moderation/photos?limit=50"),
    "list_cases": ("officer", "/v1/cases?limit=50&view=area"),
    "list_absences": ("dispatcher", "/v1/absences?limit=50"),
    "list_follows": ("neighbour", "/v1/me/follows?limit=50"),
    "list_broadcasts": ("dispatcher", "/v1/broadcasts?limit=50"),
    "list_statements": ("nobody", "/v1/consultations/{consultation}/statements?limit=50"),
    "list_rounds": ("nobody", "/v1/consultations/{consultation}/rounds?limit=50"),
    "list_next_statements": ("neighbour", "/v1/consultations/{consultation}/statements/next"),
    "list_assisted": ("officer", "/v1/submissions/assisted?limit=50"),
    "list_calls": ("officer", "/v1/calls?limit=50"),
    "list_visits": ("officer", "/v1/visits?limit=50"),
    "list_commitments": ("officer", "/v1/commitments?limit=50"),
    "list_rectifications": ("nobody", "/v1/rectifications?limit=50"),
    "list_clues": ("supervisor", "/v1/clues?limit=50"),
    "list_unmaskings": ("moderator", "/v1/submissions/{supervision}/unmaskings"),
    "list_updates_by_receipt": ("nobody", "/v1/receipts/{receipt}/updates?limit=50"),
    "list_proposals": ("nobody", "/v1/proposals?limit=50"),
    "list_members": ("nobody", "/v1/members?limit=50"),
    "show_member_ledger": ("nobody", "/v1/members/{member}/ledger?limit=50"),
    "show_case_timeline": ("officer", "/v1/cases/{case}/timeline?limit=50"),
    "list_failed_deliveries": ("admin", "/v1/deliveries?limit=50"),
    "list_deliveries_of_submission": ("moderator", "/v1/submissions/{submission}/deliveries?limit=50"),
    "list_webhooks": ("admin", "/v1/webhooks?limit=50"),
    "list_updates": ("author", "/v1/me/updates?limit=50"),
}


def test_every_list_is_here() -> None:
    answers = {name: route.answer for room in ROOMS for name, route in room.routes.items() if route.answer}
    lists = {name for name, shape in answers.items() if {"items", "next"} <= set(shape().fields)}
    assert lists - {"claim_tasks"} == set(LISTS), "claim_tasks answers a POST"


def test_a_page_takes_few_statements(way: Way) -> None:
    people = {"nobody": way.people.nobody(), "author": way.author, "moderator": way.moderator, "officer": way.officer}
    people |= {"colleague": way.people.staff("moderator"), "head": way.people.staff("desk_head")}
    people |= {"neighbour": way.people.resident(), "dispatcher": way.dispatcher}
    people |= {"admin": way.people.staff("admin", ""), "supervisor": way.supervisor}
    reached = _filled(way) | _at_the_desk(way, people) | _stated(way, people) | _watched(way, people)
    _fail(people["neighbour"])
    _listen(people["admin"])
    for name, (reader, path) in LISTS.items():
        with asked() as statements:
            answer = people[reader].get(path.format(**reached))
        assert answer.status_code == 200, (name, answer.get_json())
        assert len(answer.get_json()["items"]) >= ROWS, name
        assert 1 <= len(statements) <= MOST, (name, statements)


def _stated(way: Way, people: dict[str, Person]) -> dict[str, str]:
    """Several statements of a consultation, things that are followed, and notices."""
    consultation = way.accepted("micro_consultation", details={"question": "When?"})
    for number in range(ROWS):
        proposal = way.accepted("micro_proposal")
        assert way.move(way.moderator, proposal, "file").status_code == 200
        path = f"/v1/consultations/{consultation}/statements"
        made = way.author.post(path, {"text": f"Statement {number}."}).get_json()["id"]
        assert way.moderator.post(f"{path}/{made}/moves", {"move": "show"}).status_code == 200
        followed = {"what": "submission", "submission_id": way.accepted()}
        assert people["neighbour"].post("/v1/me/follows", followed).status_code == 201
        assert way.dispatcher.post("/v1/broadcasts", {"area": "990101", "text": "A storm."}).status_code == 201
        member = way.people.staff("member").account_id
    long_ago = now() - timedelta(days=30)
    with transaction():
        proposals = update(Submission).where(Submission.kind == "micro_proposal")
        execute(proposals.values(adopted_by=member, told_at=long_ago))
    for number in range(ROWS):
        opens = now() + timedelta(days=2 * number + 1)
        times = {"opens_at": opens.isoformat(), "closes_at": (opens + timedelta(days=1)).isoformat()}
        planned = way.moderator.post(f"/v1/consultations/{consultation}/rounds", {"title": "A round."} | times)
        assert planned.status_code == 201
    return {"consultation": consultation, "member": member}


def _watched(way: Way, people: dict[str, Person]) -> dict[str, str]:
    """Several clues, results, requests to learn who wrote it, and steps of one that came without an account."""
    supervision, about = way.accepted("micro_supervision"), way.accepted()
    held = {"case_id": way.case(supervision), "submission_id": supervision, "title": "The fence", "unit": new_id()}
    held |= {"state": "rectified", "version": 4, "open": False, "opinion": "Say why.", "written_by": new_id()}
    held |= {"late": False, "sent_back": 0, "area": "990101", "issued_at": now(), "settled_at": now()}
    nobody, body = people["nobody"], {"body": "Nobody works there.", "place": HERE}
    receipt = nobody.post("/v1/supervisions", body).get_json()["receipt"]
    way.work()
    nameless = nameless_held(receipt).id
    for _ in range(ROWS):
        with transaction():
            execute(insert(table(Rectification)), held | {"id": new_id(), "reference": new_reference()})
        find_broken(new_id(), about, way.cell)
        path = f"/v1/submissions/{supervision}/unmaskings"
        asked_for = way.moderator.post(path, {"reason": "It speaks of a threat."}).get_json()["id"]
        refused = people["colleague"].post(f"{path}/{asked_for}/moves", {"move": "refuse", "note": "No."})
        assert refused.status_code == 200
        assert way.decide(nameless, "return", note="Where?").status_code == 200
        assert nobody.post(f"/v1/receipts/{receipt}/moves", {"move": "resubmit"}).status_code == 200
        way.work()
    return {"supervision": supervision, "receipt": receipt}


def _fail(reader: Person) -> None:
    """Several messages that could not be sent."""
    named = {"account_id": reader.account_id, "submission_id": None, "move": "start", "at": now()}
    with transaction():
        for number in range(ROWS):
            row = planning.fresh("email", concerns.OWN, DEAD, now(), False, **named, fact_id=new_id(), number=number)
            add(insert(table(Delivery)), row)


def _listen(admin: Person) -> None:
    """Several webhooks."""
    for number in range(ROWS):
        body = {"url": f"https://city.example.org/{number}", "area": "990101"}
        assert admin.post("/v1/webhooks", body).status_code == 201


def _at_the_desk(way: Way, people: dict[str, Person]) -> dict[str, str]:
    """Several rows for what the desk's own people read of each other's work; the task that they talk of."""
    colleague, waiting = people["colleague"], [str(way.task(way.hand_in())["id"]) for _ in range(ROWS + 1)]
    for number, task in enumerate(waiting[:ROWS]):
        way.people.staff("moderator")
        appealed = way.rejected()
        assert way.move(way.author, appealed, "appeal", note="Look again.").status_code == 200
        note = {"body": f"Number {number}.", "mentions": [colleague.account_id]}
        assert way.moderator.post(f"/v1/moderation/tasks/{waiting[-1]}/notes", note).status_code == 201
        decided = {"items": [{"task_id": task, "decision": "accept"}]}
        assert way.moderator.post("/v1/moderation/decisions", decided).status_code == 200
        assert people["neighbour"].post(f"/v1/submissions/{way.accepted()}/join").status_code == 200
    with transaction():
        execute(update(ModerationTask).values(due_at=now() - timedelta(hours=1), rank=URGENT))
    return {"task": waiting[-1]}


def _filled(way: Way) -> dict[str, str]:
    """Several rows for every list; the submission and the case that have come furthest."""
    for _ in range(ROWS):
        way.hand_in(photo_ids=[way.photo(way.author)])
        submission = way.accepted()
        way.people.signed_in(way.author.account_id)
    with transaction():
        named = {"code": "ours", "prefix": "", "name_zh": "本市", "name_en": "Ours"}
        execute(insert(Scheme), [named | {"version": str(number)} for number in range(ROWS)])
        execute(update(Photo).values(redaction=NEEDS_LOOK, redaction_why="failed"))
    due = (now() + timedelta(days=9)).isoformat()
    for _ in range(ROWS):
        planned = way.started()
        reply = "计划于明年三月前在北门路口增设减速带两处，由市政养护处负责，请监督。"
        answer = way.act(way.officer, planned, "resolve", note=reply, answer_class="B", due_at=due)
        assert answer.status_code == 200, answer.get_json()
    seen = {"visited_at": now().isoformat(), "cell": way.cell, "kind": "shop", "topics": ["safety"], "text": "Quiet."}
    for _ in range(ROWS):
        assert way.officer.post("/v1/visits", seen).status_code == 201
    for _ in range(ROWS):
        absentee, deputy = (way.people.staff("grid_officer").account_id for _ in range(2))
        away = {"account": absentee, "deputy": deputy, "ends_at": due}
        assert way.dispatcher.post("/v1/absences", away).status_code == 201
    for number in range(ROWS):
        way.accepted_for(f"+86138{number:08d}")
    for move in ("accept", "start"):
        way.act(way.officer, submission, move)
    return {"submission": submission, "case": way.case(submission)}
