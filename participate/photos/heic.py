"""HEIC and HEIF, where their decoder is installed (the extra `heic`), read in bands from the decoder's own buffer."""

from types import ModuleType
from typing import Any

from PIL import Image

from participate.photos.outcome import Reason, Refused


def library() -> ModuleType | None:
    """pillow-heif, told to decode the picture itself with one thread; None where it is not installed."""
    try:
        import pillow_heif  # noqa: PLC0415 - an extra
    except ImportError:
        return None
    options = pillow_heif.options
    # A file's thumbnail need not show what the file shows. Threads would each take memory of their own.
    options.THUMBNAILS = options.DEPTH_IMAGES = options.AUX_IMAGES = False
    options.DECODE_THREADS = 1
    found: ModuleType = pillow_heif
    return found


class HeicPicture:
    """The primary image of a HEIC file: as much of Pillow's `Image` as the decoder needs.

    It is never there twice: Pillow's own copy would take four bytes for each pixel besides the decoder's three.
    """

    has_transparency_data: bool

    def __init__(self, data: bytes) -> None:
        heif = library()
        if heif is None:
            raise Refused(Reason.UNSUPPORTED_HERE)
        file = heif.open_heif(data, remove_stride=False)
        self.n_frames = len(file)
        self._primary = file[file.primary_index]
        self.size: tuple[int, int] = self._primary.size
        self.mode: str = self._primary.mode
        self.info: dict[str, Any] = dict(self._primary.info)
        self.has_transparency_data = "A" in self.mode or "a" in self.mode
        self.is_tiled = "tiling" in self.info

    @property
    def width(self) -> int:
        """In pixels, as it stands upright: the file's own turns are made by the decoder."""
        return self.size[0]

    @property
    def height(self) -> int:
        """In pixels."""
        return self.size[1]

    def getexif(self) -> Image.Exif:
        """Its EXIF. The orientation in it is for show (ISO/IEC 23008-12 §6.5.10): the file's own turns count."""
        exif = Image.Exif()
        exif.load(self.info.get("exif") or b"")
        exif.pop(274, None)
        return exif

    def draft(self, _mode: str | None, _size: tuple[int, int]) -> None:
        """There is no smaller one to be had."""

    def load(self) -> None:
        """Decode it; its size may turn out to be another."""
        self._pixels = self._primary.data
        self._stride = self._primary.stride
        self.size = self._primary.size

    def crop(self, box: tuple[int, int, int, int]) -> Image.Image:
        """A band of it over its whole width."""
        _, top, width, bottom = box
        band = self._pixels[top * self._stride : bottom * self._stride]
        return Image.frombytes(self.mode, (width, bottom - top), band, "raw", self.mode, self._stride)
