"""However long a page is, it takes few questions to the database: what hangs on its rows is asked for together."""

from participate.app import ROOMS
from tests.queries import asked
from tests.steps import Way

MOST, ROWS = 4, 5
# Every list: who reads it, and where; `submission` and `case` are such as have come some way.
LISTS = {
    "list_sessions": ("author", "/v1/auth/sessions"),
    "list_area_children": ("nobody", "/v1/areas/990101001001/children"),
    "list_categories": ("nobody", "/v1/categories?limit=50"),
    "list_services": ("nobody", "/v1/services?limit=50"),
    "list_units": ("nobody", "/v1/units?limit=50&area=99"),
    "list_submissions": ("nobody", "/v1/submissions?limit=50&q=hole&area=99"),
    "show_timeline": ("author", "/v1/submissions/{submission}/timeline?limit=50"),
    "list_own_submissions": ("author", "/v1/me/submissions?limit=50"),
    "show_queue": ("moderator", "/v1/moderation/queue?limit=50"),
    "list_cases": ("officer", "/v1/cases?limit=50&view=area"),
    "show_case_timeline": ("officer", "/v1/cases/{case}/timeline?limit=50"),
    "list_updates": ("author", "/v1/me/updates?limit=50"),
}


def test_every_list_is_here() -> None:
    lists = {name for room in ROOMS for name, shape in room.answers.items() if {"items", "next"} <= set(shape().fields)}
    assert lists - {"claim_tasks"} == set(LISTS), "claim_tasks answers a POST"


def test_a_page_takes_few_statements(way: Way) -> None:
    people = {"nobody": way.people.nobody(), "author": way.author, "moderator": way.moderator, "officer": way.officer}
    reached = _filled(way)
    for name, (reader, path) in LISTS.items():
        with asked() as statements:
            answer = people[reader].get(path.format(**reached))
        assert answer.status_code == 200, answer.get_json()
        assert len(answer.get_json()["items"]) >= ROWS, name
        assert 1 <= len(statements) <= MOST, (name, statements)


def _filled(way: Way) -> dict[str, str]:
    """Several rows for every list; the submission and the case that have come furthest."""
    for _ in range(ROWS):
        way.hand_in(photo_ids=[way.photo(way.author)])
        submission = way.accepted()
        way.people.signed_in(way.author.account_id)
    for move in ("accept", "start"):
        way.act(way.officer, submission, move)
    return {"submission": submission, "case": way.case(submission)}
