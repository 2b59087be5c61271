"""Photos are sent whole or in the part that is asked for, with headers that let nothing in them run."""

from hashlib import sha256

import pytest
from werkzeug.test import TestResponse

from participate.kernel import sending
from participate.photos.arriving import store
from participate.photos.files import rendition_key
from participate.photos.storage import MediaStore, original_key
from tests.people import Person
from tests.steps import Way, snapshot

DATA = snapshot(28.25, 112.875)
SIZE = len(DATA)
WHOLE = (200, DATA, None)


@pytest.fixture
def path(way: Way, kept_in: MediaStore) -> str:
    return f"/v1/photos/{way.photo(way.author, DATA)}"


@pytest.fixture
def public(way: Way, path: str) -> str:
    """The same, once all may see it."""
    way.accepted(photo_ids=[path.rpartition("/")[2]])
    return path


def part(answer: TestResponse) -> tuple[int, bytes, str | None]:
    assert answer.headers["Content-Length"] == str(len(answer.data))
    return answer.status_code, answer.data, answer.headers.get("Content-Range")


def original(who: Person, path: str, **headers: str) -> TestResponse:
    return who.get(f"{path}/original", headers={name.replace("_", "-"): value for name, value in headers.items()})


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=5-5", 5, 6),
        ("bytes=100-", 100, SIZE),
        ("bytes=-7", SIZE - 7, SIZE),
        (f"bytes=0-{SIZE * 2}", 0, SIZE),
        (f"bytes=-{SIZE * 2}", 0, SIZE),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE),
    ],
)
def test_one_part(way: Way, path: str, asked: str, start: int, end: int) -> None:
    answer = original(way.author, path, Range=asked)
    assert part(answer) == (206, DATA[start:end], f"bytes {start}-{end - 1}/{SIZE}")


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,5-6", "lines=0-5", "bytes=9-2", "bytes", "", "bytes=a-b", "bytes=--5", "bytes=-0"]
)
def test_who_asks_for_what_is_not_one_part_gets_the_whole(way: Way, path: str, asked: str) -> None:
    assert part(original(way.author, path, Range=asked)) == WHOLE


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", f"bytes={SIZE + 5}-{SIZE + 9}"])
def test_a_part_that_there_is_not(way: Way, path: str, asked: str) -> None:
    answer = original(way.author, path, Range=asked)
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{SIZE}"
    assert answer.get_json()["type"].endswith(":range_not_satisfiable")


def test_a_part_of_what_has_changed_is_the_whole(way: Way, path: str) -> None:
    tag = original(way.author, path).headers["ETag"]
    assert tag == f'"{sha256(DATA).hexdigest()}"'
    same = original(way.author, path, Range="bytes=0-4", If_Range=tag)
    assert part(same) == (206, DATA[:5], f"bytes 0-4/{SIZE}")
    for other in ('"another"', f"W/{tag}", "Mon, 23 Nov 2026 02:00:00 GMT"):
        assert part(original(way.author, path, Range="bytes=0-4", If_Range=other)) == WHOLE


def test_a_long_one_comes_in_pieces_and_whole(way: Way, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "_AT_ONCE", 10)
    monkeypatch.setattr(sending, "_PIECE", 1000)
    for _ in range(2 * sending._SENDERS):  # Each gives its place back.
        assert part(original(way.author, path)) == WHOLE
    assert part(original(way.author, path, Range="bytes=7-2100")) == (206, DATA[7:2101], f"bytes 7-2100/{SIZE}")


def test_a_long_picture_does_too(way: Way, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "_AT_ONCE", 10)
    whole = way.author.get(f"{path}/view")
    for held in ("If-None-Match", "X-Nothing"):
        assert part(way.author.get(f"{path}/view", headers={held: '"another"'})) == (200, whole.data, None)


def test_where_too_many_are_sent_slowly_another_has_to_wait(
    way: Way, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "_AT_ONCE", 10)
    held = [way.author.get(f"{path}/original", buffered=False) for _ in range(sending._SENDERS)]
    refused = original(way.author, path)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
    assert way.author.get(path).status_code == 200, "nobody else has to"
    for answer in held:
        answer.close()
    assert part(original(way.author, path)) == WHOLE


def test_a_head_tells_without_sending(way: Way, path: str) -> None:
    for name in ("thumb", "view", "original"):
        whole, head = way.author.get(f"{path}/{name}"), way.author.request("HEAD", f"{path}/{name}")
        kept = ("Content-Length", "Content-Type", "ETag", "Cache-Control", "Accept-Ranges")
        assert [head.headers[header] for header in kept] == [whole.headers[header] for header in kept]
        assert (head.status_code, head.data) == (200, b"")
    ranged = way.author.request("HEAD", f"{path}/view", headers={"Range": "bytes=0-4"})
    assert (ranged.status_code, ranged.headers.get("Content-Range")) == (200, None)


def test_what_is_held_is_not_sent_again(way: Way, public: str) -> None:
    for who, name in ((way.people.nobody(), "view"), (way.author, "thumb"), (way.officer, "original")):
        tag = who.get(f"{public}/{name}").headers["ETag"]
        again = who.get(f"{public}/{name}", headers={"If-None-Match": f'"x", W/{tag}'})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
        assert who.get(f"{public}/{name}", headers={"If-None-Match": '"x"'}).status_code == 200


def test_a_picture_that_was_made_anew_is_sent_again(way: Way, public: str) -> None:
    photo, nobody = public.rpartition("/")[2], way.people.nobody()
    tag = nobody.get(f"{public}/view").headers["ETag"]
    store().put(rendition_key(photo, "view"), b"\xff\xd8 with more of it blurred")
    again = nobody.get(f"{public}/view", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (200, b"\xff\xd8 with more of it blurred")


def test_caches_hold_what_is_public_for_minutes_and_nothing_else(way: Way, public: str) -> None:
    assert way.people.nobody().get(f"{public}/view").headers["Cache-Control"] == "public, max-age=300, must-revalidate"
    for name in ("thumb", "view", "original"):
        assert way.author.get(f"{public}/{name}").headers["Cache-Control"] == "private, no-store"


def test_withdrawn_it_is_not_even_confirmed(way: Way, public: str) -> None:
    nobody = way.people.nobody()
    tag = nobody.get(f"{public}/view").headers["ETag"]
    (submission,) = {item["id"] for item in way.author.get("/v1/me/submissions").get_json()["items"]}
    way.move(way.author, submission, "withdraw")
    assert nobody.get(f"{public}/view", headers={"If-None-Match": tag}).status_code == 404


def test_nothing_in_it_runs(way: Way, path: str) -> None:
    for name, kind in (("thumb", "image/jpeg"), ("view", "image/jpeg"), ("original", "image/jpeg")):
        headers = way.author.get(f"{path}/{name}").headers
        assert headers["Content-Type"] == kind
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    photo = path.rpartition("/")[2]
    assert original(way.author, path).headers["Content-Disposition"] == f'attachment; filename="{photo}.jpg"'


def test_what_is_no_photo_is_sent_as_nothing_in_particular(way: Way, kept_in: MediaStore) -> None:
    page = b"<html><script>alert(1)</script></html>"
    path = f"/v1/photos/{way.photo(way.author, page)}"
    answer = original(way.author, path)
    assert (answer.data, answer.content_type) == (page, "application/octet-stream")
    assert answer.headers["Content-Disposition"].endswith('.bin"')


def test_a_lost_file_is_missing_and_no_error(way: Way, path: str) -> None:
    store().delete(original_key(sha256(DATA).hexdigest()))
    store().delete(rendition_key(path.rpartition("/")[2], "view"))
    assert way.author.get(f"{path}/original").status_code == 404
    assert way.author.get(f"{path}/view").status_code == 404
    assert way.author.get(f"{path}/thumb").status_code == 200
