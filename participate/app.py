"""`create_app`: the only place where rooms are plugged in and told what to listen for."""

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, request
from flask_swagger_ui import get_swaggerui_blueprint
from sqlalchemy import Connection

from participate.accounts import queries as accounts
from participate.accounts.routes import auth, me
from participate.accounts.sms import opened
from participate.audit.service import init_audit
from participate.cases import queries as case_queries
from participate.cases import reading, supervising
from participate.cases import tasks as cases
from participate.cases.cohandlers import queries as cohandling
from participate.cases.cohandlers import tasks as cohandlers
from participate.cases.commitments import tasks as commitments
from participate.cases.commitments.routes import commitments as commitment_room
from participate.cases.deputies import tasks as deputies
from participate.cases.deputies.routes import absences as absence_room
from participate.cases.dispatch.routes import dispatch
from participate.cases.dossiers.routes import dossiers
from participate.cases.figures.routes import figures
from participate.cases.found.routes import found
from participate.cases.routes import cases as case_room
from participate.catalogue.routes import catalogue
from participate.catalogue.service import init_catalogue
from participate.config import Settings, from_environment
from participate.consultations import drawing
from participate.consultations import tasks as consultations
from participate.consultations.routes import consultations as consultation_room
from participate.kernel import logs, words
from participate.kernel.api import init_api
from participate.kernel.auth import init_auth
from participate.kernel.db import init_db
from participate.kernel.entrance import guard_entrance
from participate.kernel.gauges import MOST
from participate.kernel.health import health, init_health
from participate.kernel.metrics import init_metrics, metrics
from participate.kernel.outbox import Subscriber, Subscriptions
from participate.kernel.plain import Plain
from participate.kernel.probes import init_probes
from participate.kernel.problems import init_problems
from participate.kernel.rates import init_rates
from participate.kernel.streaming import init_streams
from participate.kernel.wake import Waker
from participate.moderation import tasks as moderation
from participate.moderation.queries import tasks as moderation_queries
from participate.moderation.routes import moderation as moderation_room
from participate.moderation.screening import tasks as screening
from participate.photos import alike
from participate.photos import service as photos
from participate.photos.arriving import ArrivingRequest
from participate.photos.redaction import service as redaction
from participate.photos.routes import photos as photo_room
from participate.photos.storage import open_store
from participate.photos.uploads.routes import uploads
from participate.places import queries as places_queries
from participate.places.routes import places
from participate.submissions import queries as submission_queries
from participate.submissions import tasks as submissions
from participate.submissions.kinds import KINDS
from participate.submissions.members.routes import members
from participate.submissions.proposals.routes import proposals
from participate.submissions.routes import submissions as submission_room
from participate.updates import absences, cells, consulting, cosigning, staff
from participate.updates import service as updates
from participate.updates.assisted import forgetting, lateness
from participate.updates.assisted.routes import assisted
from participate.updates.broadcasts import tasks as broadcasts
from participate.updates.broadcasts.routes import broadcasts as broadcast_room
from participate.updates.deliveries import gauges as sent
from participate.updates.deliveries import handing, planning
from participate.updates.deliveries.choices import ALL
from participate.updates.deliveries.routes import deliveries as delivery_room
from participate.updates.devices.routes import devices as device_room
from participate.updates.following import queries as follow_queries
from participate.updates.following import service as following
from participate.updates.following.routes import following as follow_room
from participate.updates.routes import updates as update_room
from participate.updates.silence import GAUGES as SILENCE
from participate.updates.webhooks import telling as webhooks
from participate.updates.webhooks.routes import webhooks as webhook_room
from participate.updates.wechat.routes import wechat as wechat_room
from participate.visits.routes import visits

HERE = Path(__file__).parent
ROOMS = (
    *(auth, me, places, catalogue, photo_room, uploads, submission_room, moderation_room, case_room, dispatch, figures),
    *(found, commitment_room, absence_room, visits, update_room, follow_room, broadcast_room, consultation_room),
    *(delivery_room, device_room, wechat_room, webhook_room, proposals, members, assisted, *supervising.ROOMS),
    *(dossiers, health, metrics),
)
# The kinds of work: each has its queue and its worker.
FACTS, PHOTOS, REDACTION, SCREENING = "facts", "photos", "redaction", "screening"
DELIVERIES = planning.KIND  # Its rows are no errands: whoever sends looks for what is due.
_LOOKS = 3  # So often a photo is looked through for what must be covered, should that fail.
_SCREENINGS = 4  # So often a submission is, before its flags say that it was not.
WAITING_HELP = f"What waits for people to act, and cases that are over their time (counted up to {MOST})."


def create_app(settings: Settings | None = None) -> Flask:
    """The service, configured from the environment unless told otherwise. Raises BadSettings."""
    settings = settings or from_environment(os.environ)
    logs.configure()
    app = Plain("participate", static_folder=None)
    app.request_class = ArrivingRequest
    app.config |= {
        "MAX_JSON_BYTES": settings.max_json_bytes,
        "MAX_PHOTO_BYTES": settings.max_photo_bytes,
        "MAX_CONTENT_LENGTH": settings.max_photos * settings.max_photo_bytes + settings.max_json_bytes,
        "MIGRATIONS": str(HERE / "migrations"),
    }
    words.take(HERE, settings.words_dir, KINDS, cells.offers())
    cells.check()
    _number_requests(app)
    _plug_in(app, settings)
    init_api(app, ROOMS)
    # A page for the contract at /openapi.json, that needs no other host.
    app.register_blueprint(get_swaggerui_blueprint("/docs", "/openapi.json", config={"app_name": "Participate"}))
    routes = {f"{room.name}.{view}": route for room in ROOMS for view, route in room.routes.items()}
    urgencies = {name: route.urgency for name, route in routes.items()}
    guard_entrance(app, settings, urgencies, {name for name, route in routes.items() if route.door.is_closed})
    return app


def _plug_in(app: Flask, settings: Settings) -> None:
    """What the rooms find in `app.extensions`."""
    app.extensions |= {"participate.settings": settings, "participate.waker": Waker(settings.redis_url)}
    app.extensions["participate.media"] = open_store(settings.media_url)
    app.extensions["participate.sms"] = opened(settings.sms_url, settings.data_dir / "sms.jsonl")
    app.extensions["participate.viewing"] = submission_queries.level
    app.extensions |= {"participate.joining": cohandling.joins, "participate.handling": reading.handles}
    app.extensions |= {"participate.living": follow_queries.lives_in, "participate.concerned": supervising.concerned}
    app.extensions["participate.subscriptions"] = _subscribed()
    init_db(app, settings)
    init_probes(app, settings)
    init_health(app, {"media": photos.writable, "store": app.extensions["participate.waker"].alive})
    init_problems(app)
    init_rates(app, settings)
    init_auth(app, settings.secret_key, accounts.caller_of)
    init_streams(app, settings, accounts.alive)
    init_catalogue(app, settings.timezone, places_queries.known)
    init_audit(app, settings.secret_key, *settings.former_keys)
    init_metrics(app, settings, {("participate_waiting", WAITING_HELP, "where"): _waiting} | SILENCE | sent.GAUGES)


def _waiting(connection: Connection) -> dict[str, int]:
    """How much waits for people, stage by stage."""
    return {"moderation": moderation_queries.waiting(connection)} | case_queries.waiting(connection)


def _subscribed() -> Subscriptions:
    """Who hears of what. A subscriber's name is kept in the database: rename it only with a migration."""
    heard = Subscriptions()

    def listen(name: str, handle: Any, *facts: str, **options: Any) -> None:
        heard.add(Subscriber(name, options.pop("kind", FACTS), handle, **options), *facts)

    _listen_to_photos(listen)
    listen("submissions.admit", submissions.on_received, "submission.received", many=True)
    listen("submissions.photo", submissions.on_photo, "photo.ready", "photo.refused", many=True)
    listen("submissions.lapse", submissions.on_rate_due, "submission.rate_due")
    listen("submissions.lead_on", submissions.on_public, "submission.accepted")
    gone = ("submission.withdrawn", "submission.rejected", "submission.followers_remained")
    listen("submissions.release", submissions.on_gone, *gone)
    _listen_at_the_desk(listen)
    listen("cases.open", cases.on_accepted, "submission.accepted", "submission.filed")
    listen("cases.after_photo", cases.on_resolved, "case.resolved", "part.resolved", "case.settled")
    listen("cases.alike", cases.on_photo, "photo.matched", "photo.ready", "photo.refused")
    listen("cases.carried", cases.on_carried, "submission.adopted", "submission.converted")
    listen("cases.cancel", cases.on_withdrawn, "submission.withdrawn", "submission.shelved")
    listen("cases.reopen", cases.on_reopened, "submission.reopened")
    listen("cases.dispute", cases.on_disputed, "submission.disputed")
    listen("cases.close", cases.on_rated, "submission.rated", "submission.lapsed")
    duties = ("accept", "dispatch", "resolve", "verify", "answer_urging", "decide", "make_safe")
    listen("cases.overdue", cases.on_overdue, *(f"case.{duty}_due" for duty in duties))
    listen("cases.warn", cases.on_warn_due, "case.warn_due")
    listen("cases.resume", cases.on_resume_due, "case.resume_due")
    listen("cohandlers.miss", cohandlers.on_due, "cohandler.countersign_due")
    listen("commitments.miss", commitments.on_due, "commitment.keep_due")
    supervising.subscribe(listen, staff.tell_unit)
    listen("absences.expire", deputies.on_due, "absence.end_due")
    listen("updates.to_deputies", absences.tell, "absence.named", "absence.ended")
    listen("updates.to_invited", cosigning.tell, "submission.cosigners_invited")
    listen("updates.to_signers", cosigning.tell_again, "submission.resubmitted")
    listen("updates.to_lead", staff.tell_lead, "part.verified")
    listen("updates.to_staff", staff.tell_staff, "case.warned", "case.feedback_due")
    listen("calls.miss", lateness.miss, "call.tell_due")
    listen("assisted.forget", forgetting.schedule, *forgetting.ENDS)
    listen("updates.to_supervisors", staff.tell_supervisors, "case.decision_missed")
    listen("updates.photo", updates.tell_of_photo, "photo.refused")
    listen("updates.step", updates.tell_of_steps, *_told(), many=True, in_line=True)
    _listen_for_crowds(listen)
    listen("webhooks.step", webhooks.tell, *_told("public"), many=True, in_line=True)
    heard.looks[DELIVERIES] = lambda: any(handing.is_due(channel) for channel in ALL)
    return heard


def _listen_for_crowds(listen: Callable[..., None]) -> None:
    """Behind all else: nobody's own outcome waits for those who said "me too" of another's."""
    told = {"many": True, "in_line": True, "crowd": True}
    joined = (*_told("public"), *updates.FOR_SIGNERS, "feed.continued")
    listen("updates.to_joined", updates.tell_joined, *joined, **told)
    listen("updates.to_followers", following.tell, *_told("public"), "follow.continued", **told)
    listen("updates.to_participants", consulting.tell_participants, *consulting.HEARD, **told)
    listen("broadcasts.page", broadcasts.on_due, "broadcast.page_due", crowd=True)


def _listen_to_photos(listen: Callable[..., None]) -> None:
    listen(
        photos.DEVELOP, photos.settle, "photo.received", kind=PHOTOS, prepare=photos.develop, give_up=photos.set_aside
    )
    look = {"kind": REDACTION, "prepare": redaction.redact, "give_up": redaction.set_aside, "max_attempts": _LOOKS}
    listen(redaction.REDACT, redaction.settle, "photo.ready", "photo.redaction_asked", "photo.boxes_changed", **look)
    listen(alike.FINGERPRINT, alike.note, "photo.ready", prepare=alike.look)


def _listen_at_the_desk(listen: Callable[..., None]) -> None:
    waiting = (f"submission.{each}" for each in ("admitted", "resubmitted", "split", "released", "appealed"))
    listen("moderation.open", moderation.on_waiting, *waiting, many=True)
    listen("moderation.unchecked", moderation.on_redacted, "photo.redacted")
    listen("moderation.alike", moderation.on_alike, "photo.matched")
    listen("moderation.drop", moderation.on_withdrawn, "submission.withdrawn")
    listen(
        "moderation.screen",
        screening.write_down,
        "moderation_task.opened",
        kind=SCREENING,
        prepare=screening.look,
        give_up=screening.give_up,
        max_attempts=_SCREENINGS,
    )
    listen("moderation.photos", screening.look_at_photos, "photo.ready", "submission.photos_added")
    listen("moderation.hurry", moderation.on_look_due, "moderation_task.look_due")
    listen(
        "moderation.batch",
        moderation.on_batch_done,
        "moderation_batch.effect_due",
        prepare=moderation.on_batch_due,
        give_up=moderation.on_batch_failed,
    )
    listen("consultations.open", consultations.on_opened, "submission.opened")
    listen("consultations.round", consultations.on_turn_due, "round.turn_due")
    listen("consultations.end", consultations.on_concluded, "submission.concluded")
    listen("consultations.draw", drawing.keep, "consultation.picture_due", prepare=drawing.draw)
    listen("updates.to_speaker", consulting.tell_speaker, "statement.shown", "statement.refused")
    listen("updates.to_sides", consulting.tell_sides, "round.announced")


def _told(*shown_to: str) -> list[str]:
    """The facts of all steps that the submitter hears of, or that these hear of."""
    return [flow.fact(move) for flow, move in cells.heard(*shown_to)]


def _number_requests(app: Flask) -> None:
    """Every request has an id, which its log lines, its answer and its jobs carry."""
    log = logging.getLogger("participate.request")

    @app.before_request
    def _begin() -> None:
        g.request_id = logs.begin(request.headers.get("X-Request-ID"))

    @app.after_request
    def _end(response: Response) -> Response:
        response.headers["X-Request-ID"] = g.get("request_id", "")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        rule = request.url_rule.rule if request.url_rule else None
        log.info("request", extra={"method": request.method, "route": rule, "status": response.status_code})
        return response
