"""HTTP: what a person chooses to be sent, going without it, and what became of what was sent."""

from typing import Any

from flask import Response

from participate.kernel.api import Room
from participate.kernel.auth import OPEN, SIGNED_IN, account, caller, staff
from participate.kernel.conditional import answer, wanted_version
from participate.kernel.overload import EXPORT, SIGN_IN, STATUS
from participate.kernel.paging import PageQuery, page
from participate.kernel.problems import language
from participate.kernel.words import say
from participate.updates.deliveries import addresses, choices, failed, figures, schemas, told, unsubscribing

deliveries = Room("deliveries", description="What a person is sent beside their feed, and what became of it")
_STAFF = staff(failed.ROLE)


@deliveries.route("/me/channels", door=SIGNED_IN, answer=schemas.ChannelsShape, also=(304,))
def show_channels() -> Response:
    """The channels that there are, and what the caller has chosen for each."""
    return _shown()


@deliveries.route(
    "/me/channels", "PUT", door=SIGNED_IN, body=schemas.ChannelsBody, answer=schemas.ChannelsShape, also=(412,)
)
def choose_channels(body: dict[str, Any]) -> Response:
    """Choose anew for all channels. The outcome of one's own submission cannot be muted, nor the feed turned off."""
    choices.choose(account(), body["channels"], wanted_version())
    return _shown()


def _shown() -> Response:
    found = choices.shown(account())
    return answer(found, found["version"])


@deliveries.route(
    "/me/channels/email/code",
    "POST",
    door=SIGNED_IN,
    urgency=SIGN_IN,
    body=schemas.AddressBody,
    answer=schemas.CodeAnswer,
    status=202,
    once=False,
)
def request_address_code(body: dict[str, Any]) -> Response:
    """Send a code to an e-mail address that the caller wants to be told at."""
    return _secret(addresses.request_code(account(), body["address"], language()))


def _secret(body: dict[str, Any]) -> Response:
    return answer(body, status=202, headers={"Cache-Control": "no-store"})


@deliveries.route(
    "/me/channels/email/verify",
    "POST",
    door=SIGNED_IN,
    urgency=SIGN_IN,
    body=schemas.AddressCodeBody,
    answer=schemas.ChannelsShape,
    also=(403,),
    once=False,
)
def verify_address(body: dict[str, Any]) -> Response:
    """Show the code: from now on the address is the caller's, and e-mail is on."""
    addresses.verify(account(), body["code_id"], body["code"])
    return _shown()


@deliveries.route("/unsubscribe/<token>", door=OPEN, urgency=STATUS, pictures=("text/html",), also=(404,))
def show_unsubscribe(token: str) -> Response:
    """A page with one button, which changes nothing and says nothing of whose it is."""
    unsubscribing.read(token)
    keys = {"title": "updates.unsubscribe", "text": "updates.unsubscribe_text", "button": "updates.unsubscribe"}
    said = {name: say(key, language()) for name, key in keys.items()}
    headers = {"Content-Security-Policy": _CLOSED, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return Response(_PAGE.format(**said), headers=headers, content_type="text/html; charset=utf-8")


_CLOSED = "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
_PAGE = (
    '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
    '<h1>{title}</h1><p>{text}</p><form method="post"><button name="List-Unsubscribe" '
    'value="One-Click">{button}</button></form>\n'
)


@deliveries.route("/unsubscribe/<token>", "POST", door=OPEN, answer=schemas.UnsubscribedAnswer, also=(404,))
def unsubscribe(token: str) -> Response:
    """Go without all that can be muted on the channel that the address came by (RFC 8058): no body is needed."""
    unsubscribing.unsubscribe(token)
    return answer({"unsubscribed": True}, headers={"Cache-Control": "no-store"})


@deliveries.route("/deliveries", door=_STAFF, query=schemas.FailedQuery, answer=schemas.FailedList, also=(304,))
def list_failed_deliveries(query: dict[str, Any]) -> Response:
    """What was given up, and what may or may not have arrived, in the caller's areas; the latest first."""
    statement = failed.listed(caller().grants, query["state"], query["channel"])
    limit, cursor, me = query["limit"], query["cursor"], {"me": caller().account_id}
    return answer(page(statement, failed.KEYS, failed.present, limit, cursor, descending=True, parameters=me))


@deliveries.route("/deliveries/<id:delivery_id>/resend", "POST", door=_STAFF, answer=schemas.ResentAnswer, also=(409,))
def resend_delivery(delivery_id: str) -> Response:
    """Have it sent again, under the same key. What was uncertain may then arrive twice."""
    return answer(failed.resend(caller(), delivery_id))


@deliveries.route(
    "/deliveries/figures",
    door=staff(failed.ROLE, "auditor"),
    urgency=EXPORT,
    query=schemas.DeliveryFiguresQuery,
    answer=schemas.DeliveryFiguresShape,
    also=(304,),
)
def show_delivery_figures(query: dict[str, Any]) -> Response:
    """How long it took from facts to their readers, and how much has not arrived, or is not wanted; of all areas."""
    return answer(figures.figures(query["since"], query["until"], query["channel"]))


@deliveries.route(
    "/submissions/<id:submission_id>/deliveries",
    door=staff(*told.ROLES),
    query=PageQuery,
    answer=schemas.ToldList,
    also=(304,),
)
def list_deliveries_of_submission(submission_id: str, query: dict[str, Any]) -> Response:
    """What became of the messages about a submission, the latest fact first, for those who handle it."""
    given, limit, cursor = told.asked(caller(), submission_id), query["limit"], query["cursor"]
    return answer(page(told.LISTED, told.KEYS, told.present, limit, cursor, descending=True, parameters=given))
