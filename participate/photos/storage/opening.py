"""From `MEDIA_URL` to the store that it names."""

import re
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from participate.config import BadSettings
from participate.photos.storage.bucket import S3Store
from participate.photos.storage.folder import LocalStore
from participate.photos.storage.store import MediaStore

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


def open_store(media_url: str) -> MediaStore:
    """The store that `MEDIA_URL` names; nothing is touched yet.

    A path or `file:///path` is a local folder, made when first written to. `s3://bucket/prefix` is a bucket at
    AWS, or with `?endpoint=https://host&region=name` at any other S3-compatible service. Credentials come from
    the usual AWS_* environment, as does anything else obstore knows (AWS_VIRTUAL_HOSTED_STYLE_REQUEST=true for
    services that take no bucket in the path). Raises BadSettings for anything else.
    """
    url = urlsplit(media_url)
    if url.scheme == "s3":
        return _open_bucket(url)
    if url.scheme not in {"", "file"} or url.netloc:
        raise BadSettings("MEDIA_URL: a folder, file:///folder or s3://bucket/prefix is wanted")
    root = Path(unquote(url.path) if url.scheme else media_url)
    if not media_url or (root.exists() and not root.is_dir()):
        raise BadSettings(f"MEDIA_URL={media_url!r}: this is no folder")
    return LocalStore(root)


def _open_bucket(url: SplitResult) -> S3Store:
    # A name or password in a URL would end up in logs and process lists.
    if not _BUCKET.fullmatch(url.netloc):
        raise BadSettings("MEDIA_URL: s3:// must be followed by a bucket's name alone; credentials go in AWS_*")
    options = parse_qs(url.query, keep_blank_values=True)
    if not options.keys() <= {"endpoint", "region"}:
        raise BadSettings("MEDIA_URL: s3:// takes the options endpoint and region only")
    endpoint, region = (options.get(name, [None])[-1] for name in ("endpoint", "region"))
    if endpoint is not None and not re.fullmatch(r"https?://[^/?#@\s]+/?", endpoint):
        raise BadSettings("MEDIA_URL: endpoint must be http://host or https://host")
    return S3Store(url.netloc, unquote(url.path).strip("/"), endpoint, region)
