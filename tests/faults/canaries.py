"""What the harness is worth: without a defence, the invariant that it guards must go red.

Each canary takes a defence away from the service, from the test side (see `patches`), and names what must be seen.
"""

from dataclasses import dataclass

from tests.faults.injuries import EMBEDDED, SERVERS


@dataclass(frozen=True)
class Canary:
    """`without` names the patches that take a defence away; then `fault` must make invariant `red` fail.

    `settle`: seconds to wait for the work to be done; with the defence it is done by then.
    """

    without: tuple[str, ...]
    fault: str
    pair: str
    red: int
    settle: float = 15.0
    in_ci: bool = False


CANARIES = (
    Canary(("honesty",), "SQLite locked from outside for 10 s", EMBEDDED, 1, settle=5),
    Canary(("idempotency",), "nothing at all", EMBEDDED, 2, settle=5, in_ci=True),
    Canary(("idempotency",), "nothing at all", SERVERS, 2, settle=5),
    Canary(("outbox",), "web killed at work, 4 times", SERVERS, 3, settle=30),
    Canary(("lease",), "the facts' worker killed with work in hand, 3 times", EMBEDDED, 3, settle=60),
    Canary(("sweep",), "the facts' worker killed with work in hand, 3 times", SERVERS, 3, settle=50),
    Canary(("rescue",), "the clock jumps 2 h ahead, and back", EMBEDDED, 3, settle=50),
    Canary(("fork",), "a photo that kills whoever decodes it", EMBEDDED, 3, settle=60),
    Canary(("dedupe",), "every errand is delivered twice", EMBEDDED, 4, settle=5, in_ci=True),
    Canary(("mark",), "nothing at all", EMBEDDED, 4, settle=20),
    Canary(("timeline",), "web killed at work, 4 times", EMBEDDED, 5, settle=5),
    Canary(("order",), "web killed at work, 4 times", EMBEDDED, 6, settle=5),
    Canary(("collector",), "SQLite locked from outside for 10 s", EMBEDDED, 6, settle=5),
    Canary(("impatience",), "Redis frozen", EMBEDDED, 7, settle=5),
    Canary(("impatience",), "PostgreSQL frozen", SERVERS, 7, settle=5, in_ci=True),
    Canary(("excuses",), "PostgreSQL's connections cut, 6 times", SERVERS, 7, settle=5, in_ci=True),
    Canary(("excuses",), "disk full under the photos", EMBEDDED, 7, settle=5),
    Canary(("spare",), "200 dripping connections", EMBEDDED, 7, settle=5),
)
