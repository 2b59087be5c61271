"""What each line of the table may come to: the ratio over which a run fails."""

LIMITS = {
    "GET one submission": 1.5,
    "own list, unchanged": 1.3,
    "public list of 50": 2.0,
    "moderation queue of 50": 2.0,
    "nearby, while typing": 5.0,  # to GET one submission: asked for again with every pause of who types
    "POST a submission": 2.0,
    "POST a 3.5 MB photo": 1.3,
    "photo upload to ready": 1.15,
    "photo looked through": 15.0,  # for faces and plates, to decoding it: told besides, after it is ready
    "point to cell": 2.0,
    "a fact worked off": 1.0,  # to 1 ms: a thousand a second
    "a submission screened": 1.0,  # to 10 ms: a hundred a second, in a process of its own
    "a deadline swept": 1.0,  # as a fact
    "16 writers: 95 % to 50 %": 4.0,  # how long the slowest of 16 writers take, to what is usual among them
    "GET one, p99, beside 2,000 streams": 1.5,  # to that of a process without any
    "an update to 2,000 streams": 1.0,  # to 2 s, when the last has it
    "memory of 2,000 streams": 1.0,  # to 60 MB
    "photos alike of 1,000,000": 5.0,  # to one row found by an index
    "statements to vote on, of 500": 8.0,  # ordered anew for everybody; to a page of five in their order
    "groups of 10,000 on 500 statements": 1.0,  # to a minute, with the reading of their votes
    "own outcome beside a crowd of 10,000": 5.0,  # by mail, while they are told a story; to that with nothing else on
    "import of wsgi:app": 1.5,  # to that of its third-party base
    "up --demo": 1.5,  # processor time of all that it starts, to the import of two web processes and of the workers
    "memory of a web process": 1.0,  # to 150 MB
    "sweep of 1,000 due among 1,000,000": 1.2,  # to that of as many among 10,000
    "figures of a district at 1,000,000": 1.3,  # cases of a year, to that at 10,000
    "figures of a person at 1,000,000": 1.3,
    "figures of a kind at 1,000,000": 1.3,
}
LISTS = 1.3  # Every list at 1,000,000 submissions, to its time at 10,000; the queue at 1,000,000 that wait, to 1,000.


def limit_of(name: str) -> float:
    """The highest ratio that the line of this name may come to."""
    return LISTS if name.startswith(("list ", "queue at ")) else LIMITS[name]
