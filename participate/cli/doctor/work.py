"""What the doctor looks at in the work itself."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from participate.cli.doctor.finding import Finding, fail, ok, warn
from participate.config import Settings
from participate.kernel import gauges, probes
from participate.kernel.health import BEHIND

_STANDING_STILL = timedelta(hours=1)
_AHEAD = timedelta(days=60)
_FINDERS = {
    "not_installed": "Install the extra `redaction`, or from requirements.lock as `make run` does.",
    "failed": "See the worker's log; is there enough memory? docs/redaction.md tells how much.",
    "switched_off": "Set PARTICIPATE_FIND_FACES and PARTICIPATE_FIND_PLATES to on, if that is not on purpose.",
}


def errands(_settings: Settings) -> Iterator[Finding]:
    """Whether work is done, and whether any was given up."""
    with probes.engine().connect() as connection:
        dead, waits = gauges.dead_errands(connection), gauges.waits(connection)
    kind, longest = max(waits.items(), key=lambda item: item[1])
    said, remedy = (
        f"the oldest errand ({kind}) has waited for {longest}",
        "Is `participate worker` running? See its log.",
    )
    if longest > _STANDING_STILL:
        yield fail("backlog", said, remedy)
    elif longest > BEHIND:
        yield warn("backlog", said, remedy)
    else:
        yield ok("backlog", "nothing waits for long")
    if dead:
        yield warn("dead_errands", f"{dead} given up", "`participate outbox` lists them, `--retry` tries them again.")
    else:
        yield ok("dead_errands", "none was given up")


def redaction(settings: Settings) -> Iterator[Finding]:
    """Whether faces and plates are found here: else every photo waits for a moderator's look."""
    from participate.photos.redaction.trial import tried

    why = tried(settings.find_faces, settings.find_plates)
    if why is None:
        yield ok("redaction", "finds faces and licence plates")
        return
    said = f"faces or licence plates are not found ({why}): every photo waits for a moderator's look"
    yield warn("redaction", said, _FINDERS[why])


def calendar_years(settings: Settings) -> Iterator[Finding]:
    """Whether the holidays are known up to the deadlines that start now."""
    from participate.catalogue.service import calendar

    today = datetime.now(settings.timezone).date()
    days = calendar().days
    missing = [year for year in sorted({today.year, (today + _AHEAD).year}) if date(year, 1, 1) not in days]
    if missing:
        years = ", ".join(map(str, missing))
        text = f"no holidays known for {years}: Monday to Friday count as working days"
        yield warn("calendar", text, "Upgrade chinesecalendar once they are published, then `participate migrate`.")
    else:
        yield ok("calendar", f"holidays known beyond {today + _AHEAD}")


def messages(settings: Settings) -> Iterator[Finding]:
    """Whether one-time codes reach anybody."""
    from flask import current_app

    from participate.accounts.sms import SpooledSms

    if isinstance(current_app.extensions["participate.sms"], SpooledSms) and not settings.demo:
        text = f"text messages are only written to {settings.data_dir / 'sms.jsonl'}"
        yield warn(
            "messages", text, "Set PARTICIPATE_SMS_URL to the city's gateway: until then no resident can sign in."
        )
    else:
        yield ok("messages", "one-time codes find their way")


def channels(settings: Settings) -> Iterator[Finding]:
    """By what people can have their updates sent, and what webhooks may reach inside."""
    from participate.updates.deliveries.choices import CHANNELS, is_available

    named = {channel: is_available(channel) for channel in CHANNELS}
    can, cannot = ([each for each in named if named[each] is wanted] for wanted in (True, False))
    said = f"updates can be sent by {', '.join(can) or 'none'}" + (f"; not by {', '.join(cannot)}" if cannot else "")
    yield ok("channels", said)
    if settings.outside:
        said = f"webhooks may reach {', '.join(settings.outside)} inside, for whoever makes one"
        yield warn(
            "webhooks", said, "Name single hosts in PARTICIPATE_OUTSIDE_ALLOW, and none that trusts its network."
        )


def deliveries(_settings: Settings) -> Iterator[Finding]:
    """Whether messages leave, and whether any waits for somebody to look."""
    from participate.updates.deliveries import gauges as sent

    with probes.engine().connect() as connection:
        oldest, failed = sent.oldest(connection), sent.failed(connection)
    channel, seconds = max(oldest.items(), key=lambda item: item[1])
    if timedelta(seconds=seconds) > BEHIND:
        text = f"the oldest message ({channel}) has been due for {timedelta(seconds=int(seconds))}"
        yield warn("deliveries", text, "Is `participate worker` running? See its log for what the channel answers.")
    elif any(failed.values()):
        text = ", ".join(f"{number} {state}" for state, number in failed.items())
        yield warn("deliveries", text, "Administrators find them under GET /v1/deliveries: see docs/updates.md.")
    else:
        yield ok("deliveries", "nothing waits for long, and none has failed")
