"""`participate doctor`: looks at everything that has to be right and says what to do where it is not."""

from collections.abc import Iterator

from participate.cli.doctor.finding import Finding, fail, ok
from participate.config import BadSettings, Settings


def examine() -> Iterator[Finding]:
    """All findings for the settings in this environment; nothing is changed but a probe in the photo store."""
    from participate.app import create_app
    from participate.cli.opening import read_settings

    try:
        settings = read_settings()
        app = create_app(settings)
    except BadSettings as error:
        for line in str(error).splitlines():
            yield fail("settings", line, "Correct it in the environment; README.md lists all settings.")
        return
    yield ok("settings", f"data in {settings.data_dir}")
    with app.app_context():
        yield from _all(settings)


def _all(settings: Settings) -> Iterator[Finding]:
    from participate.cli.doctor import machine, safety, stores, work

    checks = (
        *(machine.versions, machine.disk, machine.time_zone),
        *(stores.database, stores.migrations, stores.queue_store, stores.media, stores.originals, stores.clocks),
        *(safety.secret, safety.demo, safety.rate_limits, safety.files, safety.reach, safety.mail),
        *(work.errands, work.redaction, work.calendar_years, work.messages, work.channels, work.deliveries),
    )
    for check in checks:
        try:
            yield from check(settings)
        except Exception as error:
            yield fail(check.__name__, f"could not be looked at: {type(error).__name__}", "See what failed above.")
