"""A submitter who has had it reopened twice can have a supervisor decide."""

from participate.migrations.online import change_check

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_SUBMISSIONS = (
    "state IN ('received', 'in_moderation', 'returned', 'rejected', 'merged', 'accepted', 'assigned', 'in_progress', "
    "'open', 'in_verification', 'answered', 'concluded', 'closed', 'withdrawn')"
)
_CASES = (
    "state IN ('filed', 'dispatched', 'objected', 'accepted', 'in_progress', 'paused', 'rework', 'resolved', 'verified', "
    "'closed', 'cancelled')"
)
_CHECKS = (
    ("submissions", _SUBMISSIONS, _SUBMISSIONS.replace("'answered', ", "'answered', 'disputed', ")),
    ("cases", _CASES, _CASES.replace("'verified', ", "'verified', 'disputed', ")),
)


def upgrade() -> None:
    for table, before, after in _CHECKS:
        change_check(table, f"ck_{table}_state", before, after)


def downgrade() -> None:
    for table, before, after in _CHECKS:
        change_check(table, f"ck_{table}_state", after, before)
