"""`participate media`: whether photos and their files agree, and bringing files to where they belong."""

import json
from collections import Counter

import click

from participate.cli.opening import opened


@click.group()
def media() -> None:
    """The files of photos."""


@media.command("check")
@click.option("--hashes", "by_hash", is_flag=True, help="Read every original and compare it with its hash.")
@click.option("--repair", is_flag=True, help="Remove files that no photo has, and move those in a former place.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line for machines, the counts last.")
def check_media(by_hash: bool, repair: bool, as_json: bool) -> None:
    """Look for photos without their files and files without a photo; exits 1 where something is missing or changed.

    Files without a photo are told of, and removed, when they are older than a day: younger ones may belong to an
    upload that is still going on.
    """
    from participate.photos import checking, orphans

    counts = Counter(dict.fromkeys((*checking.LOST, *checking.OTHERS), 0))
    with opened():
        for finding in checking.check(by_hash):
            counts[finding.what] += 1
            click.echo(json.dumps(vars(finding)) if as_json else f"{finding.what:<17} {finding.name}")
        if repair and (counts["file_without_row"] or counts["former_place"]):
            counts["repaired"] = orphans.collect()
    click.echo(json.dumps({"counts": counts}) if as_json else ", ".join(f"{n} {what}" for what, n in counts.items()))
    if any(counts[what] for what in checking.LOST):
        raise SystemExit(1)


@media.command("migrate")
def migrate_media() -> None:
    """Move originals that were kept by photo id to where they are looked for by their hash; may run beside all else."""
    from participate.kernel.clock import now
    from participate.photos import relocation

    with opened():
        click.echo(f"{relocation.relocate(now().timestamp())} moved")
