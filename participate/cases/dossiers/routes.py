"""HTTP: whoever sees a proposal takes its complete file along."""

from hashlib import sha256

from flask import Response

from participate.cases.dossiers import gathering, packing
from participate.kernel.api import Room
from participate.kernel.auth import OPTIONAL, caller
from participate.kernel.overload import EXPORT
from participate.kernel.problems import language
from participate.kernel.sending import sent

dossiers = Room("dossiers", description="Complete files of proposals, to be kept")


@dossiers.route(
    "/submissions/<id:submission_id>/file",
    door=OPTIONAL,
    urgency=EXPORT,
    pictures=("application/zip",),
    also=(206, 304, 416),
)
def download_file(submission_id: str) -> Response:
    """All that the caller may see of a proposal, as `file.json`, `file.pdf` and pictures; of other kinds: 404."""
    told, pictured = gathering.gathered(caller(), submission_id, language())
    archive = packing.packed(told, pictured, language())
    name = f"{told['proposal']['reference']}.zip"
    headers = {"Content-Type": "application/zip", "Cache-Control": "private, no-store"}
    headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return sent(len(archive), sha256(archive).hexdigest(), lambda start, end: archive[start:end], headers)
