"""Webhooks by the Standard Webhooks scheme: a signed POST to whoever asked for it."""

import orjson
from standardwebhooks import Webhook as Signer

from participate.kernel.clock import now
from participate.kernel.outside import Answer, NotReached, Outside
from participate.updates.channels.base import WEBHOOK, Message, Passing, Permanent

SECONDS = 10.0  # for one request, but for looking its name up
GONE = "gone"  # It wants nothing any more.
_LATER = frozenset({408, 425, 429})


def judge(answer: Answer) -> None:
    """Raises what an answer means for this message, unless it was taken. A redirect is for ever: none is followed."""
    if 200 <= answer.status < 300:
        return
    code = f"answer_{answer.status}"
    if answer.status in _LATER or answer.status >= 500:
        raise Passing(code, answer.retry_after)
    raise Permanent(GONE if answer.status == 410 else code)


class Webhook:
    """Posts each event under its own id, signed with every secret that serves now."""

    name, by_key = WEBHOOK, True  # `webhook-id` is there for its receiver to know what it has seen.

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def send(self, message: Message) -> None:
        """See `Channel`."""
        body, moment = orjson.dumps(message.data), now()
        signed = [Signer(secret).sign(message.key, moment, body.decode()) for secret in message.to["secrets"]]
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message.key,
            "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": " ".join(signed),
        }
        try:
            answer = self._outside.post(message.to["url"], body, headers)
        except NotReached as error:
            raise (Passing if error.passing else Permanent)(error.code) from error
        judge(answer)
