"""`python -m tests.landings.freeze PATH`: the rows of the SQLite database at PATH, on standard output."""

import json
import sys

from tests.landings import freeze

if __name__ == "__main__":
    json.dump(freeze(sys.argv[1]), sys.stdout, ensure_ascii=False, separators=(",", ":"))
