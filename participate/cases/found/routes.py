"""HTTP: officers file what they find on their round."""

from typing import Any

from flask import Response

from participate.cases import queries
from participate.cases.found import schemas, service
from participate.cases.guards import OFFICER
from participate.kernel.api import Room
from participate.kernel.auth import caller, staff
from participate.kernel.conditional import answer
from participate.kernel.db import transaction
from participate.kernel.problems import language
from participate.submissions import nearby

found = Room("found", description="What officers find on their round")


@found.route("/cases/found", "POST", door=staff(OFFICER), body=schemas.FoundBody, answer=schemas.FoundShape, status=201)
def file_found(body: dict[str, Any]) -> Response:
    """File what was found and mended on the spot, of which some is verified; or, with `handled: false`, only found."""
    with transaction():  # Who files one learns of those that were there before, and of no other.
        case = service.file(caller(), body)
        near = [nearby.present(each) for each in service.hints(caller(), case.submission_id, body)]
    shown = queries.present(case, caller(), language()) | {"nearby": near}
    return answer(shown, case.version, 201, {"Location": f"/v1/cases/{case.id}"})
