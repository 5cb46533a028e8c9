"""Whether two pictures show the same, what was done to the one, and whether it may go for the other."""

import functools
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps

from difPy.change import Change, Showing, Sides, Verdict, between_units, shows_all
from difPy.match.arbiter import detail, judge

SIDE = 256
SIZE = (640, 480)


@functools.cache
def photo(seed=0, size=SIZE):
    """Shapes of all sizes, in colours, with some grain: textured from edge to edge, and no two alike."""
    random = np.random.default_rng(seed)
    image = Image.new("RGB", size, tuple(random.integers(60, 200, 3).tolist()))
    draw = ImageDraw.Draw(image)
    for radius in np.geomspace(160, 6, 260):
        x, y = random.uniform((0, 0), size)
        box = (x - radius, y - radius * random.uniform(0.3, 1), x + radius, y + radius * random.uniform(0.3, 1))
        (draw.ellipse if random.random() < 0.5 else draw.rectangle)(
            box, fill=tuple(random.integers(0, 256, 3).tolist())
        )
    pixels = np.asarray(image) + random.normal(0, 4, (size[1], size[0], 3))
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def small(image, side=SIDE):
    scale = min(side / max(image.size), 2)
    size = tuple(max(1, round(length * scale)) for length in image.size)
    return np.asarray(image.convert("RGB").resize(size, Image.Resampling.BOX))


def shift(x, y):
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]])


def reduction(image, picture):
    x, y = picture.shape[1] / image.width, picture.shape[0] / image.height
    return np.array([[x, 0, x / 2 - 0.5], [0, y, y / 2 - 0.5], [0, 0, 1]])


def judged(image, altered, between=None, refine=True):
    """Judgement on two images; `between` takes the pixels of the first to those of the second."""
    first, second = small(image), small(altered)
    if between is None:
        between = np.linalg.inv(reduction(altered, first)) @ reduction(image, first)
    return judge(
        first, second, reduction(altered, second) @ between @ np.linalg.inv(reduction(image, first)), refine=refine
    )


def change(image, altered, between=None):
    found = judged(image, altered, between)
    assert found.verdict == Verdict.COPY
    return found.change.in_full(image.size, altered.size)


def cut(image, left, top, right, bottom):
    """Between those pixels."""
    return image.crop((left, top, right, bottom)), shift(-left, -top)


def turned(image, degrees):
    """Turned counter-clockwise, and cut to what is full of it."""
    angle = np.radians(-degrees)
    around = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    x, y = (image.width - 1) / 2, (image.height - 1) / 2
    whole, between = image.rotate(degrees, Image.Resampling.BICUBIC), shift(x, y) @ around @ shift(-x, -y)
    inner, moved = cut(whole, 140, 120, 500, 360)
    return inner, moved @ between


def captioned(image, size=60, at=(40, 380)):
    image = image.copy()
    ImageDraw.Draw(image).text(
        at, "HELLO WORLD", "white", ImageFont.load_default(size), stroke_width=4, stroke_fill="black"
    )
    return image


def extended(image, height=90, words="some words below it"):
    whole = ImageOps.expand(image, (0, 0, 0, height), "white")
    ImageDraw.Draw(whole).text((20, image.height + 20), words, "black", ImageFont.load_default(40))
    return whole


def on_a_screen(image):
    screen = Image.new("RGB", (image.width, image.height * 2), (245, 245, 245))
    draw = ImageDraw.Draw(screen)
    for y in (10, image.height * 1.4, image.height * 1.6, image.height * 1.8):
        draw.text((20, y), "9:41 words of a program", "black", ImageFont.load_default(40))
    screen.paste(image, (0, 100))
    return screen, shift(0, 100)


# Verdicts


def test_a_picture_is_a_copy_of_itself():
    found = judged(photo(), photo())
    assert (found.verdict, found.agree, found.mse) == (Verdict.COPY, 1.0, 0.0)
    assert found.change.words() == "same framing (encoding, size or tone only)"
    assert shows_all(found.change) == shows_all(found.change.reversed()) == ""


def test_other_pictures_are_nothing_to_each_other():
    assert all(judged(photo(0), photo(other)) is None for other in range(1, 6))


def test_pictures_that_share_half_of_what_they_show_share_a_part():
    other = photo(1).copy()
    other.paste(photo().crop((0, 0, 320, 480)))
    assert judged(photo(), other, refine=False).verdict == Verdict.PART


def test_a_shared_caption_makes_no_copy():
    assert judged(captioned(photo(0)), captioned(photo(1))) is None


def test_blank_pictures_have_nothing_to_compare():
    assert judged(Image.new("RGB", SIZE, "white"), Image.new("RGB", SIZE, "white")) is None


@pytest.mark.parametrize("shape", [(0, 0, 3), (0, 40, 3), (1, 1, 3), (1, 300, 3), (20, 20, 3)])
def test_a_picture_with_next_to_nothing_in_it_is_no_copy(shape):
    empty, whole = np.zeros(shape, np.uint8), small(photo())
    for refine in (True, False):
        assert judge(empty, whole, np.eye(3), refine=refine) is judge(whole, empty, np.eye(3), refine=refine) is None


numbers = st.one_of(st.floats(-3, 3), st.sampled_from([0.0, 1.0, 1e-12, 1e12, -1e300, np.nan, np.inf]))


@settings(deadline=None, max_examples=40)
@given(st.lists(numbers, min_size=9, max_size=9), st.booleans())
def test_a_map_that_makes_no_sense_is_no_error(entries, refine):
    one = small(photo(), 64)
    judge(one, one, np.reshape(entries, (3, 3)), refine=refine)


def test_the_same_question_has_the_same_answer():
    altered, between = turned(photo(), 7)
    assert judged(photo(), altered, between) == judged(photo(), altered, between)


# What was done


@pytest.mark.parametrize("degrees", [12, -30, 5])
def test_the_angle_is_known(degrees):
    found = change(photo(), *turned(photo(), degrees))
    assert found.angle == pytest.approx(degrees, abs=0.5)
    assert f"turned {abs(degrees)} degrees to the {'left' if degrees > 0 else 'right'}" in found.words()
    assert not found.mirrored


def test_the_crop_is_known():
    found = change(photo(), *cut(photo(), 128, 48, 576, 432))
    assert found.crop == pytest.approx((0.2, 0.1, 0.9, 0.9), abs=0.01)
    assert found.shown == pytest.approx((0.56, 1.0), abs=0.01)
    assert found.less == pytest.approx((0.2, 0.1, 0.1, 0.1), abs=0.015)
    assert found.more == (0, 0, 0, 0)
    assert found.words() == "cut to 20-90 % across, 10-90 % down"


def test_a_mirror_is_known():
    left_to_right = np.array([[-1, 0, SIZE[0] - 1], [0, 1, 0], [0, 0, 1.0]])
    found = change(photo(), ImageOps.mirror(photo()), left_to_right)
    assert found.mirrored
    assert found.angle == pytest.approx(0, abs=0.1)
    assert found.words() == "mirrored"


def test_a_picture_stood_on_its_head_is_known():
    found = change(photo(), photo().rotate(180), np.array([[-1, 0, SIZE[0] - 1], [0, -1, SIZE[1] - 1], [0, 0, 1.0]]))
    assert abs(found.angle) == pytest.approx(180, abs=0.1)
    assert found.words() == "turned upside down"


def test_scale_and_squeeze_are_known():
    found = change(photo(), photo().resize((320, 240), Image.Resampling.LANCZOS))
    assert (found.scale, found.squeeze) == pytest.approx((0.5, 1), abs=0.01)
    assert found.words() == "reduced to 50 %"
    squeezed = change(photo(), photo().resize((416, 480), Image.Resampling.LANCZOS))
    assert squeezed.squeeze == pytest.approx(0.65, abs=0.01)
    assert "squeezed to 65 %" in squeezed.words()


def test_a_plane_seen_at_an_angle_is_known():
    between = np.array([[1, 0.05, 0], [0, 1, 0], [0.0004, 0, 1.0]])
    back = np.linalg.inv(between)
    altered = photo().transform(SIZE, Image.Transform.PERSPECTIVE, (back / back[2, 2]).ravel()[:8], 3)
    found = change(photo(), altered, between)
    assert found.perspective > 0.05
    assert "seen at an angle" in found.words()


def test_tone_is_known():
    brighter = change(photo(), photo().point(lambda level: level * 0.7 + 50))
    assert (brighter.tone.gain, brighter.tone.offset) == pytest.approx((0.7, 50), abs=2)
    assert brighter.reversed().tone.gain == pytest.approx(1 / 0.7, abs=0.05)
    assert brighter.words() == "brighter, less contrast, less colour"
    paler = change(photo(), ImageEnhance.Color(photo()).enhance(0.5))
    assert paler.tone.saturation == pytest.approx(0.5, abs=0.05)
    assert paler.words() == "less colour"


def test_grey_and_sepia_are_known():
    grey = change(photo(), photo().convert("L").convert("RGB"))
    assert grey.tone.saturation == pytest.approx(0, abs=0.02)
    assert grey.words() == "in grey"
    assert grey.reversed().tone.saturation is None
    sepia = photo().convert("RGB", (0.35, 0.69, 0.17, 0, 0.31, 0.61, 0.15, 0, 0.24, 0.48, 0.12, 0))
    assert "in one tint" in change(photo(), sepia).words()


def test_the_mse_is_of_the_numbers_that_people_see():
    found = judged(photo(), photo().point(lambda level: 20 + level * 200 // 255), refine=False)
    first = small(photo()).astype(float)
    second = small(photo().point(lambda level: 20 + level * 200 // 255)).astype(float)
    assert found.mse == pytest.approx(((first - second) ** 2).mean(), rel=0.05)


def test_it_is_known_who_carries_the_caption():
    found = change(photo(), captioned(photo()))
    assert found.second.over == pytest.approx(0.1, abs=0.03)
    assert found.first.over == found.undecided == 0
    assert "with something over" in found.words()
    assert "without what is over" in found.reversed().words()


def test_what_lies_beyond_is_named_by_its_side():
    found = change(photo(), extended(photo()), np.eye(3))
    assert found.more.bottom == pytest.approx(0.1, abs=0.03)
    assert found.more[:3] == (0, 0, 0)
    assert found.more_words().startswith("bottom, ")


def test_a_plain_border_is_nothing_to_lose():
    for colour in ("white", "black"):
        found = change(photo(), ImageOps.expand(photo(), 40, colour), shift(40, 40))
        assert found.words() == "with a border"
        assert shows_all(found) == shows_all(found.reversed()) == ""


def test_all_of_it_turns_round():
    found = judged(photo(), *cut(captioned(photo()), 64, 0, 640, 480))
    back = found.reversed()
    assert back.change.angle == pytest.approx(-found.change.angle, abs=1e-6)
    assert back.change.scale == pytest.approx(1 / found.change.scale)
    assert back.change.shown == pytest.approx(found.change.shown[::-1])
    assert (back.change.more, back.change.less) == (found.change.less, found.change.more)
    again = back.reversed().change
    assert again.between == pytest.approx(found.change.between)
    assert (again.first, again.second) == (found.change.first, found.change.second)


def test_the_numbers_are_json():
    found = judged(photo(), *cut(photo(), 64, 0, 640, 480)).change
    assert json.loads(json.dumps(found.numbers())) == found.numbers()


def test_a_map_between_pixels_is_one_between_edges():
    double = np.array([[2, 0, 0.5], [0, 2, 0.5], [0, 0, 1]])
    assert between_units(double, (100, 80), (200, 160)) == pytest.approx((1, 0, 0, 0, 1, 0, 0, 0, 1))


# Who may go for whom


def test_a_copy_that_only_lost_quality_may_go():
    for altered in (
        photo().resize((320, 240), Image.Resampling.LANCZOS),
        photo().point(lambda level: min(255, level * 1.1 + 10)),
        photo().convert("L").convert("RGB"),
        ImageEnhance.Color(photo()).enhance(0.6),
    ):
        assert shows_all(change(photo(), altered)) == ""


def test_colours_are_not_given_for_grey():
    grey = change(photo().convert("L").convert("RGB"), photo())
    assert shows_all(grey) == "has colours that the kept one lacks"


def painted(image):
    """Over a part of it another colour, of the same shade: nothing of it is seen in grey."""
    luma, blue, red = image.convert("YCbCr").split()
    for band, level in ((blue, 60), (red, 200)):
        ImageDraw.Draw(band).ellipse((200, 120, 400, 330), fill=level)
    return Image.merge("YCbCr", (luma, blue, red)).convert("RGB")


def half_grey(image):
    found = image.copy()
    found.paste(image.convert("L").convert("RGB").crop((0, 0, image.width // 2, image.height)))
    return found


MERGED = {
    "painted": painted,
    "half grey": half_grey,
    "posterised": lambda image: ImageOps.posterize(image, 2),
    "burnt lights": lambda image: image.point([min(255, round(1.2 * level)) for level in range(256)] * 3),
    "drowned darks": lambda image: image.point([max(0, round(1.2 * (level - 42))) for level in range(256)] * 3),
}


@pytest.mark.parametrize("what", MERGED)
def test_shades_and_colours_that_became_one_are_not_given_away(what):
    found = change(MERGED[what](photo(4)), photo(4))
    assert found.second.shades > 0.03
    assert "colours that" in shows_all(found)


@pytest.mark.parametrize("exponent", [0.7, 1.4])
def test_a_tone_that_can_be_undone_takes_nothing_away(exponent):
    toned = photo(4).point([round(255 * (level / 255) ** exponent) for level in range(256)] * 3)
    assert shows_all(change(toned, photo(4))) == shows_all(change(photo(4), toned)) == ""


def test_a_larger_picture_is_not_given_for_a_smaller_one():
    found = change(photo().resize((320, 240), Image.Resampling.LANCZOS), photo())
    assert shows_all(found) == "has finer detail than the kept one: 640 x 480 pixels where the kept one has 320 x 240"


def test_an_enlarged_picture_may_go_for_what_it_was_made_of():
    image = photo(3, (480, 360))
    enlarged = image.resize((960, 720), Image.Resampling.BICUBIC)
    details = detail(np.asarray(image)), detail(np.asarray(enlarged))
    assert details[0] == 1
    assert details[1] == pytest.approx(1 / 2, abs=0.06)
    found = judged(image, enlarged).change.in_full(image.size, enlarged.size, details)
    assert found.words() == "enlarged, 200 %"
    assert shows_all(found) == ""


def test_sides_are_in_the_reason():
    same = (1, 0, 0, 0, 1, 0, 0, 0, 1)
    more = Change(same, Showing((4, 3)), Showing((4, 3), more=Sides(0.24, 0, 0, 0), beyond=0.2))
    assert shows_all(more) == "shows more than the kept one: left, 24 %"


@settings(deadline=None, max_examples=12)
@given(
    st.integers(0, 50),
    st.sampled_from(["left", "top", "right", "bottom"]),
    st.floats(0.03, 0.3),
)
def test_a_crop_never_stands_for_the_whole(seed, side, share):
    image = photo(seed)
    left, top, right, bottom = 0, 0, *SIZE
    across, down = round(share * SIZE[0]), round(share * SIZE[1])
    edges = {
        "left": (across, top, right, bottom),
        "top": (left, down, right, bottom),
        "right": (left, top, right - across, bottom),
        "bottom": (left, top, right, bottom - down),
    }
    found = change(image, *cut(image, *edges[side]))
    assert side in shows_all(found.reversed())
    assert shows_all(found) == ""


@settings(deadline=None, max_examples=12)
@given(st.integers(0, 50), st.integers(44, 70), st.integers(10, 200), st.integers(10, 400))
def test_a_captioned_picture_never_stands_for_the_clean_one(seed, size, x, y):
    found = judged(photo(seed), captioned(photo(seed), size, (x, y)))
    assert found is None or shows_all(found.reversed().change)


@settings(deadline=None, max_examples=5)
@given(st.integers(0, 50))
def test_words_around_a_picture_are_not_lost(seed):
    image = photo(seed)
    assert shows_all(judged(image, extended(image), np.eye(3)).change)
    assert shows_all(judged(image, *on_a_screen(image)).change)


# Whichever of the two is called the first


WAYS = {
    "cut": lambda image: cut(image, 128, 48, 576, 432),
    "enlarged": lambda image: (image.resize((960, 720)), np.diag((1.5, 1.5, 1.0))),
    "reduced": lambda image: (image.resize((200, 150)), np.diag((0.3125, 0.3125, 1.0))),
    "tilted": lambda image: turned(image, 9),
    "written over": lambda image: (captioned(image), np.eye(3)),
    "on a screen": on_a_screen,
    "fainter": lambda image: (image.point(lambda level: level // 4 + 90), np.eye(3)),
    "another": lambda image: (photo(77), np.eye(3)),
}


@settings(deadline=None, max_examples=25)
@given(st.sampled_from(sorted(WAYS)), st.integers(0, 50), st.floats(-4, 4), st.booleans(), st.floats(0.2, 5))
def test_the_verdict_is_the_same_whichever_is_called_the_first_and_however_the_map_is_written(
    what, seed, off, refine, times
):
    image = photo(seed)
    altered, between = WAYS[what](image)
    first, second = small(image), small(altered)
    matrix = shift(off, 0) @ reduction(altered, second) @ between @ np.linalg.inv(reduction(image, first))
    there = judge(first, second, matrix, refine=refine)
    back = judge(second, first, times * np.linalg.inv(matrix), refine=refine)
    assert (there is None) == (back is None)
    if there is not None:
        back = back.reversed()
        assert there.verdict == back.verdict
        assert (there.agree, there.sharp, there.area) == pytest.approx((back.agree, back.sharp, back.area), abs=0.01)
        assert there.change.between == pytest.approx(back.change.between, abs=0.002)
        assert there.change.shown == pytest.approx(back.change.shown, abs=0.002)
        assert there.mse == pytest.approx(back.mse, rel=0.02, abs=0.1)
