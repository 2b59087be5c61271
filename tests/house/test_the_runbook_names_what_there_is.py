"""docs/operations.md names every number there is, no command that is not there, and how long things are kept."""

import re

import click
from flask import Flask

from participate.accounts import forgetting as accounts
from participate.accounts import sms
from participate.cli import main
from participate.config import from_environment
from participate.kernel import idempotency, metrics, retention
from participate.moderation.screening import prints
from participate.photos import service as photos
from participate.updates.deliveries import forgetting as deliveries
from tests.house.source import ROOT

RUNBOOK = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def _commands(group: click.Group, path: str = "") -> set[str]:
    found = set()
    for name, command in group.commands.items():
        found |= _commands(command, f"{path}{name} ") if isinstance(command, click.Group) else {path + name}
    return found


def test_every_command_in_it_is_there() -> None:
    known = _commands(main)
    named = re.findall(r"(?:`|^)participate ([a-z][a-z -]*)", RUNBOOK, re.MULTILINE)
    assert len(named) > 10
    assert [text for text in named if not any(text == name or text.startswith(f"{name} ") for name in known)] == []


def test_every_number_is_in_it_and_no_other(service: Flask) -> None:
    named = {name.removesuffix("_total") for name in re.findall(r"`(participate_[a-z_]+)`", RUNBOOK)}
    gauges = {name for name, _, _ in service.extensions["participate.gauge_names"]}
    assert named == set(metrics.HELP) | gauges | {"participate_rows_read"}


def test_every_setting_in_it_is_there() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:PARTICIPATE|SECRET|DATABASE|REDIS|MEDIA)_[A-Z_]+)`", RUNBOOK))
    assert len(named) > 8
    assert [name for name in named if f"`{name}`" not in readme] == []


def test_it_tells_how_long_things_are_kept() -> None:
    settings = from_environment({"SECRET_KEY": "x" * 32})
    kept = dict(re.findall(r"^\| ([^|]+?) \| ([^|]+?) \| [^|]*\|$", RUNBOOK, re.MULTILINE))
    hours = {
        "answers kept for `Idempotency-Key`": idempotency.KEPT,
        "photos that were not attached to anything": photos.UNATTACHED_KEPT,
    }
    for what, time in hours.items():
        assert kept[what] == f"{time.total_seconds() / 3600:.0f} hours"
    assert kept["one-time codes, with their phone"] == f"{accounts.CODES_KEPT.days} day"
    assert kept["texts in the spool (`sms.jsonl`)"].startswith(f"{sms.KEPT.days} day")
    hashes = "hashes of texts, by which the desk finds repeated ones (taken away at once from what is withdrawn)"
    assert kept[hashes] == f"{prints.KEPT.days} days"
    assert kept["sign-ins that have ended or run out"] == f"{settings.keep_sessions_days} days"
    assert kept["facts in the outbox that everybody has acted on"] == f"{settings.keep_facts_days} days"
    assert kept["duties that were done or moot"] == f"{settings.keep_deadlines_days} days"
    sent = "messages that were sent, muted or given up: to whom, about what and when, not what they said"
    assert kept[sent] == f"{settings.keep_deliveries_days} days"
    names = "names of whom officers have filed for, and of the witnesses of their consent"
    assert kept[names] == f"{settings.keep_assisted_days} days after the submission is over"
    assert kept["events of webhooks, so that they can be sent again"] == f"{settings.keep_deliveries_days} days"
    assert kept["codes for addresses, with the address"] == f"{deliveries.CODES_KEPT.days} day"
    hashes = "keyed hashes of the addresses from which people took part in a consultation"
    assert kept[f"{hashes} (taken away at once when it is concluded)"] == f"{settings.keep_addresses_days} days"
    log = "entries in the officers' log of visits, with what they said before"
    assert kept[log] == f"{settings.keep_visits_days} days"
    assert f"steps of {retention.STEP} rows" in RUNBOOK
    assert f"at most {retention.STEP * retention._MOST_STEPS:,} of a kind" in RUNBOOK


def test_every_page_that_it_leads_to_is_there() -> None:
    for page in re.findall(r"\]\(([^)#]+)\)", RUNBOOK):
        assert (ROOT / "docs" / page).is_file(), page
