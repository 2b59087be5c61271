"""The catalogue as a city keeps it: sheets, one by one or a folder of them, brought in and given out."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import click

from participate.cli.opening import faults_listed, opened, progress

_FROM = click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_TO = click.argument("path", required=False, metavar="[FILE]", type=click.Path(dir_okay=False, path_type=Path))
_DRY_RUN = click.option("--dry-run", is_flag=True, help="Check the file, write nothing.")


_FOLDER = click.Path(file_okay=False, path_type=Path)
_SCHEME = click.option("--scheme", help="Of this scheme alone.")
_VERSION = click.option("--version", help="Of this version alone.")


@click.group()
def catalogue() -> None:
    """All sheets at once, in a folder."""


@catalogue.command("import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@_DRY_RUN
def import_catalogue(folder: Path, dry_run: bool) -> None:
    """Bring in the sheets that lie in FOLDER, which may refer to one another; all of them or none."""
    from participate.catalogue import service

    _bring_in(service.import_folder, folder, dry_run)


@catalogue.command("export")
@click.argument("folder", type=_FOLDER)
def export_catalogue(folder: Path) -> None:
    """Write every sheet into FOLDER, as CSV."""
    from participate.catalogue import exporting

    folder.mkdir(parents=True, exist_ok=True)
    for name, sheet in exporting.SHEETS.items():
        _give_out(sheet, folder / f"{name}.csv")


@click.group()
def schemes() -> None:
    """The lists by which categories are told apart, in their versions."""


@schemes.command("import")
@_FROM
@_DRY_RUN
def import_schemes(path: Path, dry_run: bool) -> None:
    """Bring in versions of schemes, and from which day each holds, from CSV; all of the file or none."""
    from participate.catalogue import service

    _bring_in(service.import_schemes, path, dry_run)


@schemes.command("export")
@_TO
def export_schemes(path: Path | None) -> None:
    """Write the versions of the schemes as CSV, to FILE or to the screen."""
    from participate.catalogue import exporting

    _give_out(exporting.schemes, path)


@click.group()
def categories() -> None:
    """The catalogue of what can be reported."""


@click.group()
def services() -> None:
    """The small services that can be asked for."""


@click.group()
def questions() -> None:
    """What is asked besides, of whoever names a condition or asks for a service."""


@click.group()
def units() -> None:
    """Offices, teams and companies that can be made responsible."""


@categories.command("import")
@_FROM
@_DRY_RUN
def import_categories(path: Path, dry_run: bool) -> None:
    """Bring in categories and their conditions from CSV; all of the file or none."""
    from participate.catalogue import service

    _bring_in(service.import_categories, path, dry_run)


@services.command("import")
@_FROM
@_DRY_RUN
def import_services(path: Path, dry_run: bool) -> None:
    """Bring in services from CSV; all of the file or none."""
    from participate.catalogue import service

    _bring_in(service.import_services, path, dry_run)


@questions.command("import")
@_FROM
@_DRY_RUN
def import_questions(path: Path, dry_run: bool) -> None:
    """Bring in questions from CSV; all of the file or none."""
    from participate.catalogue import service

    _bring_in(service.import_questions, path, dry_run)


@units.command("import")
@_FROM
@_DRY_RUN
def import_units(path: Path, dry_run: bool) -> None:
    """Bring in units from CSV, each below its parent; all of the file or none."""
    from participate.catalogue import service

    _bring_in(service.import_units, path, dry_run)


@categories.command("export")
@_TO
@_SCHEME
@_VERSION
def export_categories(path: Path | None, scheme: str | None, version: str | None) -> None:
    """Write the categories and their conditions as CSV, to FILE or to the screen."""
    from participate.catalogue import exporting

    _give_out(partial(exporting.categories, scheme, version), path)


@services.command("export")
@_TO
def export_services(path: Path | None) -> None:
    """Write the services as CSV, to FILE or to the screen."""
    from participate.catalogue import exporting

    _give_out(exporting.services, path)


@questions.command("export")
@_TO
def export_questions(path: Path | None) -> None:
    """Write the questions as CSV, to FILE or to the screen."""
    from participate.catalogue import exporting

    _give_out(exporting.questions, path)


@units.command("export")
@_TO
def export_units(path: Path | None) -> None:
    """Write the units as CSV, to FILE or to the screen."""
    from participate.catalogue import exporting

    _give_out(exporting.units, path)


def _bring_in(verb: Callable[..., Mapping[str, object]], path: Path, dry_run: bool) -> None:
    with opened(), faults_listed(), progress(path.name) as told:
        counts = verb(path, dry_run, told)
    for table, said in counts.items():
        click.echo(f"{table}: {said}{' (dry run)' if dry_run else ''}")


def _give_out(sheet: Callable[[], str], path: Path | None) -> None:
    with opened():
        text = sheet()
    if path is None:
        click.echo(text.encode(), nl=False)
        return
    try:
        # Spreadsheets take a file without the mark for one in the machine's own encoding.
        path.write_bytes(text.encode("utf-8-sig"))
    except OSError as error:
        raise click.FileError(str(path), error.strerror) from error
