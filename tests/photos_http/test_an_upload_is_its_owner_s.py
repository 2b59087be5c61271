"""An upload is there for whoever began it, and for nobody else, whatever their role."""

import pytest

from participate.accounts.models import ROLES
from tests.people import People, Person
from tests.photos_http.tus import FILE, PIECE, TUS, begin, go_on, look

UNKNOWN = "/v1/uploads/019aafc3-7c00-7000-8000-000000000001"
CALLS = (
    ("HEAD", {}),
    ("PATCH", {"Upload-Offset": "0"}),
    ("DELETE", {}),
    ("POST", {"X-HTTP-Method-Override": "DELETE"}),
)


def statuses(who: Person, path: str) -> list[int]:
    """What `who` gets of the upload."""
    return [
        who.request(method, path, headers=TUS | headers, data=b"x", content_type=PIECE).status_code
        for method, headers in CALLS
    ]


@pytest.mark.usefixtures("app")
def test_anybody_who_is_signed_in_may_begin_one(people: People) -> None:
    assert begin(people.resident(), 1).status_code == 201
    assert begin(people.staff("grid_officer"), 1).status_code == 201
    assert begin(people.nobody(), 1).status_code == 401


@pytest.mark.usefixtures("app")
def test_to_others_it_is_not_there(people: People) -> None:
    owner = people.resident()
    path = begin(owner, len(FILE), FILE[:1000]).headers["Location"]
    assert statuses(people.nobody(), path) == [401] * 4
    for other in (people.resident(), *(people.staff(role, area="") for role in ROLES)):
        assert statuses(other, path) == [404] * 4
        hidden, unknown = (go_on(other, each, 0, b"x") for each in (path, UNKNOWN))
        assert hidden.data == unknown.data
    assert look(owner, path).headers["Upload-Offset"] == "1000"
    assert go_on(owner, path, 1000, FILE[1000:]).status_code == 204
