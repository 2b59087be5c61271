"""Tasks that wait, laid into the tables at once, so that tests of the queue have many."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from participate.kernel.clock import now
from participate.kernel.db import db, transaction
from participate.kernel.ids import new_id, new_receipt, new_reference
from participate.moderation import counts, flags
from participate.moderation.models import NORMAL, URGENT, ModerationTask
from participate.submissions import search
from participate.submissions.kinds import KINDS
from participate.submissions.models import Submission

AREAS = (None, "99", "9901", "990101", "990101001", "990101001001", "990101001001001", "990102001001001", "9902")
WORDS = ("路灯不亮", "井盖缺失", "小区停车难", "ＬＥＤ灯箱", "垃圾清运", "%_\\", "路 灯")
FLAGS = ("no_area", "photo_alike", "word", "emergency")


def lay(author_id: str, count: int, chance: Random, **fixed: Any) -> list[str]:
    """So many tasks, drawn by chance but for what is `fixed`; returns their ids."""
    drawn = [_drawn(author_id, chance, now()) | fixed for _ in range(count)]
    made = [_task(each) for each in drawn]
    with transaction():
        written = [_submission(task, each) for task, each in zip(made, drawn, strict=True)]
        db.session.add_all(written)
        db.session.flush()
        for row in written:
            search.keep(row)
        db.session.add_all(made)
        db.session.flush()
        for task in made:
            flags.keep(task, task.flags)
        counts.came(*made)
    return [task.id for task in made]


def _drawn(author_id: str, chance: Random, moment: datetime) -> dict[str, Any]:
    known = chance.sample(FLAGS, chance.choice((0, 0, 0, 1, 2)))
    # Many are due at the same moment, as what came in a night is.
    due = moment + timedelta(
        hours=chance.choice((-30, -1, 0, 1, 1, 1, 4)), microseconds=chance.choice((0, 0, 32, 10**6))
    )
    return {
        "author_id": author_id,
        "kind": chance.choice(tuple(KINDS)),
        "category": chance.choice((None, "C0101", "C0102", "E0305")),
        "area": chance.choice(AREAS),
        "body": " ".join(chance.choices(WORDS, k=chance.randint(1, 3))),
        "title": chance.choice((None, *WORDS)),
        "rank": chance.choice((URGENT, NORMAL, NORMAL)),
        "due_at": due,
        "known": [flags.flag(code, "flag.no_area") for code in known],
    }


def _task(drawn: dict[str, Any]) -> ModerationTask:
    told = {name: value for name, value in drawn.items() if name not in {"body", "title", "known"}}
    names = {"id": new_id(), "submission_id": new_id(), "fact_id": new_id(), "title": drawn["title"] or drawn["body"]}
    known = {"flags": drawn["known"], "flag_codes": flags.codes(drawn["known"])}
    return ModerationTask(**{"opened_at": now(), "warned": 0, "state": "waiting"} | names | known | told)


def _submission(task: ModerationTask, drawn: dict[str, Any]) -> Submission:
    names = {"reference": new_reference(), "receipt": new_receipt(), "author_id": drawn["author_id"]}
    plain = {"state": "in_moderation", "version": 2, "anonymous": False, "details": {}, "place_source": "none"}
    said = {name: drawn[name] for name in ("kind", "category", "area", "title", "body")}
    return Submission(id=task.submission_id, created_at=now(), updated_at=now(), **names, **plain, **said)


def texts(tasks: Sequence[Any]) -> dict[str, str]:
    """What is searched of each of these tasks (rows with `id`, `title_of`, `body`)."""
    return {task.id: search.normal(f"{task.title_of or ''}\n{task.body}") for task in tasks}
