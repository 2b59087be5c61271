"""How many files, connections among them, a process may have open."""

import resource

_MOST = 65_536


def allowed() -> int:
    """As many as its machine lets it: what a process begins with is often less, for programs of the nineties."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST if hard == resource.RLIM_INFINITY else min(hard, _MOST)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(soft, wanted)
