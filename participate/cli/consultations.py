"""`participate consultations`: publish the results and the votes of one that is over, and recompute the results."""

import csv
import json
from pathlib import Path

import click

from participate.cli.opening import opened


@click.group()
def consultations() -> None:
    """Results of consultations, and the votes behind them."""


@consultations.command("export")
@click.argument("reference")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def export(reference: str, folder: Path) -> None:
    """Write consultation.json (all of it) and votes.csv of one that is over to FOLDER; nobody's account is in them."""
    from participate.consultations import publishing

    with opened():
        try:
            told = publishing.published(reference)
        except publishing.NotYet as error:
            raise click.ClickException(str(error)) from error
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "consultation.json").write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
    with (folder / "votes.csv").open("w", encoding="utf-8", newline="") as file:
        sheet = csv.writer(file)
        sheet.writerow(("person", "statement_id", "vote"))
        sheet.writerows(publishing.lines(told))
    click.echo(f"{folder}: {told['results']['people']} people" + (f"; {told['withheld']}" if told["withheld"] else ""))


@consultations.command("recompute")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def recompute(path: Path) -> None:
    """Recompute the results from a published consultation.json, without any database; exits 1 where they differ."""
    from participate.consultations import publishing

    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        same = publishing.recomputed(told) == told["results"]
    except (ValueError, KeyError, TypeError) as error:
        raise click.ClickException(f"{path.name} is no published consultation: {error!r}") from error
    except publishing.NotYet as error:
        raise click.ClickException(str(error)) from error
    click.echo("the same results" if same else "other results")
    if not same:
        raise SystemExit(1)
