"""An area on its way into the database."""

from typing import NamedTuple


class Draft(NamedTuple):
    """An area as a file or the lattice describes it. No boundary means that nothing is said of it."""

    code: str
    name: str
    boundary: bytes | None = None
    synthetic: bool = False
