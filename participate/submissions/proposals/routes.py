"""HTTP: everyone sees which proposals are filed, and what has become of them."""

from typing import Any

from flask import Response

from participate.kernel.api import Room
from participate.kernel.auth import OPTIONAL
from participate.kernel.conditional import answer
from participate.kernel.paging import page
from participate.submissions.proposals import queries, schemas

proposals = Room("proposals", description="Proposals that are filed, by number")


@proposals.route("/proposals", door=OPTIONAL, query=schemas.ProposalQuery, answer=schemas.ProposalList, also=(304,))
def list_proposals(query: dict[str, Any]) -> Response:
    """Filed proposals, the latest number first; of one year, the key ones or the excellent ones where asked so."""
    statement, given = queries.listed(query)
    return answer(page(statement, queries.KEYS, queries.present, query["limit"], query["cursor"], True, given))
