"""An S3 server of our own, in a process that can be stopped, frozen and ended."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
import requests

from tests.live import free_port

REGION = "us-east-1"
KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_REGION": REGION}


class Bucket:
    """One bucket at a server that runs; `url` is what MEDIA_URL has to be."""

    def __init__(self, name: str = "photos") -> None:
        self.name, self.port = name, free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.url = f"s3://{name}/in/here?endpoint={self.endpoint}&region={REGION}"
        self._server = self._started()

    def _started(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(600):
            try:
                requests.get(f"{self.endpoint}/moto-api/", timeout=5)
                break
            except requests.RequestException:
                time.sleep(0.05)
        self.client().create_bucket(Bucket=self.name)
        return server

    def client(self) -> "boto3.client":
        """As somebody else would use the bucket."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )

    def freeze(self) -> None:
        """It takes connections and says nothing more."""
        self._server.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on where it stood."""
        self._server.send_signal(signal.SIGCONT)

    def end(self) -> None:
        """Nobody listens any more; what it held is lost."""
        self._server.kill()
        self._server.wait()

    def begin_anew(self) -> None:
        """Another server at the same place, with an empty bucket."""
        self._server = self._started()


@contextmanager
def running(name: str = "photos") -> Iterator[Bucket]:
    """A bucket, for as long as this lasts."""
    bucket = Bucket(name)
    try:
        yield bucket
    finally:
        bucket.end()
