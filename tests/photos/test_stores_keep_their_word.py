"""A local folder and an S3 bucket keep the same promises: whole or not at all, and nothing outside their place."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from participate.photos.storage import MediaStore, open_store

KEY = "originals/ab/cd/abcdef0123.jpg"


@pytest.fixture(scope="module")
def s3_endpoint() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["local", "s3"])
def media_url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "local":
        return str(tmp_path / "media" / "store")
    endpoint = request.getfixturevalue("s3_endpoint")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    bucket = tmp_path.name.replace("_", "-").strip("-").lower()[-60:]
    boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1").create_bucket(Bucket=bucket)
    return f"s3://{bucket}/in/here?endpoint={endpoint}&region=us-east-1"


@pytest.fixture
def store(media_url: str) -> MediaStore:
    return open_store(media_url)


def test_what_is_put_is_there_for_all(store: MediaStore, media_url: str) -> None:
    data = os.urandom(6_000_000)
    store.put(KEY, data)
    other = open_store(media_url)
    assert other.exists(KEY)
    assert other.get(KEY) == data


def test_what_is_not_there(store: MediaStore) -> None:
    assert not store.exists(KEY)
    with pytest.raises(FileNotFoundError):
        store.get(KEY)
    store.delete(KEY)
    assert list(store.keys()) == []


def test_a_second_put_takes_the_place_of_the_first(store: MediaStore) -> None:
    store.put(KEY, b"first and longer")
    store.put(KEY, b"second")
    assert store.get(KEY) == b"second"
    assert list(store.keys()) == [KEY]


def test_places_beside_one_another_share_nothing(store: MediaStore, media_url: str) -> None:
    beside = open_store(media_url.replace("/in/here", "/in/there").replace("/media/store", "/media/other"))
    store.put(KEY, b"mine")
    assert not beside.exists(KEY)
    assert list(beside.keys()) == []


def test_no_bytes_are_bytes_too(store: MediaStore) -> None:
    store.put(KEY, b"")
    assert store.exists(KEY)
    assert store.get(KEY) == b""


def test_what_is_deleted_is_gone_and_the_rest_stays(store: MediaStore) -> None:
    store.put("a/1", b"1")
    store.put("a/2", b"2")
    store.delete("a/1")
    assert not store.exists("a/1")
    assert list(store.keys()) == ["a/2"]


def test_keys_are_listed_by_whole_parts(store: MediaStore) -> None:
    for key in ("a/b/1", "a/b/c/2", "a/bc/3", "d"):
        store.put(key, b"x")
    assert set(store.keys()) == {"a/b/1", "a/b/c/2", "a/bc/3", "d"}
    assert set(store.keys("a/b")) == {"a/b/1", "a/b/c/2"}
    assert set(store.keys("nowhere")) == set()


@pytest.mark.parametrize(
    "key",
    [
        *("", "/etc/passwd", "../up", "a/../../up", "a/..", "..", ".", "a//b", "a/", ".hidden", "a/.part", "A", "a b"),
        *("a\\b", "a\n", "a\0", "ａ", "%2e%2e/up", "a..b", "~", "a:b", "é", "-rf", "a" * 201),
    ],
)
def test_keys_that_no_server_would_make_are_refused(store: MediaStore, key: str) -> None:
    for verb in (store.get, store.exists, store.delete, lambda key: store.put(key, b"x")):
        with pytest.raises(ValueError, match="not a key"):
            verb(key)
    if key:
        with pytest.raises(ValueError, match="not a key"):
            list(store.keys(key))


WRITER = """
import sys
from pathlib import Path
from participate.photos.storage import LocalStore
store = LocalStore(Path(sys.argv[1]))
while True:
    for letter in (b"a", b"b"):
        store.put("one/key", letter * 3_000_000)
        print(flush=True)
"""


def test_nobody_sees_half_a_file_even_when_its_writer_is_killed(tmp_path: Path) -> None:
    store, wholes = open_store(str(tmp_path)), (b"a" * 3_000_000, b"b" * 3_000_000)
    for _ in range(3):
        with subprocess.Popen([sys.executable, "-c", WRITER, tmp_path], stdout=subprocess.PIPE) as writer:
            assert writer.stdout
            writer.stdout.readline()
            for _ in range(40):
                assert store.get("one/key") in wholes
            writer.send_signal(signal.SIGKILL)
        assert store.get("one/key") in wholes
        assert list(store.keys()) == ["one/key"]


AFTER_A_FORK = """
import os, sys
from participate.photos.storage import open_store
store = open_store(sys.argv[1])
if sys.argv[2] == "used":
    store.exists("a")
child = os.fork()
if child:
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
try:
    store.put("a", b"from the child")
except RuntimeError as error:
    print(error, flush=True)
"""


@pytest.mark.parametrize("media_url", ["s3"], indirect=True)
@pytest.mark.parametrize(("before", "said"), [("fresh", ""), ("used", "an S3 store was used before")])
def test_a_child_of_a_process_that_used_s3_is_told_so_instead_of_hanging(
    media_url: str, before: str, said: str
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", AFTER_A_FORK, media_url, before], capture_output=True, text=True, timeout=20
    )
    assert ended.returncode == 0
    assert ended.stdout.startswith(said)
    assert open_store(media_url).exists("a") is (before == "fresh")
