"""An uploaded photo is looked at in the background, and then shows itself or says why not."""

from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image

from participate.kernel.context import settings
from tests.people import People, Person
from tests.steps import code_of, snapshot, upload

pytestmark = pytest.mark.usefixtures("app")
Work = Callable[[], int]


@pytest.fixture
def resident(people: People) -> Person:
    return people.resident()


def test_from_upload_to_its_renditions(resident: Person, work: Work) -> None:
    made = upload(resident, snapshot(28.25, 112.5))
    path = made.headers["Location"]
    assert (made.status_code, made.get_json()["state"]) == (201, "processing")
    assert path == f"/v1/photos/{made.get_json()['id']}"
    waiting = resident.get(path).get_json()
    assert (waiting["state"], waiting["renditions"], waiting["width"]) == ("processing", {}, None)
    assert resident.get(f"{path}/thumb").status_code == 404

    work()
    ready = resident.get(path).get_json()
    assert (ready["state"], ready["reason"], ready["width"], ready["height"]) == ("ready", None, 64, 48)
    assert ready["place"] == {"lat": 28.25, "lon": 112.5, "crs": "wgs84"}
    assert ready["taken_at"] == "2026-05-04T01:30:00Z"
    assert {name: url.partition("?")[0] for name, url in ready["renditions"].items()} == {
        "thumb": f"{path}/thumb",
        "view": f"{path}/view",
    }


@pytest.mark.parametrize(("name", "size"), [("thumb", (320, 240)), ("view", (1600, 1200))])
def test_renditions_are_jpegs_of_their_size(resident: Person, work: Work, name: str, size: tuple[int, int]) -> None:
    target = BytesIO()
    Image.new("RGB", (2000, 1500), "#5d5d60").save(target, "PNG")
    path = upload(resident, target.getvalue()).headers["Location"]
    work()
    answer = resident.get(f"{path}/{name}")
    assert (answer.status_code, answer.content_type) == (200, "image/jpeg")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    with Image.open(BytesIO(answer.data)) as picture:
        assert (picture.format, picture.size) == ("JPEG", size)


def test_renditions_carry_nothing_that_the_camera_wrote(resident: Person, work: Work) -> None:
    original = snapshot(28.25, 112.5)
    assert b"Canary" in original
    path = upload(resident, original).headers["Location"]
    work()
    for name in ("thumb", "view"):
        data = resident.get(f"{path}/{name}").data
        assert b"Canary" not in data
        assert b"Exif" not in data
    assert resident.get(f"{path}/original").data == original


@pytest.mark.parametrize(
    ("data", "english"),
    [(b"", "The file is empty."), (b"hello", "This is not a photo."), (snapshot()[:300], "damaged")],
    ids=["empty", "no photo", "cut short"],
)
def test_what_is_no_photo_is_refused_with_a_reason(resident: Person, work: Work, data: bytes, english: str) -> None:
    path = upload(resident, data).headers["Location"]
    work()
    refused = resident.get(path).get_json()
    assert (refused["state"], refused["renditions"]) == ("refused", {})
    assert english in refused["reason"]
    chinese = resident.get(path, headers={"Accept-Language": "zh-Hans"}).get_json()["reason"]
    assert any("一" <= sign <= "鿿" for sign in chinese)
    assert resident.get(f"{path}/view").status_code == 404


def test_what_is_held_is_sent_again_only_when_it_changes(resident: Person, work: Work) -> None:
    path = upload(resident).headers["Location"]
    held = {"If-None-Match": resident.get(path).headers["ETag"]}
    assert resident.get(path, headers=held).status_code == 304
    work()
    assert resident.get(path, headers=held).get_json()["state"] == "ready"


def test_looking_twice_changes_nothing(resident: Person, work: Work) -> None:
    path = upload(resident).headers["Location"]
    assert work() > 0
    before = resident.get(path).data
    assert work() == 0
    assert resident.get(path).data == before


def test_a_photo_that_is_too_large_is_not_taken(resident: Person) -> None:
    largest = settings().max_photo_bytes
    assert code_of(upload(resident, b"\xff" * (largest + 1))) == (413, "photo_too_large")
    assert upload(resident, b"\xff" * largest).status_code == 201


def test_without_a_file_nothing_is_made(resident: Person) -> None:
    for parts, code in (({"photo": (BytesIO(b"x"), "x.jpg")}, "required"), ({"file": "text, and no file"}, "type")):
        answer = resident.post("/v1/photos", data=parts, content_type="multipart/form-data")
        assert code_of(answer) == (422, "invalid")
        assert answer.get_json()["errors"][0] | {"message": ""} == {"field": "file", "code": code, "message": ""}
    assert code_of(resident.post("/v1/photos", {"file": "x"})) == (415, "unsupported_media_type")
    assert code_of(resident.post("/v1/photos")) == (415, "unsupported_media_type")


def test_one_has_to_sign_in_first(people: People) -> None:
    assert code_of(upload(people.nobody())) == (401, "sign_in")
