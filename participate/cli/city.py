"""What a city lays before it opens its door: areas and grid cells."""

from pathlib import Path

import click

from participate.cli.opening import faults_listed, opened, progress

_FILE = click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group()
def areas() -> None:
    """Areas of the four levels, and grid cells."""


@areas.command("import")
@_FILE
def import_areas(path: Path) -> None:
    """Bring in areas from GeoJSON (polygons) or CSV (codes and names); all of the file or none."""
    from participate.places.service import import_areas as bring_in

    with opened(), faults_listed(), progress(path.name) as told:
        counts = bring_in(path, told)
    click.echo(f"{path.name}: {counts}")


@areas.command("lattice")
@click.argument("community")
@click.option("--over", help="The area over whose boundary to lay it; the community's own by default.")
@click.option("--side", default=500.0, show_default=True, type=click.FloatRange(50, 5000), help="Metres a side.")
def lay_lattice(community: str, over: str | None, side: float) -> None:
    """Lay synthetic grid cells (15-digit codes) below a COMMUNITY that has none of its own yet."""
    from participate.places.service import lay_cells

    with opened(), faults_listed():
        click.echo(f"{community}: {lay_cells(community, over or community, side)}")
