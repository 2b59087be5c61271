"""`participate outbox` and `participate audit`: what is still to be done, and whether the trail of it is whole."""

import click

from participate.cli.opening import opened


@click.command()
@click.option("--retry", is_flag=True, help="Let what was given up be tried again.")
def outbox(retry: bool) -> None:
    """What the worker still has to do, and what it has given up."""
    from participate.kernel import outbox as kernel_outbox

    with opened():
        for row in kernel_outbox.dead():
            click.echo(f"{row.at:%Y-%m-%d %H:%M} {row.subscriber} {row.fact} {row.subject_id} {row.last_error}")
        if retry:
            click.echo(f"{kernel_outbox.revive()} to be tried again")
        backlog = kernel_outbox.backlog()
    given_up = backlog.pop("dead", 0)
    for kind, count in sorted(backlog.items()):
        click.echo(f"{count} waiting: {kind}")
    if not backlog:
        click.echo("nothing is waiting")
    click.echo(f"{given_up} given up" if given_up else "nothing was given up")


@click.group()
def audit() -> None:
    """The audit trail."""


@audit.command("verify")
def verify_audit() -> None:
    """Check the chain of seals, and print the last one; exits 1 where it is broken."""
    from participate.audit.service import verify

    with opened():
        report = verify()
    click.echo(f"{report.sealed} entries are sealed, {report.unsealed} wait for their seal")
    if report.first_broken is not None:
        click.echo(f"the chain is broken from entry {report.first_broken} on: it was changed, removed, put in or moved")
        raise SystemExit(1)
    click.echo(f"the chain is whole; its last seal is {report.seal}")
