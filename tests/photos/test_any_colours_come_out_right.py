"""Whatever a file's way of storing colours, the pictures show the colours that were meant."""

from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from PIL import Image, ImageChops, ImageCms

from participate.photos.decode import decode

RED, GREY, WHITE, BLUE = (255, 0, 0), (128, 128, 128), (255, 255, 255), (0, 0, 255)
SIZE = (40, 30)


def seen(image: Image.Image, form: str, **options: object) -> tuple[int, ...]:
    """The colour in the middle of the view of `image`."""
    target = BytesIO()
    image.save(target, form, **options)
    with Image.open(BytesIO(decode(target.getvalue(), ZoneInfo("UTC")).view)) as view:
        assert view.mode == "RGB"
        assert view.size == image.size
        return view.getpixel((image.width // 2, image.height // 2))


def near(colour: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return all(abs(a - b) <= 6 for a, b in zip(colour, wanted, strict=True))


def sixteen_bits(value: int) -> Image.Image:
    return Image.frombytes("I;16", SIZE, value.to_bytes(2, "little") * (SIZE[0] * SIZE[1]))


def palette_with_a_hole() -> Image.Image:
    image = Image.new("P", SIZE, 1)
    image.putpalette([0, 0, 0, 255, 0, 0])
    return image


def red_and_blue_changed_over() -> bytes:
    """A profile in which the first channel drives the blue primary and the third the red one."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for before, after in ((b"rXYZ", b"tmp!"), (b"bXYZ", b"rXYZ"), (b"tmp!", b"bXYZ")):
        profile = profile.replace(before, after)
    return profile.replace("sRGB".encode("utf-16-be"), "odd!".encode("utf-16-be"))


@pytest.mark.parametrize(("mode", "meant"), [("RGB", RED), ("RGBA", (*RED, 0)), ("L", 128), ("I;16", 0x8080)])
def test_heic(mode: str, meant: int | tuple[int, ...]) -> None:
    library, target = pytest.importorskip("pillow_heif"), BytesIO()
    library.from_pillow(Image.new(mode, SIZE, meant)).save(target, quality=95, chroma=444)
    with Image.open(BytesIO(decode(target.getvalue(), ZoneInfo("UTC")).view)) as view:
        assert view.size == SIZE
        assert near(view.getpixel((20, 15)), {"RGB": RED, "RGBA": WHITE}.get(mode, GREY))


def test_a_large_heic_is_shrunk_without_seams() -> None:
    library, target = pytest.importorskip("pillow_heif"), BytesIO()
    slope = Image.linear_gradient("L").resize((6501, 703)).transpose(Image.Transpose.ROTATE_180)
    library.from_pillow(slope.convert("RGB")).save(target, quality=95, tile_size=512)
    with Image.open(BytesIO(decode(target.getvalue(), ZoneInfo("UTC")).view)) as view:
        assert view.size == (1600, 173)
        assert ImageChops.difference(view.convert("L"), slope.resize(view.size)).getextrema()[1] <= 6


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_red_is_red_in_every_format(form: str) -> None:
    assert near(seen(Image.new("RGB", SIZE, RED), form), RED)


def test_a_progressive_jpeg() -> None:
    assert near(seen(Image.new("RGB", SIZE, RED), "JPEG", progressive=True), RED)


def test_cmyk() -> None:
    assert near(seen(Image.new("CMYK", SIZE, (0, 255, 255, 0)), "JPEG"), RED)


@pytest.mark.parametrize("mode", ["1", "L"])
def test_white_without_colours(mode: str) -> None:
    assert near(seen(Image.new(mode, SIZE, "white"), "PNG"), WHITE)


@pytest.mark.parametrize(("value", "wanted"), [(0x8080, GREY), (0xFFFF, WHITE), (0, (0, 0, 0))])
def test_sixteen_bits_are_scaled_and_not_clipped(value: int, wanted: tuple[int, int, int]) -> None:
    assert near(seen(sixteen_bits(value), "PNG"), wanted)


@pytest.mark.parametrize("form", ["PNG", "GIF"])
def test_a_palette(form: str) -> None:
    assert near(seen(palette_with_a_hole(), form), RED)


@pytest.mark.parametrize("form", ["PNG", "GIF"])
def test_a_hole_in_a_palette_shows_the_page(form: str) -> None:
    assert near(seen(palette_with_a_hole(), form, transparency=1), WHITE)


@pytest.mark.parametrize(("mode", "colour"), [("RGBA", (*RED, 0)), ("LA", (0, 0))])
def test_what_is_transparent_shows_the_page(mode: str, colour: tuple[int, ...]) -> None:
    assert near(seen(Image.new(mode, SIZE, colour), "PNG"), WHITE)


def test_half_transparent_mixes_with_the_page() -> None:
    assert near(seen(Image.new("RGBA", SIZE, (*RED, 128)), "PNG"), (255, 127, 127))


def test_a_colour_that_means_transparent_shows_the_page() -> None:
    assert near(seen(Image.new("RGB", SIZE, RED), "PNG", transparency=RED), WHITE)


def test_a_colour_profile_is_applied() -> None:
    assert near(seen(Image.new("RGB", SIZE, RED), "JPEG", icc_profile=red_and_blue_changed_over()), BLUE)


@pytest.mark.parametrize(("mode", "white"), [("RGB", WHITE), ("L", 255), ("CMYK", (0, 0, 0, 0))])
def test_a_broken_profile_is_passed_over(mode: str, white: int | tuple[int, ...]) -> None:
    assert near(seen(Image.new(mode, SIZE, white), "JPEG", icc_profile=b"no profile at all"), WHITE)


@pytest.mark.parametrize(("mode", "white"), [("L", 255), ("CMYK", (0, 0, 0, 0))])
def test_a_profile_for_other_channels_is_passed_over(mode: str, white: int | tuple[int, ...]) -> None:
    assert near(seen(Image.new(mode, SIZE, white), "JPEG", icc_profile=red_and_blue_changed_over()), WHITE)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "P", "L"])
def test_a_large_picture_is_shrunk_without_seams(mode: str) -> None:
    slope = Image.linear_gradient("L").resize((6501, 703)).transpose(Image.Transpose.ROTATE_180)
    target = BytesIO()
    slope.convert(mode).save(target, "PNG", compress_level=1)
    with Image.open(BytesIO(decode(target.getvalue(), ZoneInfo("UTC")).view)) as view:
        wanted = slope.resize(view.size)
        assert view.size == (1600, 173)
        assert ImageChops.difference(view.convert("L"), wanted).getextrema()[1] <= 4


def test_only_the_first_frame_counts() -> None:
    frames = [Image.new("RGB", SIZE, colour) for colour in (RED, BLUE, BLUE)]
    for form in ("GIF", "WEBP", "PNG", "AVIF", "MPO"):
        assert near(seen(frames[0], form, save_all=True, append_images=frames[1:]), RED)
