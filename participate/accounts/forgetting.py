"""What this room forgets: codes of no more use, sessions and absences that have ended, texts that were spooled."""

from datetime import timedelta

from flask import current_app
from sqlalchemy import or_

from participate.accounts.models import Absence, OtpChallenge, SignInSession
from participate.accounts.sms import SpooledSms
from participate.kernel import retention
from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.ids import first_id

CODES_KEPT = timedelta(days=1)  # Longer than any code is good for, and than the limits on asking for them look back.

ABSENCES_KEPT = timedelta(days=90)


def codes() -> int:
    """One-time codes, with the phones they went to."""
    held, before = OtpChallenge, now() - CODES_KEPT
    return retention.forget(held, held.id < first_id(before), held.expires_at < before, by=held.id)


def sessions() -> int:
    """Sign-ins that have ended, by their owner or by time."""
    held, before = SignInSession, now() - timedelta(days=settings().keep_sessions_days)
    over = or_(held.ended_at < before, held.expires_at < before)
    return retention.forget(held, held.id < first_id(before), over, by=held.id)


def absences() -> int:
    """Who was away, and their deputies; the trail and the timelines keep what was done in whose stead."""
    held, before = Absence, now() - ABSENCES_KEPT
    return retention.forget(held, held.id < first_id(before), held.ended_at < before, by=held.id)


def spooled_texts() -> int:
    """Texts in the spool; returns 0, as it is all done at once."""
    sender = current_app.extensions["participate.sms"]
    if isinstance(sender, SpooledSms):
        sender.forget_old()
    return 0
