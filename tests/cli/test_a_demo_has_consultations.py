"""`participate seed --demo --cases` lays consultations: with two groups of opinion, with its outcome, and in rounds."""

from flask import Flask
from sqlalchemy import select

from participate.cli import demo, demo_consultations
from participate.consultations.models import Consultation, Round
from participate.kernel.context import settings
from participate.kernel.db import rows
from participate.submissions.models import Submission


def test_one_is_voted_on_and_one_has_its_outcome(app: Flask) -> None:
    accounts = settings().data_dir / demo.ACCOUNTS_FILE
    accounts.unlink(missing_ok=True)  # Other tests of this process lay a demo too.
    demo.seed(settings())
    accounts.unlink()
    assert demo_consultations.lay(demo.AROUND) == 3
    asked = select(Submission.state, Consultation.picture, Consultation.outcomes).join(
        Consultation, Consultation.id == Submission.id
    )
    running, ended, planned = rows(asked.order_by(Submission.id))
    assert (running.state, ended.state) == ("open", "concluded")
    assert [group["people"] for group in running.picture["groups"]] == [36, 24]
    assert all(group["stands_for"] for group in running.picture["groups"])
    assert [outcome["adopted"] for outcome in ended.outcomes] == ["adopted", "partly", "not"]
    assert (planned.state, planned.picture["votes"]) == ("open", 0)
    assert [row.state for row in rows(select(Round.state))] == ["announced", "announced"]
