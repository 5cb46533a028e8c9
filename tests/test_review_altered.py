"""Altered copies in all that shows what was found: read back, kept instead, on the page, in a report, in a notebook."""

import csv
import os
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

import difPy
from browsing import chromium
from difPy import report, results
from difPy.act import plan, to_json
from difPy.difference import differs
from difPy.errors import UsageError
from difPy.model import Verdict
from difPy.page.shelf import ALTERED, Shelf
from pictures import busy
from reviewing import Running


@pytest.fixture(scope="module")
def group(tmp_path_factory):
    """A picture, the same encoded anew, and three altered copies of it."""
    root = tmp_path_factory.mktemp("in")
    picture = busy(1)
    picture.save(root / "whole.png")
    picture.save(root / "encoded.jpg", quality=80)
    picture.convert("L").save(root / "grey.png")
    picture.rotate(12, Image.Resampling.BICUBIC, expand=True, fillcolor="white").save(root / "turned.png")
    picture.crop((40, 30, picture.width - 60, picture.height - 30)).save(root / "cut.png")
    library = difPy.index(root, cache=False, processes=1)
    return difPy.find(library, "deep", keep="path=*whole.png", processes=1).groups[0]


def named(group):
    return {Path(member.file.path).name: member for member in group.members}


def written(folder, group):
    (folder / "found.jsonl").write_text(report.jsonl([group]))
    return folder / "found.jsonl"


def test_what_was_done_to_them_is_read_back_whole(group, tmp_path):
    assert list(results.read(written(tmp_path, group))) == [group]
    (tmp_path / "found.json").write_text(report.as_json([group]))
    assert list(results.read(tmp_path / "found.json")) == [group]
    assert Shelf([group]).group(0) == group


def test_a_result_whose_change_makes_no_sense_is_refused_in_a_sentence(group, tmp_path):
    text = written(tmp_path, group).read_text()
    (tmp_path / "odd.jsonl").write_text(text.replace('"map": [', '"map": ["x", '))
    with pytest.raises(UsageError, match=r"odd\.jsonl"):
        list(results.read(tmp_path / "odd.jsonl"))


def test_a_plan_of_them_is_not_taken_for_one_of_the_same_pictures(group, tmp_path):
    made = plan([group], "trash", altered=True)
    assert made.steps
    (tmp_path / "plan.json").write_text(to_json(made))
    with pytest.raises(UsageError, match="altered copies"):
        list(results.read(tmp_path / "plan.json"))


def test_csv_has_what_is_known_of_the_files_and_what_was_done(group):
    rows = {Path(row["match"]).name: row for row in csv.DictReader(report.as_csv([group]).splitlines())}
    assert rows["turned.png"]["verdict"] == "altered copy"
    assert rows["turned.png"]["change"].startswith("turned 12 degrees to the left")
    assert rows["turned.png"]["match_format"] == "PNG"
    assert rows["encoded.jpg"]["verdict"] == "same picture"
    assert rows["encoded.jpg"]["change"] == ""


def test_they_are_said_to_be_altered_and_never_only_how_far_off(group):
    for name, member in named(group).items():
        said = differs(group.keeper, member)
        assert ("altered copy: " in said) == (member.verdict is Verdict.ALTERED) == (name != "encoded.jpg")
        assert ("MSE" in said) == (name == "encoded.jpg")


def test_a_crop_that_is_kept_instead_says_of_each_that_it_shows_more(group):
    path = named(group)["cut.png"].file.path
    made = difPy.rekeep(group, path, cache=False, processes=1)
    assert {one.path for one in made.files} == {one.path for one in group.files}
    for member in made.members:
        assert member.change.first.size == (made.keeper.width, made.keeper.height)
        assert "shows more than the kept one" in member.shows


def test_the_same_picture_kept_instead_keeps_the_same_and_the_altered_apart(group):
    path = named(group)["encoded.jpg"].file.path
    made = named(difPy.rekeep(group, path, cache=False, processes=1))
    assert made.keys() == {"whole.png", "grey.png", "turned.png", "cut.png"}
    assert {name for name, one in made.items() if one.verdict is Verdict.ALTERED} == made.keys() - {"whole.png"}
    assert round(made["turned.png"].change.angle) == 12
    assert made["whole.png"].distance == named(group)["encoded.jpg"].distance


def test_in_a_group_without_altered_copies_none_becomes_one(group):
    same = replace(group, members=(named(group)["encoded.jpg"],))
    other = replace(same, members=(*same.members, replace(named(group)["grey.png"], change=None, distance=0.0)))
    made = named(difPy.rekeep(other, same.members[0].file.path, cache=False, processes=1))
    assert made.keys() == {"whole.png"}


def test_a_report_and_a_notebook_say_what_was_done(group, tmp_path):
    from difPy.reporting import report as reported

    def write(path, data):
        Path(path).write_bytes(data)

    reported([group], tmp_path / "found.html", write=write, processes=1)
    for shown in ((tmp_path / "found.html").read_text(), group._repr_html_()):
        assert "altered copy: turned 12 degrees" in shown
        assert "altered copy: cut to" in shown


def test_the_page_shows_them_as_such_and_does_them_apart(group, tmp_path):
    with Running(tmp_path, written(tmp_path, group), "--processes", "1") as page:
        page.enter()
        (row,) = page.rows()
        altered = {one["name"]: one["altered"] for one in row["pictures"] if one.get("altered")}
        assert altered.keys() == {"grey.png", "turned.png", "cut.png"}
        assert altered["turned.png"].startswith("turned 12 degrees")
        page.post("decide", {"group": 0, "state": 1})
        same = page.post("plan", {"action": "move"}).json
        apart = page.post("plan", {"action": "move", "altered": True}).json
        assert [os.path.basename(path) for path, *_ in same["first"]] == ["encoded.jpg"]
        assert any("planned apart" in why for _, why in same["held"])
        assert {os.path.basename(path) for path, *_ in apart["first"]} <= altered.keys()
        assert apart["steps"]
        assert row["id"] == 0 and page.get(f"api/rows?kind={ALTERED}").json["total"] == 1


def test_what_the_list_says_of_them_is_what_the_plan_does(group, tmp_path):
    cut = difPy.rekeep(group, named(group)["cut.png"].file.path, cache=False, processes=1)  # all others show more
    for some, alone in ((group, {"encoded.jpg"}), (cut, set())):
        folder = tmp_path / str(len(alone))
        folder.mkdir()
        with Running(folder, written(folder, some), "--processes", "1") as page:
            page.enter()
            page.post("decide", {"group": 0, "state": 1})

            def goes(**meant):
                made = page.post("plan", {"action": "move", **meant}).json
                (row,) = page.rows()
                shown = {one["name"] for one in row["pictures"] if one["is"] == "goes"}
                assert made["summary"]["goes"] == len(shown) and row["freed"] == made["summary"]["freed"]
                return {os.path.basename(path) for path, *_ in made["first"]}, shown

            altered = {one.name for one in map(Path, (file.path for file in some.files[1:]))} - alone
            assert goes() == (alone, alone)
            assert goes(altered=True, even=True) == (altered, altered | alone)
            assert goes(altered=True) == ((altered, altered | alone) if alone else (set(), set()))
            assert page.get("api/state").json["work"]["altered"] is True
            assert goes(even=True) == (alone, alone)  # that alone means nothing


def test_the_plan_asks_whether_they_are_meant_where_there_are_some(group, tmp_path):
    with chromium() as browser:
        for some, boxes in ((group, 1), (replace(group, members=(named(group)["encoded.jpg"],)), 0)):
            folder = tmp_path / str(boxes)
            folder.mkdir()
            with Running(folder, written(folder, some), "--processes", "1") as running:
                page = browser.new_page()
                page.goto(running.address)
                page.wait_for_selector(".tile:focus")
                page.keyboard.press("a")
                page.wait_for_selector(".row.agreed")
                page.keyboard.press("p")
                page.wait_for_selector(".steps")
                assert "encoded.jpg" in page.inner_text(".steps table")
                assert page.locator("[name=altered]").count() == boxes
                if boxes:
                    page.check("[name=altered]")
                    page.wait_for_selector('.steps table:first-child td:has-text("turned.png")')
                    assert page.is_checked("[name=altered]")
                    assert page.evaluate("document.activeElement.name") == "altered"
                    assert not page.is_checked("[name=even]")
                    page.keyboard.press("Escape")
                    page.wait_for_selector('.cell:has(.caption.goes) [title$="turned.png"]')
                page.close()


LAID = """() => {
  const [kept, other] = document.querySelectorAll('.stage canvas');
  const { left = 0, top = 0 } = other;
  const levels = canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  const a = levels(kept), b = levels(other);
  let off = 0, both = 0;
  for (let y = 0; y < kept.height; y++) for (let x = 0; x < kept.width; x++) {
    const i = 4 * (y * kept.width + x), j = 4 * ((y - top) * other.width + x - left);
    if (b[j + 3] < 255) continue;
    both++;
    off += Math.abs(a[i] - b[j]) + Math.abs(a[i + 1] - b[j + 1]) + Math.abs(a[i + 2] - b[j + 2]);
  }
  return { mean: off / both / 3, share: both / (kept.width * kept.height), name: other.getAttribute('aria-label') };
}"""


@pytest.fixture(scope="module")
def leaning(tmp_path_factory):
    """A picture, and the same seen at an angle."""
    root = tmp_path_factory.mktemp("leaning")
    picture = busy(2)
    picture.save(root / "whole.png")
    seen = (1, 0, 0, 0, 1, 0, 0.0003, 0.0001)  # its right side is farther away
    leaning = picture.transform(picture.size, Image.Transform.PERSPECTIVE, seen, Image.Resampling.BICUBIC)
    leaning.save(root / "leaning.png")
    library = difPy.index(root, cache=False, processes=1)
    return difPy.find(library, "deep", keep="path=*whole.png", processes=1).groups[0]


def test_a_cut_a_tilted_and_a_leaning_copy_lie_over_the_kept_one_where_they_belong(group, leaning, tmp_path):
    """On the canvases that a person sees: where both show something, they show the same."""
    shares = {"turned.png": (0.98, 1.0), "cut.png": (0.64, 0.68), "leaning.png": (0.7, 0.95)}
    seen = {}
    with chromium() as browser:
        for some in (group, leaning):
            folder = tmp_path / str(len(some.members))
            folder.mkdir()
            with Running(folder, written(folder, some), "--processes", "1") as running:
                page = browser.new_page(viewport={"width": 1280, "height": 800})
                page.goto(running.address)
                page.wait_for_selector(".tile:focus")
                page.keyboard.press("Enter")
                for _ in some.members:
                    page.wait_for_selector('.stage[data-ready="side"] canvas')
                    found = page.evaluate(LAID)
                    seen[os.path.basename(found["name"])] = found
                    page.keyboard.press("ArrowRight")
                    page.wait_for_timeout(300)
                page.keyboard.press("4")
                page.wait_for_selector('.stage[data-ready="difference"] canvas')
                assert "where both show something" in page.inner_text(".legend")
                page.close()
    for name, (least, most) in shares.items():
        assert seen[name]["mean"] < 6, seen
        assert least <= seen[name]["share"] <= most, seen
