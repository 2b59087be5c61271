"""Clients of tus that others have written upload photos, break off, and go on."""

import json
import shutil
import subprocess
from io import BytesIO
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import pytest
from tusclient.client import TusClient

from tests.journeys.callers import Caller, resident
from tests.live import Live

PHOTO = Random(3).randbytes(2_500_000)
SCRIPT = Path(__file__).with_name("tus_client.js")


def arrived(author: Caller, url: str) -> bytes:
    """The original of the photo that the upload at `url` has become."""
    stands = author.request("HEAD", urlsplit(url).path, headers={"Tus-Resumable": "1.0.0"})
    return author.request("GET", f"/v1/photos/{stands.headers['Photo-Id']}/original").content


@pytest.mark.parametrize("checksums", [False, True], ids=["plain", "checksums"])
def test_tuspy(service: Live, checksums: bool) -> None:
    author = resident(service)
    client = TusClient(f"{service.base}/v1/uploads", headers={"Authorization": f"Bearer {author.token}"})
    options = {"chunk_size": 400_000, "metadata": {"filename": "孔.jpg"}, "upload_checksum": checksums}
    first = client.uploader(file_stream=BytesIO(PHOTO), **options)
    first.upload(stop_at=1_000_000)
    second = client.uploader(file_stream=BytesIO(PHOTO), url=first.url, **options)
    assert second.offset >= 1_000_000
    second.upload()
    assert arrived(author, first.url) == PHOTO


def test_tus_js_client(service: Live, tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node on this machine")
    if subprocess.run([node, "-e", "require('tus-js-client')"], check=False, capture_output=True).returncode:
        pytest.skip("node finds no tus-js-client: install it with npm and name its node_modules in NODE_PATH")
    author, file = resident(service), tmp_path / "photo.jpg"
    file.write_bytes(PHOTO)
    command = [node, str(SCRIPT), f"{service.base}/v1/uploads", author.token, str(file)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    told = json.loads(done.stdout)
    assert arrived(author, told["url"]) == PHOTO
    assert author.get(f"/v1/photos/{told['photo']}")["id"] == told["photo"]
