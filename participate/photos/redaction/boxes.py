"""Boxes on a picture: where they lie, how far two are the same, what is left when the lesser of a pair goes."""

from collections.abc import Iterable
from dataclasses import dataclass

KINDS = ("face", "plate", "other")
SMALLEST_BOX = 0.001  # Of the picture's side: a pixel or two.


@dataclass(frozen=True)
class Box:
    """A part of a picture. `x`, `y`, `w`, `h` are shares of its width and height; `sure` is from 0 to 1."""

    kind: str
    x: float
    y: float
    w: float
    h: float
    sure: float = 1.0

    @property
    def area(self) -> float:
        """Its share of the picture."""
        return self.w * self.h

    def overlap(self, other: "Box") -> float:
        """The area that the two share."""
        wide = min(self.x + self.w, other.x + other.w) - max(self.x, other.x)
        high = min(self.y + self.h, other.y + other.h) - max(self.y, other.y)
        return max(wide, 0.0) * max(high, 0.0)

    def alike(self, other: "Box") -> float:
        """What the two share, of all that they cover."""
        shared = self.overlap(other)
        return shared / (self.area + other.area - shared) if shared else 0.0

    def clipped(self) -> "Box":
        """What of it lies in the picture."""
        x, y = min(max(self.x, 0.0), 1.0), min(max(self.y, 0.0), 1.0)
        return Box(
            self.kind, x, y, max(min(self.x + self.w, 1.0) - x, 0.0), max(min(self.y + self.h, 1.0) - y, 0.0), self.sure
        )


def distinct(boxes: Iterable[Box], most_alike: float) -> list[Box]:
    """The surest first, without those that are too much like a surer one or lie within one."""
    kept: list[Box] = []
    for box in sorted(boxes, key=lambda box: -box.sure):
        if not any(box.alike(other) > most_alike or box.overlap(other) > 0.8 * box.area for other in kept):
            kept.append(box)
    return kept
