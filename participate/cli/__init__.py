"""The `participate` command."""

import logging
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from participate.cli.city import areas
from participate.cli.consultations import consultations
from participate.cli.launch import PARTS, run, start_workers, work
from participate.cli.media import media
from participate.cli.opening import faults_listed, opened, read_settings
from participate.cli.processes import Group
from participate.cli.records import audit, outbox
from participate.cli.sheets import catalogue, categories, questions, schemes, services, units
from participate.config import BadSettings, from_environment
from participate.kernel import slots
from participate.kernel.lines import say

_STOP_SECONDS = 10  # How long an idle connection or a slow request may hold up the end of a web process.
_CONNECTIONS = 1024  # of a web process, beside its streams


class _Commands(click.Group):
    """The commands; each tells of settings that cannot work in the administrator's words."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for. What it writes is for the service's own user: it tells of persons."""
        os.umask(0o077)
        try:
            return super().invoke(ctx)
        except BadSettings as error:
            raise click.ClickException(f"these settings cannot work:\n{error}") from error


def _around(_context: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[float, float]:
    from participate.cli.demo import AROUND
    from participate.places.lattice import FARTHEST

    if value is None:
        return AROUND
    try:
        lat, lon = (float(part) for part in value.split(","))
    except ValueError as error:
        raise click.BadParameter("LAT,LON in degrees are wanted") from error
    if not (abs(lat) <= FARTHEST[0] and abs(lon) <= FARTHEST[1]):
        raise click.BadParameter(
            f"LAT may be {FARTHEST[0]} degrees north or south at most, LON {FARTHEST[1]} east or west"
        )
    return lat, lon


_AROUND = click.option("--around", callback=_around, metavar="LAT,LON", help="Where to lay the demo district.")


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Participate: one door for a city's residents."""


@main.command()
@click.option("--demo", is_flag=True, help="A synthetic district, a catalogue, an account of each role.")
@_AROUND
def up(demo: bool, around: tuple[float, float]) -> None:
    """Web, workers, relay and embedded store in the foreground."""
    if demo:
        os.environ["PARTICIPATE_DEMO"] = "1"
    run(read_settings(), around)


@main.command()
def web() -> None:
    """The web half alone."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    from participate.cli.address import check_free

    settings = read_settings()
    check_free(settings.host, settings.port)
    slots.clear(settings.counts_dir)
    Granian(
        "participate.cli.serve:application",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.RSGI,
        workers=settings.web_processes,
        respawn_failed_workers=True,
        workers_kill_timeout=_STOP_SECONDS,
        backpressure=settings.most_streams + _CONNECTIONS,  # Beyond that it accepts no connection.
        websockets=False,
        log_level=LogLevels.warning,
    ).serve()


@main.command()
@click.argument("part", required=False, type=click.Choice(PARTS))
def worker(part: str | None) -> None:
    """The worker half: all of it, or one PART in this process."""
    settings = read_settings()
    if part is not None:
        work(part, settings)
        return
    group = Group(say)
    group.stop_on_signals()
    start_workers(group, settings)
    group.watch()


@main.command()
def migrate() -> None:
    """Bring the database to this version, and the working calendar to the holidays that are known."""
    from participate.catalogue.service import seed_calendar
    from participate.cli.migrations import upgrade

    with opened():
        upgrade()
        seed_calendar()


@main.command()
@click.option("--demo", is_flag=True, required=True, help="The demo is the only thing to seed.")
@_AROUND
@click.option("--waiting", default=0, type=click.IntRange(0, 100_000), help="Also hand in so many submissions.")
@click.option(
    "--cases", is_flag=True, help="Also cases and consultations under way: paused, urged, promised, voted on."
)
def seed(demo: bool, around: tuple[float, float], waiting: int, cases: bool) -> None:
    """Lay the demo district, catalogue and accounts; with --waiting a moderation desk that has something to do."""
    from participate.cli import demo_cases, demo_consultations, demo_desk, demo_members, demo_messages, demo_supervision
    from participate.cli.demo import seed as lay
    from participate.cli.demo_proposals import lay as lay_proposals
    from participate.cli.migrations import upgrade

    with opened():
        upgrade()
        if demo:
            lay(read_settings(), around)
        if waiting:
            click.echo(f"{demo_desk.lay(around, waiting)} submissions handed in; the worker brings them to the desk")
        if cases:
            under_way = demo_cases.lay(around) + demo_members.lay(around)
            click.echo(f"{under_way} cases, {demo_consultations.lay(around)} consultations under way")
            click.echo(f"{lay_proposals(around)} proposals and suggestions under way")
            click.echo(f"{demo_messages.lay()} messages sent, given up or to be tried again")
            click.echo(f"{demo_supervision.lay(around)} micro-supervisions")


@main.group()
def staff() -> None:
    """Accounts of those who moderate, handle and watch."""


@staff.command("add")
@click.argument("username")
@click.option("--role", required=True, help="moderator, grid_officer, dispatcher, …")
@click.option("--area", help="The role's scope: an area's code, everything below it included; '' is everywhere.")
@click.option("--unit", help="Or its scope: a unit's id.")
@click.option("--name", help="What others read; the username by default.")
@click.password_option()
def add_staff(username: str, role: str, area: str | None, unit: str | None, name: str | None, password: str) -> None:
    """Make an account with one role; the password is asked for."""
    from participate.accounts.models import ROLES
    from participate.accounts.service import create_staff
    from participate.kernel.auth import Grant

    if role not in ROLES or (area is None) == (unit is None):
        raise click.UsageError(f"one of --area and --unit, and a role of {', '.join(ROLES)}")
    with opened(), faults_listed():
        click.echo(create_staff(username, password, name or username, [Grant(role, area, unit)]))


for _group in (areas, catalogue, schemes, categories, services, questions, units, media, consultations, outbox, audit):
    main.add_command(_group)


@main.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="One JSON list for machines.")
def see_doctor(as_json: bool) -> None:
    """Look at everything that has to be right; exits 1 where something fails."""
    import json
    from dataclasses import asdict

    from participate.cli.doctor import examine

    logging.disable(logging.ERROR)  # What is wrong is said once, in the report.
    findings = []
    for finding in examine():
        findings.append(finding)
        if not as_json:
            click.echo(f"{finding.level:<5} {finding.check:<13} {finding.text}")
            if finding.remedy:
                click.echo(f"{'':<5} {'':<13} → {finding.remedy}")
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=1))
    if any(finding.level == "fail" for finding in findings):
        raise SystemExit(1)


@main.group()
def figures() -> None:
    """What became of cases, in numbers."""


@figures.command("recount")
@click.option("--check", is_flag=True, help="Change nothing; exits 1 where a figure is not what it ought to be.")
def recount_figures(check: bool) -> None:
    """Count every case anew and put the figures right; meanwhile no case can be moved."""
    from participate.cases.figures.recounting import recount

    with opened():
        wrong = recount(check)
    click.echo(f"{wrong} figures {'are wrong' if check else 'put right'}")
    if check and wrong:
        raise SystemExit(1)


@main.command()
@click.option("--check", is_flag=True, help="Compare openapi.yaml with the code; exits 1 where they differ.")
def openapi(check: bool) -> None:
    """Print the contract as YAML."""
    text = contract()
    if not check:
        click.echo(text, nl=False)
    elif Path("openapi.yaml").read_text(encoding="utf-8") != text:
        raise click.ClickException("openapi.yaml is not what the code says: run `make openapi`")


def contract() -> str:
    """The contract, generated from the code; no settings of this machine go into it."""
    import yaml

    from participate.app import create_app
    from participate.kernel.contract import written

    with create_app(from_environment({"SECRET_KEY": "x" * 32, "REDIS_URL": "redis://localhost"})).app_context():
        said = written()
    # LibYAML's writer, which wheels bring, writes the same in a tenth of the time.
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return str(yaml.dump(said, Dumper=dumper, allow_unicode=True, sort_keys=False, width=120))


@main.command("diagrams")
@click.option("--check", "act", flag_value="check", help="Exit 1 where the docs differ from the workflow tables.")
@click.option("--write", "act", flag_value="write", help="Draw them anew in the docs.")
def draw(act: str | None) -> None:
    """Print the journeys as the docs show them."""
    from participate.cli import diagrams

    if act is None:
        click.echo("\n".join(diagrams.pages()[diagrams.JOURNEY].values()), nl=False)
        return
    found = diagrams.stale(Path())
    for page, text in found.items() if act == "write" else ():
        page.write_text(text, encoding="utf-8")
    if act == "check" and found:
        raise click.ClickException(f"{', '.join(map(str, found))}: run `participate diagrams --write`")


@main.command("sample-photo")
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--at", "at", callback=_around, metavar="LAT,LON", help="Where it is taken; the demo's centre by default."
)
def sample_photo(path: Path, at: tuple[float, float]) -> None:
    """Draw a photo of a broken street that carries GPS and time, and write it to PATH."""
    from participate.photos.sample import draw_sample

    path.write_bytes(draw_sample(*at, datetime.now(UTC)))
    click.echo(f"{path}: a photo taken at {at[0]}, {at[1]}")
