"""The areas of a whole province, in the folder that PARTICIPATE_AREA_DATA names, go in quickly and once."""

import os
import time
from pathlib import Path

from flask import Flask

from participate.places import queries
from participate.places.locate import locate
from participate.places.service import Counts, import_areas

FOLDER = Path(os.environ["PARTICIPATE_AREA_DATA"])
# The streets first: some of them lie in districts of which no polygon is known.
FILES = ["hunan_streets_2022.csv", "hunan_districts_cgcs2000.geojson", "hunan_villages_2022.csv"]


def test_a_province_goes_in_within_a_minute(app: Flask) -> None:
    began = time.monotonic()
    streets, districts, villages = (import_areas(FOLDER / name) for name in FILES)
    assert time.monotonic() - began < 60
    assert streets == Counts(added=2008, placeholders=149)
    assert districts == Counts(changed=122, redrawn=122)
    assert villages == Counts(added=29_534)
    again = [import_areas(FOLDER / name) for name in FILES]
    assert again == [Counts(unchanged=2008), Counts(unchanged=122), Counts(unchanged=29_534)]
    # Changsha's railway station stands in Furong district; Huaihua's zone 431271 is on no map.
    assert locate(28.194, 113.013).area == "430102"
    zone = queries.area("431271")
    assert zone is not None
    assert (zone.name, zone.has_boundary) == ("431271", False)
