"""When something may go out: quiet hours and the hour of the digest, on the city's clock."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = 24 * 60  # minutes


def out_of_quiet(moment: datetime, quiet_from: int | None, quiet_until: int | None, zone: ZoneInfo) -> datetime:
    """`moment`, or the end of the quiet hours it falls into; these are minutes of the day, and may span midnight."""
    if quiet_from is None or quiet_until is None:
        return moment
    local = moment.astimezone(zone)
    minute = local.hour * 60 + local.minute
    before = quiet_until if quiet_from < quiet_until else DAY
    is_quiet = quiet_from <= minute < before or (quiet_until < quiet_from and minute < quiet_until)
    if not is_quiet:
        return moment
    day = local.date() + timedelta(days=minute >= quiet_until)
    return datetime.combine(day, time(quiet_until // 60, quiet_until % 60), zone)


def next_digest(moment: datetime, hour: int, zone: ZoneInfo) -> datetime:
    """The next time after `moment` that the city's clock strikes `hour`."""
    local = moment.astimezone(zone)
    struck = datetime.combine(local.date(), time(hour), zone)
    return struck if struck > moment else datetime.combine(local.date() + timedelta(days=1), time(hour), zone)


def spoken(minute: int | None) -> str | None:
    """A minute of the day as the API says it: `22:30`."""
    return None if minute is None else f"{minute // 60:02}:{minute % 60:02}"


def minute_of(clock: str | None) -> int | None:
    """The opposite of `spoken`."""
    return None if clock is None else int(clock[:2]) * 60 + int(clock[3:])
