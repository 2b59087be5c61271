"""`participate seed --demo --cases`: proposals and suggestions as their authors, their signers and a desk meet them."""

from flask import Flask
from sqlalchemy import select

from participate.cases.models import Case
from participate.cli import demo, demo_proposals
from participate.kernel.context import settings
from participate.kernel.db import rows
from participate.submissions.models import Submission
from participate.submissions.proposals.models import CoSigner, Proposal


def test_each_is_as_far_as_its_story_goes(app: Flask) -> None:
    accounts = settings().data_dir / demo.ACCOUNTS_FILE
    accounts.unlink(missing_ok=True)  # Other tests of this process lay a demo too.
    demo.seed(settings())
    accounts.unlink()
    assert demo_proposals.lay(demo.AROUND) == 5
    shown = (Submission.kind, Submission.state, Submission.joined, Submission.filed_as.is_not(None))
    told = [tuple(row) for row in rows(select(*shown).order_by(Submission.id))]
    assert told == [
        ("micro_proposal", "accepted", 1, True),
        ("micro_consultation", "in_moderation", 0, False),
        ("micro_proposal", "rejected", 1, False),
        ("micro_proposal", "answered", 1, True),
        ("micro_suggestion", "accepted", 0, False),
        ("micro_suggestion", "accepted", 1, False),
        ("micro_proposal", "in_moderation", 0, False),
    ]
    assert [row.state for row in rows(select(CoSigner.state))] == ["signed"] * 3
    filed = rows(select(Proposal.hard, Proposal.key).order_by(Proposal.number))
    assert [tuple(row) for row in filed] == [(True, True), (False, False)]
    answered = rows(select(Case.answer_class).where(Case.state == "verified"))
    assert [row.answer_class for row in answered] == ["B"]
