"""What a tile of the review shows until its thumbnail has come: the picture's tensor, which the index holds."""

import numpy as np
import pytest
from PIL import Image

import difPy
from browsing import chromium
from reviewing import Running, results, tree

RECORD = 4 + 50 * 50 * 3
SIMILAR = ("--processes", "1", "--similarity", "similar", "--mirror")


def records(body):
    assert len(body) % RECORD == 0
    parts = [body[at : at + RECORD] for at in range(0, len(body), RECORD)]
    return {int.from_bytes(part[:4], "little"): part[4:] for part in parts}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return tree(tmp_path_factory.mktemp("review") / "in", groups=3)


@pytest.fixture(scope="module", params=[(), ("--no-cache",)], ids=["index", "no index"])
def page(root, request, tmp_path_factory):
    with Running(tmp_path_factory.mktemp("home"), root, *SIMILAR, *request.param) as page:
        page.enter()
        yield page


def test_tensors_of_a_screenful_come_in_one_answer(page, root):
    pictures = {one["id"]: one for row in page.rows() for one in row["pictures"]}
    answer = page.get(f"api/tensors?n={','.join(map(str, pictures))}")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/octet-stream")
    assert answer.headers["cache-control"] == "no-store"
    found = records(answer.body)
    assert found.keys() == pictures.keys()
    for number, one in pictures.items():
        with Image.open(root / one["folder"][-1] / one["name"]) as image:
            small = np.asarray(image.convert("RGB").resize((50, 50), Image.Resampling.BICUBIC), int)
        assert np.abs(np.frombuffer(found[number], np.uint8) - small.ravel()).mean() < 3


@pytest.mark.parametrize("asked", ["", "-1", "99999", "a", "../0", "%d9%a3", "1e1", ",,,", "9" * 40])
def test_a_tensor_is_asked_for_by_its_number(page, asked):
    answer = page.get(f"api/tensors?n={asked}")
    assert (answer.status, answer.body) == (200, b"")
    assert records(page.get(f"api/tensors?n={asked},0").body).keys() == {0}


def test_no_answer_is_longer_than_a_screenful(page):
    assert records(page.get(f"api/tensors?n={','.join(['99999'] * 256)},0").body) == {}
    assert len(page.get(f"api/tensors?n={','.join(['0'] * 256)}").body) == RECORD


def test_nobody_else_is_given_tensors(page):
    assert page.get("api/tensors?n=0", without=("Cookie",)).status == 403
    assert page.get("api/tensors?n=0", Sec_Fetch_Site="cross-site").status == 403


def test_where_no_library_was_searched_none_is_known(root, tmp_path):
    with Running(tmp_path, results(tmp_path, root), "--processes", "1") as page:
        page.enter()
        assert page.get("api/state").json["tensors"] is False
        assert page.get("api/tensors?n=0").body == b""


def test_an_index_says_what_it_knows_of_contents_and_nothing_of_others(root, tmp_path):
    for cache in (tmp_path / "index.sqlite", False):
        library = difPy.index(root, cache=cache, processes=1)
        digests = library.contents
        found = library.index.tensors([*digests, bytes(32)])
        assert found.keys() == set(digests)
        for row, digest in enumerate(digests):
            assert np.array_equal(found[digest], library.gallery.tensors[row])


def held_back(browser, running):
    """The review in a browser that no thumbnail comes to yet: they are `held`; and the tensors that it `asked` for."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.troubles, page.held, page.asked = [], [], []
    page.on("pageerror", lambda error: page.troubles.append(str(error)))
    page.on("console", lambda said: page.troubles.append(said.text) if said.type == "error" else None)
    page.on("request", lambda request: page.asked.append(request.url) if "api/tensors" in request.url else None)
    page.route("**/t/*", lambda route: route.continue_() if page.held is None else page.held.append(route))
    page.goto(running.address)
    page.wait_for_selector(".row .tile")
    return page


def let_come(page):
    held, page.held = page.held, None
    for route in held:
        route.continue_()


SEEN = """() => [...document.querySelectorAll('.row .tile')].map(tile => {
    const shown = tile.firstChild, box = shown.getBoundingClientRect(), canvas = document.createElement('canvas');
    canvas.width = 8; canvas.height = 6;
    canvas.getContext('2d').drawImage(shown, 0, 0, 8, 6);
    return {
        is: shown.tagName, children: tile.childElementCount, turn: shown.className, box: [box.width, box.height],
        ratio: (shown.naturalWidth ?? shown.width) / (shown.naturalHeight ?? shown.height),
        levels: [...canvas.getContext('2d').getImageData(0, 0, 8, 6).data],
    };
})"""


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


def test_a_tile_shows_the_tensor_until_the_thumbnail_comes(browser, root, tmp_path):
    with Running(tmp_path, root, *SIMILAR) as running:
        page = held_back(browser, running)
        page.wait_for_selector(".row .tile canvas")
        before = page.evaluate(SEEN)
        assert {one["is"] for one in before} == {"CANVAS"}
        assert len(page.asked) == 1  # for all of them
        let_come(page)
        page.wait_for_selector(".row .tile canvas", state="detached")
        after = page.evaluate(SEEN)
        assert {one["is"] for one in after} == {"IMG"}
        for one, other in zip(before, after, strict=True):
            assert one["children"] == other["children"] == 1
            assert (one["turn"], one["box"]) == (other["turn"], other["box"])
            assert abs(one["ratio"] - other["ratio"]) < 0.03  # stretched to the picture's shape
            assert np.abs(np.subtract(one["levels"], other["levels"])).mean() < 12
        assert any(one["turn"] for one in after) and {one["ratio"] > 1 for one in after} == {True, False}
        page.keyboard.press("a")  # made anew, the row needs no tensors
        page.wait_for_selector(".row.agreed .tile img")
        assert len(page.asked) == 1
        assert not page.troubles


def test_a_picture_that_cannot_be_read_any_more_does_not_look_as_if_it_could(browser, tmp_path):
    root = tree(tmp_path / "in", groups=3)
    with Running(tmp_path, root, *SIMILAR) as running:
        page = held_back(browser, running)
        page.wait_for_selector(".row .tile canvas")
        for path in (root / "a").iterdir():
            path.write_bytes(b"gone")
        let_come(page)
        page.wait_for_selector(".row .tile canvas", state="detached")
        lost = page.locator(".tile.lost")
        assert lost.count() == 3
        assert lost.evaluate_all("tiles => tiles.every(tile => !tile.childElementCount)")


def test_where_no_tensor_is_known_tiles_stay_empty_until_thumbnails_come(browser, root, tmp_path):
    with Running(tmp_path, results(tmp_path, root), "--processes", "1") as running:
        page = held_back(browser, running)
        assert {one["is"] for one in page.evaluate(SEEN)} == {"IMG"}
        let_come(page)
        page.wait_for_load_state("networkidle")
        assert all(one["ratio"] > 0 for one in page.evaluate(SEEN))
        assert not page.asked and not page.troubles
