"""Packs a file: what it tells as data and on paper, and the pictures that go along."""

from collections.abc import Sequence
from importlib import import_module
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import orjson

from participate.kernel.db import AnyRow
from participate.photos.arriving import store
from participate.photos.files import covered_key

MOST_PICTURED = 16 * 2**20  # bytes of pictures, which lie in memory; what is beyond is named, and left out
_PAPER = "participate.cases.dossiers.paper"  # What it needs is not loaded by a process before somebody asks.


def packed(told: dict[str, Any], pictured: Sequence[AnyRow], language: str) -> bytes:
    """The archive; it has the same bytes as long as the file tells the same."""
    archive = BytesIO()
    with ZipFile(archive, "w") as into:
        left = MOST_PICTURED
        for number, (photo, row) in enumerate(zip(told["photos"], pictured, strict=True), 1):
            picture = _picture(row)
            fits = picture is not None and len(picture) <= left
            photo["file"] = f"photos/{number:02d}.jpg" if fits else None
            if picture is not None and fits:
                left -= len(picture)
                into.writestr(ZipInfo(photo["file"]), picture, ZIP_STORED)
        into.writestr(
            ZipInfo("file.json"), orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z), ZIP_DEFLATED
        )
        into.writestr(ZipInfo("file.pdf"), import_module(_PAPER).printed(told, language), ZIP_DEFLATED)
    return archive.getvalue()


def _picture(row: AnyRow) -> bytes | None:
    """As whoever sees the submission sees it, with covered what must be; None where its file is lost."""
    try:
        return store().get(covered_key(row.id, "view", row.rendered))
    except FileNotFoundError:
        return None
