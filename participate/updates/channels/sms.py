"""Text messages: whatever hands over one-time codes hands over updates, too."""

from participate.accounts.sms import NotTaken, SmsSender
from participate.updates.channels.base import SMS, Away, Message, Passing, Permanent


class Sms:
    """Sends the short text to the account's phone."""

    name = SMS

    def __init__(self, sender: SmsSender) -> None:
        self._sender, self.by_key = sender, sender.by_key

    def send(self, message: Message) -> None:
        """See `Channel`."""
        phone = message.to.get("phone")
        if not phone:
            raise Permanent("no_phone")
        try:
            self._sender.send(phone, message.short, message.key)
        except NotTaken as error:
            if not error.passing:
                raise Permanent(error.why) from error
            raise (Away if error.everybody else Passing)(error.why, error.told) from error
