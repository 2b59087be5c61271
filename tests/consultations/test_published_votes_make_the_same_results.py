"""Whoever has the votes that are published finds the published results; of who has voted they hold nothing."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select

from participate.cli import demo, demo_consultations, main
from participate.consultations import publishing
from participate.consultations.models import Consultation, Participant, Vote
from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.db import execute, rows, table, transaction
from participate.submissions.models import Submission


@pytest.fixture
def published(app: Flask) -> dict[str, Any]:
    accounts = settings().data_dir / demo.ACCOUNTS_FILE
    accounts.unlink(missing_ok=True)
    demo.seed(settings())
    accounts.unlink()
    demo_consultations.lay(demo.AROUND)
    reference = _reference("open")
    with pytest.raises(publishing.NotYet, match="still vote"):
        publishing.published(reference)
    over = {"stale": False, "closes_at": now() - timedelta(minutes=1)}  # As once its day is over and it is drawn.
    with transaction():
        execute(table(Consultation).update().values(over))
    return publishing.published(reference)


def _reference(state: str) -> str:
    """That of the first one in this state."""
    found = select(Submission.reference).where(Submission.state == state).order_by(Submission.id)
    return str(rows(found)[0].reference)


def test_the_same_results_come_of_it(published: dict[str, Any], tmp_path: Path) -> None:
    accounts = {row.account_id for row in rows(select(Participant.account_id))}
    assert len(accounts) == len(published["people"]) == demo_consultations.VOTERS
    assert not any(each in json.dumps(published) for each in accounts)
    again = publishing.published(published["reference"])
    assert {each["person"] for each in again["people"]}.isdisjoint({each["person"] for each in published["people"]})
    assert len(list(publishing.lines(published))) == published["results"]["votes"]
    file = tmp_path / "consultation.json"
    for told in (published, again, published | {"people": published["people"][::-1]}):
        file.write_text(json.dumps(told))
        answer = CliRunner().invoke(main, ["consultations", "recompute", str(file)])
        assert (answer.exit_code, answer.output) == (0, "the same results\n")
    published["people"][0]["votes"] = published["people"][0]["votes"].translate({43: "-", 45: "+", 48: "+"})
    file.write_text(json.dumps(published))
    assert CliRunner().invoke(main, ["consultations", "recompute", str(file)]).exit_code == 1
    file.write_text("{}")
    answer = CliRunner().invoke(main, ["consultations", "recompute", str(file)])
    assert (answer.exit_code, "no published consultation" in answer.output) == (1, True)


def test_few_people_are_not_told(published: dict[str, Any]) -> None:
    few = {row.account_id for row in rows(select(Participant.account_id).distinct().limit(4))}
    votes = table(Vote)
    with transaction():
        execute(votes.delete().where(votes.c.account_id.not_in(few)))
    with pytest.raises(publishing.NotYet, match="anew"):
        publishing.published(published["reference"])
    (row,) = rows(select(Consultation.picture, Consultation.id).where(Consultation.id == published["id"]))
    shown, left = publishing.drawing.voted(row.id)
    memory = publishing.Memory(groups=published["groups"])
    drawn = publishing.drawing.pictured(left, shown, publishing.drawing.seed_of(row.id), memory)[0]
    held = table(Consultation)
    with transaction():
        execute(held.update().where(held.c.id == row.id).values(stale=False, picture=drawn | {"at": row.picture["at"]}))
    told = publishing.published(published["reference"])
    assert (told["people"], told["withheld"]) == (None, "a group has fewer than 5 people")
    with pytest.raises(publishing.NotYet, match="withheld"):
        publishing.recomputed(told)
