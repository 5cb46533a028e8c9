"""Altered copies, attacked: what the kept picture does not show must not go for it."""

import os

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageOps

import difPy
from pictures import busy, saved


def goes(folder, *, similarity="deep", altered=(False, True), keep=(), **options):
    """Names of the files that a plan lets go -> what it says of them."""
    groups = difPy.find(difPy.index(folder, cache=False, processes=1, **options), similarity, keep=keep).groups
    plans = [difPy.plan(groups, "trash", altered=one) for one in altered]
    return {os.path.basename(step.file.path): step.why for plan in plans for step in plan.steps}


def vignetted(image):
    width, height = image.size
    across, down = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    light = np.clip(1.25 - across**2 - down**2, 0, 1)[..., None]
    return Image.fromarray((np.asarray(image) * light).astype(np.uint8))


def colours_only_on_one_side(image):
    found = image.copy()
    found.paste(image.convert("L").convert("RGB").crop((0, 0, image.width // 2, image.height)))
    return found


def recoloured(image):
    """Another hue wherever there is one; the same luma."""
    luma, blue, red = image.convert("YCbCr").split()
    return Image.merge("YCbCr", (luma, ImageOps.invert(blue), ImageOps.invert(red))).convert("RGB")


def burnt(image):
    return image.point([min(255, int(level * 2.2)) for level in range(256)] * 3)


KEPT = {
    "half of the colours": colours_only_on_one_side,
    "other colours": recoloured,
    "burnt lights": burnt,
}


@pytest.mark.parametrize("what", KEPT)
@pytest.mark.parametrize("seed", [1, 2])
def test_no_picture_goes_for_one_that_was_asked_to_be_kept_and_has_lost_some_of_it(what, seed, tmp_path):
    saved(busy(seed), tmp_path / "original.png")
    saved(KEPT[what](busy(seed)), tmp_path / "edited.png")
    assert "original.png" not in goes(tmp_path, altered=[True], keep="path=*edited*")


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_vignette_is_nothing_that_lies_on_the_original(seed, tmp_path):
    """The original has the stronger edges where the corners are black: it is not "written over" there."""
    saved(busy(seed), tmp_path / "original.png")
    saved(vignetted(busy(seed)), tmp_path / "edited.png")
    assert "original.png" not in goes(tmp_path)


@pytest.mark.parametrize(("share", "soft"), [(0.5, 0.6), (0.7, 0.6), (1 / 3, 1.0)])
def test_an_original_does_not_go_for_its_own_sharpened_reduction(share, soft, tmp_path):
    """As cameras soften and services sharpen: the reduction has lost what is finer than its pixels."""
    for seed in range(6):
        folder = tmp_path / str(seed)
        folder.mkdir()
        original = busy(seed, (960, 720)).filter(ImageFilter.GaussianBlur(soft))
        size = (round(original.width * share), round(original.height * share))
        reduced = original.resize(size, Image.Resampling.LANCZOS).filter(ImageFilter.UnsharpMask(1, 120, 1))
        saved(original, folder / "original.jpg", quality=92)
        saved(reduced, folder / "reduced.jpg", quality=88)
        assert "original.jpg" not in goes(folder), seed


def test_what_a_step_itself_says_to_show_more_than_the_kept_picture_does_not_go(tmp_path):
    """A line below the picture that can be read, and covers less of it than 0.4 %."""
    original = busy(1, (800, 600))
    page = ImageOps.expand(original, (0, 0, 0, 16), "white")
    ImageDraw.Draw(page).text((10, 603), "(c) 1987 Rose, Vienna", fill=(90, 90, 90), font_size=9)
    saved(original, tmp_path / "original.png")
    saved(page, tmp_path / "signed.png")
    told = goes(tmp_path, altered=[True], keep="path=*original*")
    assert not any("shows more" in why for why in told.values())


def in_a_border(image):
    return ImageOps.expand(image, 30, "black")


def tilted(image):
    return image.rotate(6, Image.Resampling.BICUBIC, expand=True)


def on_a_screen(image):
    screen = Image.new("RGB", (image.width, image.height + 200), "white")
    screen.paste(image, (0, 120))
    draw = ImageDraw.Draw(screen)
    draw.text((20, 30), "Rose: look at this!", fill="black", font_size=32)
    draw.text((20, image.height + 140), "12 likes  3 comments", fill="black", font_size=28)
    return screen


@pytest.mark.parametrize("made", [in_a_border, tilted, on_a_screen])
def test_a_poor_copy_is_not_kept_for_the_pixels_of_its_frame(made, tmp_path):
    """The border, the corners and the screen have the pixels; the picture in it is the poorer one."""
    saved(busy(1), tmp_path / "original.png")
    saved(made(busy(1)), tmp_path / "copy.jpg", quality=25)
    assert "original.png" not in goes(tmp_path)


def test_what_is_said_of_a_copy_with_transparency_tells_of_it_where_it_shows_more_too(tmp_path):
    """Who names it with --even, and has it deleted, is not told that it has what nobody compared."""
    saved(busy(1).crop((60, 40, 440, 330)), tmp_path / "crop.png")
    clear = busy(1).convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").point(lambda level: 128 + level // 2).resize(clear.size))
    saved(clear, tmp_path / "clear.png")
    groups = difPy.find(difPy.index(tmp_path, cache=False, processes=1), "deep", keep="path=*crop*").groups
    (held,) = difPy.plan(groups, "delete", altered=True).held
    assert "shows more" in held.why and "transparency" in held.why


def test_why_a_picture_is_held_back_for_what_lies_over_the_kept_one_is_a_sentence(tmp_path):
    saved(busy(1), tmp_path / "original.png")
    sticker = busy(1)
    ImageDraw.Draw(sticker).ellipse((200, 120, 280, 200), fill=(240, 220, 60), outline="black", width=4)
    saved(sticker, tmp_path / "sticker.png")
    groups = difPy.find(difPy.index(tmp_path, cache=False, processes=1), "deep", keep="path=*sticker*").groups
    (held,) = difPy.plan(groups, "trash", altered=True).held
    assert held.why.startswith("it shows what something covers in the kept one")
