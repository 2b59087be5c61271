"""Handing in a submission takes few statements: the key, the rows, their timeline and their facts go together."""

from uuid import uuid4

from tests.queries import asked
from tests.steps import Way

MOST = 10
SENT = {
    "kind": "snap_report",
    "title": "A hole",
    "body": "There is a hole in the pavement.",
    "place": {"lat": 28.2282, "lon": 112.9388, "crs": "gcj02", "accuracy_m": 12.0},
}


def test_handing_in_takes_few_statements(way: Way) -> None:
    category = way.author.get("/v1/categories?limit=1").get_json()["items"][0]["code"]
    sent = SENT | {"category": category}
    with asked() as statements:
        answer = way.author.post("/v1/submissions", sent, headers={"Idempotency-Key": str(uuid4())})
    assert answer.status_code == 201, answer.get_json()
    written = " ".join(statements)
    for table in ("submissions", "submission_texts", "timeline_entries", "outbox_facts", "idempotency_keys"):
        assert f"INSERT INTO {table}" in written, "what counts is seen"
    # Whether boundaries have changed is asked once a second, by whoever comes first then.
    always = [statement for statement in statements if "places_revision" not in statement]
    assert len(always) <= MOST, always


def test_the_same_again_takes_fewer(way: Way) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    first = way.author.post("/v1/submissions", SENT, headers=headers)
    with asked() as statements:
        again = way.author.post("/v1/submissions", SENT, headers=headers)
    assert (again.status_code, again.data) == (first.status_code, first.data)
    assert len(statements) == 2, statements
