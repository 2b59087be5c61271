"""How long it takes from a fact until its reader has it is counted for each channel: the feed is one of them."""

from participate.kernel import tally
from participate.updates import concerns
from participate.updates.channels.base import EMAIL
from participate.updates.deliveries.choices import IN_APP
from participate.updates.deliveries.taking import NAME
from participate.updates.service import append
from tests.conftest import HeldClock
from tests.steps import Way
from tests.updates.conftest import Post, reachable
from tests.updates.entries import entry


def counted(way: Way, channel: str) -> dict[str, float]:
    """How many took no longer than so many seconds, and how many there are in all."""
    found = {
        str(sample.labels.get("le", sample.name.rpartition("_")[2])): sample.value
        for metric in tally.added_up(tally.of(way.app).folder)
        for sample in metric.samples
        if metric.name == NAME and sample.labels["channel"] == channel
    }
    return {bound: found.get(bound, 0.0) for bound in ("60.0", "900.0", "+Inf", "sum")}


def test_each_is_counted_once_by_its_channel(way: Way, clock: HeldClock, post: Post) -> None:
    reader = reachable(way.author)
    feed, mail = counted(way, IN_APP), counted(way, EMAIL)
    late = entry(reader, concerns.OWN)
    clock.forward(seconds=100)
    append([late])
    append([late])
    expected = feed | {"900.0": feed["900.0"] + 1, "+Inf": feed["+Inf"] + 1, "sum": feed["sum"] + 100}
    assert counted(way, IN_APP) == expected
    clock.forward(seconds=900)
    post.send()
    post.send()
    assert counted(way, EMAIL) == mail | {"+Inf": mail["+Inf"] + 1, "sum": mail["sum"] + 1000}


def test_all_that_a_digest_carries_is_counted(way: Way, clock: HeldClock, post: Post) -> None:
    reader = reachable(way.author, digest_hour=12)
    mail = counted(way, EMAIL)
    append([entry(reader, concerns.OWN), entry(reader, concerns.OWN)])
    clock.forward(days=1)
    post.send()
    assert counted(way, EMAIL)["+Inf"] == mail["+Inf"] + 2
