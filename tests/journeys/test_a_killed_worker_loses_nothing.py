"""Workers are killed and the queue store is wiped mid-way: every submission still arrives, and arrives once."""

from collections import Counter
from contextlib import suppress
from functools import partial

import psutil

from tests.journeys.callers import Caller, resident, sample_photo, staff
from tests.live import Live, until
from tests.stores import wipe

BURST = 8
ARRIVAL_SECONDS = 60.0


def test_every_submission_arrives_once(service: Live) -> None:
    author = resident(service)
    handed_in = _killed_in_the_midst_of_a_batch(service, author)
    handed_in += _killed_in_the_midst_of_a_photo(service, author)
    handed_in += _wiped_before_anyone_has_heard(service, author)
    until(lambda: all(_arrived(author, made) for made in handed_in), "all submissions to arrive", ARRIVAL_SECONDS)
    moderator = staff(service, "moderator")
    until(lambda: _tasks(moderator).keys() >= set(handed_in), "a task for each", ARRIVAL_SECONDS)
    assert _tasks(moderator) == dict.fromkeys(handed_in, 1)
    for made in handed_in:
        assert sorted(author.heard(made)) == ["admit", "submit"]
        assert [step["move"] for step in author.items(f"/v1/submissions/{made}/timeline")] == ["submit", "admit"]
        assert [photo["state"] for photo in author.get(f"/v1/submissions/{made}")["photos"]] == ["ready"]


def _hand_in(author: Caller, count: int) -> list[str]:
    return [author.hand_in(photos=(sample_photo(),))["id"] for _ in range(count)]


def _killed_in_the_midst_of_a_batch(service: Live, author: Caller) -> list[str]:
    """The facts' worker finds a heap when it comes back, and is killed when it has done some of it."""
    service.kill("facts")
    handed_in = _hand_in(author, BURST)
    victim = until(partial(service.child, "facts"), "facts")
    until(lambda: author.get("/v1/me/updates")["items"], "a first update")
    victim.kill()
    return handed_in


def _killed_in_the_midst_of_a_photo(service: Live, author: Caller) -> list[str]:
    """Whatever decodes photos is killed with one on its hands, and the relay with word of others."""
    handed_in = _hand_in(author, 2)
    for process in [until(partial(service.child, name), name) for name in ("photos", "relay")]:
        for one in [*process.children(recursive=True), process]:
            with suppress(psutil.NoSuchProcess):  # The photo may just have been done.
                one.kill()
    return handed_in


def _wiped_before_anyone_has_heard(service: Live, author: Caller) -> list[str]:
    """No worker is there when the store loses their wake-ups: nothing is left but the rows."""
    until(partial(service.child, "relay"), "relay")
    service.kill("facts")
    service.kill("photos")
    handed_in = _hand_in(author, 2)
    wipe(service.redis_url)
    return handed_in


def _arrived(author: Caller, submission_id: str) -> bool:
    """Whether nothing about this submission is under way any more."""
    shown = author.get(f"/v1/submissions/{submission_id}")
    return shown["state"] == "in_moderation" and len(author.heard(submission_id)) >= 2


def _tasks(moderator: Caller) -> Counter[str]:
    """How many tasks in the queue each submission has."""
    return Counter(task["submission_id"] for task in moderator.items("/v1/moderation/queue"))
