"""`participate seed --demo --cases` lays micro-supervisions: with a plan, with a result, and without an account."""

from flask import Flask
from sqlalchemy import select

from participate.cases.rectifications.models import Rectification
from participate.cli import demo, demo_supervision
from participate.kernel.context import settings
from participate.kernel.db import rows
from participate.submissions.models import Submission


def test_one_is_planned_one_is_published_and_one_has_no_account(app: Flask) -> None:
    accounts = settings().data_dir / demo.ACCOUNTS_FILE
    accounts.unlink(missing_ok=True)  # Other tests of this process lay a demo too.
    demo.seed(settings())
    accounts.unlink()
    assert demo_supervision.lay(demo.AROUND) == 3
    held = Rectification
    found = rows(select(held.state, held.result, held.written_by, held.settled_by).order_by(held.issued_at))
    assert [row.state for row in found] == ["planned", "rectified"]
    assert found[1].written_by != found[1].settled_by
    states = [row.state for row in rows(select(Submission.state).order_by(Submission.created_at))]
    assert states == ["in_progress", "in_progress", "in_moderation"]
