"""A MEDIA_URL that cannot work is refused at the start, with words for the administrator and no secret in them."""

from pathlib import Path

import pytest

from participate.config import BadSettings
from participate.photos.storage import LocalStore, S3Store, open_store


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://example.org/media",
        "file://host/media",
        "gs://bucket",
        "s3://",
        "s3:///prefix",
        "s3://Bucket",
        "s3://name:hunter2@bucket/prefix",
        "s3://bucket?endpoint=ftp://host",
        "s3://bucket?endpoint=",
        "s3://bucket?endpoint=https://name:hunter2@host",
        "s3://bucket?endpoint=https://host/path",
        "s3://bucket?secret=hunter2",
    ],
)
def test_what_cannot_work_is_refused(url: str) -> None:
    with pytest.raises(BadSettings, match="MEDIA_URL") as refused:
        open_store(url)
    assert "hunter2" not in str(refused.value)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadSettings, match="no folder"):
        open_store(str(tmp_path / "file"))


@pytest.mark.parametrize("spelling", ["{}", "file://{}"])
def test_a_folder_need_not_be_there_yet(tmp_path: Path, spelling: str) -> None:
    store = open_store(spelling.format(tmp_path / "new" / "media"))
    assert isinstance(store, LocalStore)
    store.put("a", b"x")
    assert (tmp_path / "new" / "media" / "a").read_bytes() == b"x"


@pytest.mark.parametrize("url", ["s3://bucket", "s3://bucket/a/b/", "s3://bucket/a?endpoint=https://s3.example.org"])
def test_a_bucket_is_opened_without_a_call(url: str) -> None:
    assert isinstance(open_store(url), S3Store)
