"""What a decision would tell the author, seen before it is made."""

from collections.abc import Sequence
from typing import Any

from participate.accounts import queries as accounts
from participate.kernel.auth import Caller
from participate.kernel.db import AnyRow, transaction
from participate.kernel.rehearsal import rehearsal
from participate.kernel.words import LANGUAGES
from participate.kernel.workflow import Actor, locked
from participate.moderation import deciding
from participate.moderation.claiming import check_free
from participate.moderation.deciding import Decision
from participate.moderation.models import ModerationTask
from participate.moderation.queries import tasks
from participate.submissions import queries as submissions
from participate.submissions import telling


def preview(caller: Caller, task_id: str, decision: Decision, expected_version: int | None = None) -> dict[str, Any]:
    """The author's `language`, and each update that they would get, word by word in all languages, the decision's last.

    Where two people must agree, it is what the author reads once they do. Nothing is changed. Raises what
    `deciding.decide` does.
    """
    deciding.check(decision)
    tasks.task(caller, task_id)
    deciding.check_seen(caller, decision)
    with transaction():
        with rehearsal():
            task = locked(ModerationTask, task_id)
            check_free(task, caller, expected_version)
            before = submissions.brief(task.submission_id)
            deciding.effect(task, Actor.of(caller.account_id, "moderator"), decision)
            steps = telling.since(task.submission_id, before.version)
        language = accounts.language_of(before.author_id)
    return _shown(steps, before, language)


def _shown(steps: Sequence[AnyRow], brief: AnyRow, language: str) -> dict[str, Any]:
    updates = [{"fact": step.move, "texts": _texts(step, brief)} for step in steps]
    texts = updates[-1]["texts"]
    return {"language": language, "text": texts[language], "texts": texts, "updates": updates}


def _texts(step: AnyRow, brief: AnyRow) -> dict[str, str]:
    words, kept = f"step.{step.subject_type}.{step.move}", telling.values(step, brief)
    return {language: telling.text(words, language, kept) for language in LANGUAGES}
