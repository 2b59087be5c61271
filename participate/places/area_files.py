"""The files that areas come in, GeoJSON with polygons and CSV with codes, read whole with every fault named."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from participate.kernel.errors import Fault, Invalid
from participate.places import boundaries, codes
from participate.places.boundaries import Unusable
from participate.places.drafts import Draft
from participate.places.models import NAME_LENGTH

# CGCS2000 (4490) is WGS-84 (4326) to within centimetres; CRS84 is WGS-84 with the longitude first, as GeoJSON has it.
_TAKEN_CRS = re.compile(r"(urn:ogc:def:crs:)?(EPSG:[\d.]*:?(4490|4326)|OGC:[\d.]*:?CRS84)", re.IGNORECASE)
_CSV_COLUMNS = ("code", "name")


class AreaFile:
    """What one file says: its areas, or else all that is wrong with it."""

    def __init__(self, path: Path) -> None:
        """Read the file at `path` (UTF-8, with or without BOM).

        Raises Invalid with every fault. A fault's field is `<row>.<column>`, rows being counted as a spreadsheet
        counts them (the heading is row 1), or `<feature>.<property>`, the first feature being 1.
        """
        self.repaired = 0
        self.drafts: list[Draft] = []
        self._rows: dict[str, str] = {}
        self._faults: list[Fault] = []
        self._read(path)
        if self._faults:
            raise Invalid(*self._faults)

    def _read(self, path: Path) -> None:
        readers = {".csv": self._read_csv, ".geojson": self._read_geojson, ".json": self._read_geojson}
        reader = readers.get(path.suffix.lower())
        if reader is None:
            self._fault("file", "area_file", suffix=path.suffix)
            return
        try:
            reader(path.read_bytes().decode("utf-8-sig"))
        except UnicodeDecodeError:
            self._fault("file", "not_utf8")

    def _read_csv(self, text: str) -> None:
        lines = csv.reader(io.StringIO(text, newline=""), strict=True)
        try:
            heading = [cell.strip() for cell in next(lines, [])]
            missing = [name for name in _CSV_COLUMNS if name not in heading]
            for name in missing:
                self._fault(f"1.{name}", "required")
            for row, cells in enumerate(() if missing else lines, start=2):
                if any(cells):
                    self._take_line(str(row), heading, cells)
        except csv.Error:
            self._fault(str(lines.line_num), "not_csv")

    def _take_line(self, row: str, heading: list[str], cells: list[str]) -> None:
        if any(cells[len(heading) :]):
            self._fault(row, "not_csv")
            return
        line = dict(zip(heading, cells, strict=False))
        self._take(row, "code", line.get("code"), line.get("name"))

    def _read_geojson(self, text: str) -> None:
        try:
            document = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            self._fault(f"{error.lineno}:{error.colno}", "json_syntax")
            return
        if not isinstance(document, dict) or not isinstance(document.get("features"), list):
            self._fault("features", "required")
        elif self._takes_crs(document):
            for number, feature in enumerate(document["features"], start=1):
                self._take_feature(str(number), feature)

    def _takes_crs(self, document: dict[str, Any]) -> bool:
        """Whether the collection's `crs` (GeoJSON 2008) is one we take; none at all means CRS84 (RFC 7946)."""
        if "crs" not in document:
            return True
        crs = document["crs"]
        properties = crs.get("properties") if isinstance(crs, dict) else None
        name = properties.get("name") if isinstance(properties, dict) else None
        if isinstance(name, str) and _TAKEN_CRS.fullmatch(name):
            return True
        self._fault("crs", "file_crs", crs=str(name)[:80])
        return False

    def _take_feature(self, number: str, feature: Any) -> None:
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if not isinstance(properties, dict):
            self._fault(f"{number}.properties", "required")
            return
        column = "code" if properties.get("adcode") is None else "adcode"
        boundary = self._boundary(number, feature.get("geometry"))
        self._take(number, column, properties.get(column), properties.get("name"), boundary)

    def _boundary(self, number: str, geometry: Any) -> bytes | None:
        try:
            boundary = boundaries.from_geojson(geometry)
        except Unusable as error:
            self._fault(f"{number}.geometry", str(error))
            return None
        self.repaired += boundary.repaired
        return boundary.wkb

    def _take(self, row: str, column: str, code: object, name: object, boundary: bytes | None = None) -> None:
        """Keep one area, or note every fault in it."""
        faults = [*_code_faults(f"{row}.{column}", code), *_name_faults(f"{row}.name", name)]
        self._faults.extend(faults)
        if faults:
            return
        digits = codes.significant(str(code).strip()) or ""
        if digits in self._rows:
            self._fault(f"{row}.{column}", "same_as_row", row=self._rows[digits])
        self._rows[digits] = row
        self.drafts.append(Draft(digits, str(name).strip(), boundary))

    def _fault(self, field: str, code: str, **values: object) -> None:
        self._faults.append(Fault(field, code, tuple(values.items())))


def _code_faults(field: str, code: object) -> Iterator[Fault]:
    text = "" if code is None else str(code).strip()  # GeoJSON may hold it as a number.
    if not text:
        yield Fault(field, "required")
    elif codes.significant(text) is None:
        yield Fault(field, "area_code", (("value", text[:40]),))


def _name_faults(field: str, name: object) -> Iterator[Fault]:
    text = name.strip() if isinstance(name, str) else ""
    if not text:
        yield Fault(field, "required")
    elif len(text) > NAME_LENGTH:
        yield Fault(field, "length", (("min", 1), ("max", NAME_LENGTH)))
    elif any(unicodedata.category(char) == "Cc" for char in text):
        yield Fault(field, "area_name")
