"""What can be kept and shown elsewhere: the report, the calibration, and what a notebook shows."""

import dataclasses
import json
import re
import subprocess
import sys
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image, ImageDraw

import difPy
from browsing import chromium
from difPy import reporting
from difPy.act import write_new
from difPy.calibration.advice import advice
from difPy.calibration.pages import page
from difPy.calibration.words import text
from difPy.change import Change, Showing
from difPy.errors import WrongValue
from difPy.files import File
from difPy.match import mse
from difPy.match.mse.brute import squares_of_views
from difPy.model import Criterion, Group, Member, Rows, silent
from reviewing import drawn, environment, tree


class Seen(HTMLParser):
    """What a page has: tags, and addresses."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.sources = [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.sources += [value for name, value in attributes if name in ("src", "href") and value]
        assert not any(name.startswith("on") for name, _ in attributes)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Groups, one picture of which has a name that would be a script where names are not escaped."""
    root = tree(tmp_path_factory.mktemp("kept") / "in", groups=4)
    drawn(9).save(root / "a" / "<script>alert(1)<script> & 'x' \".png")
    drawn(9).save(root / "b" / "9.jpg", quality=95)
    return difPy.find(difPy.index(root, cache=False, processes=1), "similar", mirror=True, processes=1)


class TestReport:
    def test_it_holds_its_pictures_and_nothing_that_runs(self, found, tmp_path):
        names = found.report(tmp_path / "r.html", processes=1)
        assert [name.rpartition(".")[2] for name in names] == ["html", "json", "csv"]
        seen = Seen((tmp_path / "r.html").read_text(encoding="utf-8"))
        assert "script" not in seen.tags
        pictures = [source for source in seen.sources if source.startswith("data:image/webp")]
        contents = {file.digest for group in found.groups for file in group.files}
        assert len(pictures) == len(contents)
        assert not any("//" in source for source in seen.sources if not source.startswith("data:"))
        assert len(json.loads((tmp_path / "r.json").read_text())) == len(found.groups)

    def test_nothing_is_written_over(self, found, tmp_path):
        (tmp_path / "r.csv").write_text("mine")
        with pytest.raises(WrongValue, match=r"r\.csv"):
            found.report(tmp_path / "r.html", processes=1)
        with pytest.raises(WrongValue, match=r"must end in \.html"):
            found.report(tmp_path / "r.txt", processes=1)
        with pytest.raises(WrongValue, match=r"q\.html.* cannot be written"):
            found.report(tmp_path / "no such folder" / "q.html", processes=1)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["r.csv"]

    def test_many_groups_are_pages_that_lead_to_each_other(self, found, tmp_path, monkeypatch):
        monkeypatch.setattr(reporting, "GROUPS", 2)
        names = reporting.report(found.groups, tmp_path / "all of it.html", write=write_new, processes=1)
        pages = [name for name in names if name.endswith(".html")]
        assert len(pages) == -(-len(found.groups) // 2)
        seen = Seen((tmp_path / "all of it-2.html").read_text(encoding="utf-8"))
        assert "all%20of%20it.html" in seen.sources

    def test_a_picture_that_is_gone_is_said_to_be(self, tmp_path):
        root = tree(tmp_path / "in", groups=1)
        groups = difPy.find(difPy.index(root, cache=False, processes=1), processes=1).groups
        for path in root.rglob("*.png"):
            path.unlink()
        reporting.report(groups, tmp_path / "r.html", write=write_new, processes=1)
        assert "cannot be shown" in (tmp_path / "r.html").read_text(encoding="utf-8")

    def test_a_picture_is_said_to_have_the_bytes_of_the_one_that_it_has_them_of(self, tmp_path):
        (tmp_path / "in").mkdir()
        drawn(1).save(tmp_path / "in" / "kept.png")
        for name in ("like.jpg", "like too.jpg"):
            drawn(1).save(tmp_path / "in" / name, quality=95)
        (tmp_path / "in" / "kept too.png").write_bytes((tmp_path / "in" / "kept.png").read_bytes())
        text = difPy.find(difPy.index(tmp_path / "in", cache=False, processes=1), "similar", processes=1)._repr_html_()
        said = {name: words for words, name in re.findall(r"(same bytes[^<]*)<span>[^<]*<wbr>([^<]*)</span>", text)}
        other = "like.jpg" if "like too.jpg" in said else "like too.jpg"
        assert sorted(said.values()) == ["same bytes", f"same bytes as {other}"]

    def test_what_no_plan_lets_go_without_more_ado_is_not_said_to_go(self, tmp_path):
        files = []
        for number in range(4):
            drawn(number).save(tmp_path / f"{number}.png")
            at = (tmp_path / f"{number}.png").stat()
            path = str(tmp_path / f"{number}.png")
            files.append(File(path, str(tmp_path), 1000, at.st_mtime_ns, at.st_dev, at.st_ino))
        change = Change((2, 0, 0, 0, 1, 0, 0, 0, 1), Showing((160, 120)), Showing((80, 120)))
        members = (
            Member(files[1], 1.0, 0),
            Member(files[2], 1.0, 0, holds="a film"),
            Member(files[3], 1.0, 0, change=change),
        )
        shown = Group(files[0], members)._repr_html_()
        reporting.report([Group(files[0], members)], tmp_path / "r.html", write=write_new, processes=1)
        text = (tmp_path / "r.html").read_text(encoding="utf-8")
        for html in (shown, text):
            assert re.findall("<b(?: class=stays)?>(Keep|Goes|Stays)</b>", html) == ["Keep", "Goes", "Stays", "Stays"]
        assert "<b>1</b><span>picture can go</span>" in text
        assert "<b>1.0 kB</b>" in text
        assert "<b>2</b><span>stay: altered copies, or they hold more</span>" in text

    def test_names_stand_there_as_they_are_and_are_broken_where_a_folder_ends(self, tmp_path):
        root = tree(tmp_path / "in", groups=1)
        (root / "a" / "0.png").rename(root / "a" / "  two  spaces .png")
        groups = difPy.find(difPy.index(root, cache=False, processes=1), processes=1).groups
        reporting.report(groups, tmp_path / "r.html", write=write_new, processes=1)
        with chromium() as browser:
            look = browser.new_page()
            look.goto((tmp_path / "r.html").as_uri())
            texts = "[...document.querySelectorAll('figcaption span, li span')].map(one => one.innerText)"
            # Which groups are on the screen, so that they have texts, the first frame says.
            look.wait_for_function(f"{texts}.every(text => text)")
            shown = look.evaluate(texts)
            assert sorted(shown) == sorted(file.path for group in groups for file in group.files)
            assert look.evaluate("getComputedStyle(document.querySelector('figcaption span')).whiteSpace") == "pre-wrap"
        assert "/a/<wbr>  two  spaces .png" in (tmp_path / "r.html").read_text(encoding="utf-8")

    def test_it_says_when_it_was_written(self, found, tmp_path):
        found.report(tmp_path / "r.html", processes=1)
        assert re.search(r"Written \d{4}-\d\d-\d\d by difPy \d", (tmp_path / "r.html").read_text(encoding="utf-8"))

    def test_it_is_written_by_the_command(self, found, tmp_path):
        root = tree(tmp_path / "in", groups=1)
        command = [
            sys.executable,
            "-m",
            "difPy",
            "report",
            str(root),
            "--processes",
            "1",
            "-o",
            str(tmp_path / "r.html"),
        ]
        done = subprocess.run(command, env=environment(tmp_path), capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines()[0].endswith("r.html")
        again = subprocess.run(command, env=environment(tmp_path), capture_output=True, text=True)
        assert again.returncode != 0 and "exists already" in again.stderr

    def test_it_is_read_on_a_phone_and_printed_with_its_pictures(self, found, tmp_path):
        found.report(tmp_path / "r.html", processes=1)
        with chromium() as browser:
            look = browser.new_page(viewport={"width": 390, "height": 844})
            troubles = []
            look.on("console", lambda said: troubles.append(said.text))
            look.goto((tmp_path / "r.html").as_uri())
            assert look.evaluate("document.documentElement.scrollWidth") <= 390
            assert look.evaluate(
                "[...document.images].slice(0, 4).every(image => image.complete && image.naturalWidth)"
            )
            pictures = look.evaluate("document.images.length")
            assert pictures > len(found.groups)
            pdf = look.pdf()
            assert pdf.count(b"/Subtype /Image") + pdf.count(b"/Subtype/Image") == pictures  # all, not only those seen
            assert not troubles


class TestCalibration:
    def test_the_nearest_other_is_that_of_comparing_each_with_each(self):
        rng = np.random.default_rng(3)
        tensors = rng.integers(0, 256, (40, 10, 10, 3), np.uint8)
        tensors[20:30] = np.clip(tensors[:10].astype(int) + rng.integers(-9, 9, (10, 10, 10, 3)), 0, 255)
        tensors[30:35] = np.rot90(tensors[5:10], 1, (1, 2))
        same = np.full(40, 640, np.int32)
        codes = np.arange(40) % 7 == 0
        rows = Rows(
            tensors, same, same, codes.astype(np.int64), [None] * 40, np.zeros(40, np.uint8), np.zeros(40, np.float32)
        )
        criterion = Criterion(255.0**2)
        found = mse.others(rows, np.arange(40), criterion, silent)
        for row in range(40):
            near = [
                min(squares_of_views(tensors[row][None], tensors[other][None], o) / 300 for o in criterion.orientations)
                if other != row and codes[other] == codes[row]
                else np.inf
                for other in range(40)
            ]
            assert found.distance[row] == min(near)
            assert near[found.other[row]] == min(near)

    def test_a_bar_that_is_higher_than_there_is_room_for_is_seen_to_be_broken(self, tmp_path):
        for number in range(6):
            drawn(1).save(tmp_path / f"{number}.png")
        drawn(2).save(tmp_path / "other.png")
        drawn(3).save(tmp_path / "another.png")
        plot = difPy.calibrate(difPy.index(tmp_path, cache=False, processes=1), processes=1).plot()
        bars = re.findall(r'<rect class="copies" x="([\d.]+)" y="([\d.]+)" width="[\d.]+" height="([\d.]+)"', plot)
        (x, top, above), (same_x, below, _) = bars
        assert x == same_x
        assert float(top) + float(above) < float(below)
        assert ">6</text>" in plot

    def test_a_threshold_is_recommended_where_the_distances_leave_a_gap(self):
        rng = np.random.default_rng(1)
        copies, others = rng.uniform(0, 25, 30), rng.uniform(600, 5000, 200)
        found = advice(np.concatenate([copies, others]))
        assert copies.max() < found.threshold < others.min()

    @pytest.mark.parametrize(
        "distances",
        [
            np.linspace(20, 60, 300),
            np.geomspace(0.1, 5000, 300),
            np.linspace(600, 5000, 300),
            np.concatenate([[0.0, 0.0], np.linspace(300, 900, 300)]),
            np.zeros(300),
            np.linspace(0, 5, 12),
        ],
        ids=["alike", "a long slope", "no copies", "one pair", "only copies", "too few"],
    )
    def test_none_is_recommended_where_they_do_not(self, distances):
        found = advice(distances)
        assert found.threshold is None
        assert found.why

    def test_photos_and_their_copies_are_told_apart_and_pages_of_text_are_not(self, tmp_path):
        folder = tmp_path / "photos"
        folder.mkdir()
        for number in range(40):
            picture = drawn(number, (240, 180))
            picture.save(folder / f"{number}.png")
            if number < 8:
                picture.save(folder / f"{number} again.jpg", quality=50)
                picture.resize((120, 90), Image.Resampling.LANCZOS).save(folder / f"{number} half.jpg", quality=90)
        measured = difPy.calibrate(difPy.index(folder, cache=False, processes=1), processes=1)
        threshold = measured.recommended
        assert threshold is not None
        groups = difPy.find(difPy.index(folder, cache=False, processes=1), threshold, processes=1).groups
        names = [{re.match(r"\d+", file.path.rpartition("/")[2])[0] for file in group.files} for group in groups]
        assert all(len(one) == 1 for one in names)  # no false match
        assert sum(len(group.files) for group in groups) == 24  # and every copy
        assert "recommended" in measured.plot() and "recommended" in text(measured)
        seen = Seen(page(measured, processes=1))
        assert "script" not in seen.tags and "svg" in seen.tags
        assert max(map(len, text(measured, 80).splitlines())) <= 80

        pages, words = tmp_path / "text", ["kept", "because", "it", "is", "so", "and", "the", "other", "is", "not"]
        pages.mkdir()
        rng = np.random.default_rng(5)
        for number in range(40):
            sheet = Image.new("RGB", (200, 280), "white")
            for y in range(20, 260, 14):
                ImageDraw.Draw(sheet).text((16, y), " ".join(rng.choice(words, 6)), "black")
            sheet.save(pages / f"{number}.png")
        measured = difPy.calibrate(difPy.index(pages, cache=False, processes=1), processes=1)
        assert measured.recommended is None
        assert "No threshold is recommended" in text(measured)


class TestNotebook:
    def test_what_it_shows_is_escaped_and_runs_nothing(self, found):
        odd = next(one for one in found.groups if any("script" in file.path for file in one.files))
        for shown in (found, odd, difPy.plan(found.groups, "trash")):
            seen = Seen(shown._repr_html_())
            assert "script" not in seen.tags
        assert Seen(odd._repr_html_()).tags.count("img") == 2

    def test_of_many_groups_five_are_shown(self, found):
        many = dataclasses.replace(found, groups=[found.groups[0]] * 9)
        html = many._repr_html_()
        assert html.count("<section>") == 5
        assert "and 4 more groups" in html

    def test_a_search_is_shown_too(self, tmp_path):
        root = tree(tmp_path / "in", groups=1)
        search = difPy.search(
            difPy.build(str(root), show_progress=False, processes=1), show_progress=False, processes=1
        )
        assert Seen(search._repr_html_()).tags.count("figure") == 1  # the same bytes are shown once
        assert "No duplicates" in difPy.find(difPy.index(tmp_path / "in" / "b", cache=False))._repr_html_()

    def test_a_picture_that_cannot_be_drawn_is_said_to_be(self):
        gone = File("nowhere/a.png", "nowhere", 9, 0, 1, 1)
        assert "cannot be shown" in Group(gone, (Member(gone, 0.0, 0),))._repr_html_()
