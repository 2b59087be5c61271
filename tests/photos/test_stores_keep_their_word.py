"""A local folder and an S3 bucket keep the same promises: whole or not at all, and nothing outside their place."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from participate.photos.storage import LocalStore, MediaStore, open_store, original_key

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


def test_what_is_said_of_a_file(store: MediaStore) -> None:
    before = time.time()
    store.put(KEY, b"first")
    said, data = store.fetch(KEY)
    assert (said.key, said.size, data) == (KEY, 5, b"first")
    assert before - 2 < said.changed_at < time.time() + 2
    assert store.look(KEY) == said
    assert [(found.key, found.size, found.changed_at) for found in store.files()] == [(KEY, 5, said.changed_at)]
    store.put(KEY, b"other")
    assert store.look(KEY).tag != said.tag
    for verb in (store.fetch, store.look):
        with pytest.raises(FileNotFoundError):
            verb("not/there")


def test_a_part_of_a_file(store: MediaStore) -> None:
    data = os.urandom(300_000)
    store.put(KEY, data)
    for start, end in ((0, 1), (0, 300_000), (100_000, 200_000), (299_999, 300_000)):
        assert store.read(KEY, start, end) == data[start:end]
    with pytest.raises(FileNotFoundError):
        store.read("not/there", 0, 1)


def test_a_file_is_taken_to_another_key(store: MediaStore) -> None:
    store.put("a/1", b"one")
    store.put("b/2", b"two")
    assert store.move("a/1", "b/2")
    assert (list(store.keys()), store.get("b/2")) == (["b/2"], b"one")
    assert not store.move("a/1", "b/2")
    assert store.get("b/2") == b"one"


@pytest.mark.parametrize("beside", [True, False], ids=["in staging", "elsewhere"])
def test_a_finished_file_is_adopted_by_what_it_holds(store: MediaStore, tmp_path: Path, beside: bool) -> None:
    data = os.urandom(200_000)
    name = sha256(data).hexdigest()
    other_disk = Path(os.sep, "dev", "shm")
    folder = (store.staging if beside else None) or (other_disk if other_disk.is_dir() else tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    gathered = folder / f"gathered-{name}"
    gathered.write_bytes(data)
    os.utime(gathered, (1, 1))
    try:
        for _ in range(2):
            store.adopt(gathered, name)
            assert list(store.keys()) == [f"originals/{name[:2]}/{name}"]
        assert gathered.read_bytes() == data, "it is the caller's"
    finally:
        gathered.unlink()
    assert store.get(original_key(name)) == data
    assert store.look(original_key(name)).changed_at > time.time() - 60, "young, however long it was in coming"
    if isinstance(store, LocalStore):
        assert [path.name for path in store.root.rglob("*") if path.is_file()] == [name]
        gathered.write_bytes(b"another")
        assert store.get(original_key(name)) == data
        gathered.unlink()


def test_in_staging_it_is_not_copied(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    assert store.staging
    store.staging.mkdir()
    gathered = store.staging / "gathered"
    gathered.write_bytes(b"x")
    name = sha256(b"x").hexdigest()
    store.adopt(gathered, name)
    assert (tmp_path / original_key(name)).stat().st_ino == gathered.stat().st_ino


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "ab" * 31, "AB" * 32, "zz" * 32, "ab" * 32 + "/"])
def test_what_is_no_hash_names_no_original(store: MediaStore, tmp_path: Path, name: str) -> None:
    (tmp_path / "gathered").write_bytes(b"x")
    with pytest.raises(ValueError, match="not a SHA-256"):
        store.adopt(tmp_path / "gathered", name)


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
    verbs = (store.get, store.fetch, store.look, store.exists, store.delete, lambda key: store.put(key, b"x"))
    more = (lambda key: store.read(key, 0, 1), lambda key: store.move(key, "a"), lambda key: store.move("a", key))
    for verb in (*verbs, *more, lambda key: store.signed_url(key, 1)):
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
