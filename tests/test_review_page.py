"""The review as a person works with it: by keyboard alone, in a browser, on pictures that lie on the disk."""

import signal
import subprocess
import sys
import time

import pytest
from PIL import Image

from browsing import chromium
from reviewing import Running, drawn, environment, results, tree

WIDE = {"width": 1280, "height": 800}


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def opened(browser, tmp_path):
    """A review of a few groups, opened: the folder, what serves it, and the page."""
    root = tree(tmp_path / "in")
    with Running(tmp_path, results(tmp_path, root), "--processes", "1") as running:
        page = browser.new_page(viewport=WIDE)
        page.troubles = []
        page.on("pageerror", lambda error: page.troubles.append(str(error)))
        page.on("console", lambda said: page.troubles.append(said.text) if said.type == "error" else None)
        page.goto(running.address)
        page.wait_for_selector(".row .tile img")
        yield root, running, page
        page.close()


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def until(page, expression):
    """Wait for something to be true of the page, which lets nobody give it code to run."""
    for _ in range(600):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(expression)


def files(root):
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_the_whole_way_by_keyboard_alone(opened):
    root, _, page = opened
    before = files(root)
    page.wait_for_selector(".tile:focus")
    press(page, "ArrowRight")
    chosen = page.get_attribute(".tile:focus", "title")
    press(page, "k")  # another keeper
    until(page, "document.querySelector('.row.at').innerText.includes('Kept because you chose it')")
    press(page, "a")
    page.wait_for_selector('.row[aria-rowindex="1"].agreed')
    until(page, "document.activeElement.closest('.row')?.getAttribute('aria-rowindex') === '2'")
    press(page, "ArrowRight", "x")  # this one stays
    page.wait_for_selector(".row.at .tile.stays")
    stays = page.get_attribute(".row.at .tile.stays", "title")
    press(page, "a")
    page.wait_for_selector('.row[aria-rowindex="2"].agreed')
    until(page, "document.activeElement.closest('.row')?.getAttribute('aria-rowindex') === '3'")
    press(page, "n")  # no duplicates
    page.wait_for_selector(".row.at.apart")
    press(page, "p")
    page.wait_for_selector("#doing .figures")
    assert page.evaluate("document.activeElement.type") == "radio"  # not the button that acts
    going = page.locator("#doing tbody tr td:first-child").all_inner_texts()
    assert going
    assert not any(text.endswith(one) for text in going for one in (chosen, stays))
    assert files(root) == before
    while page.evaluate("document.activeElement.className") != "go":
        press(page, "Tab")
    press(page, "Enter")
    page.wait_for_selector("#doing h2:has-text('Done')")
    now = files(root)
    assert len(before) - len(now) == len(going)
    assert any(chosen.endswith(name) for name in now)
    assert any(stays.endswith(name) for name in now)
    press(page, "Shift+Tab", "Enter")  # undo
    page.wait_for_selector("#doing h2:has-text('Taken back')")
    assert files(root) == before
    press(page, "Escape")
    page.wait_for_selector("#doing", state="hidden")
    page.wait_for_selector('.row[aria-rowindex="1"].agreed .tile.goes')
    assert not page.troubles


def test_what_was_decided_outlives_a_reload_a_kill_a_rescan_and_a_new_name(opened, browser, tmp_path):
    root, running, page = opened
    press(page, "a")
    page.wait_for_selector('.row[aria-rowindex="1"].agreed')
    press(page, "n")
    page.wait_for_selector('.row[aria-rowindex="2"].apart')
    page.reload()
    page.wait_for_selector('.row[aria-rowindex="1"].agreed')
    page.wait_for_selector('.row[aria-rowindex="2"].apart')
    running.end(signal.SIGKILL)
    groups = int(page.get_attribute("#pad", "aria-rowcount"))
    (root / "b").rename(root / "c")
    (tmp_path / "found.jsonl").unlink()
    with Running(tmp_path, results(tmp_path, root), "--processes", "1") as again:
        again.enter()
        states = [row["state"] for row in again.rows()]
        assert (states.count(1), states.count(2)) == (1, 1)
        assert len(states) == groups


def test_a_decision_is_taken_back_step_by_step(opened):
    _, _, page = opened
    press(page, "a")
    page.wait_for_selector('.row[aria-rowindex="1"].agreed')
    press(page, "n")
    page.wait_for_selector('.row[aria-rowindex="2"].apart')
    press(page, "z")
    page.wait_for_selector('.row[aria-rowindex="2"]:not(.apart)')
    press(page, "z")
    page.wait_for_selector('.row[aria-rowindex="1"]:not(.agreed)')


def test_a_turned_and_a_mirrored_copy_lie_pixel_on_pixel_over_the_kept_one(opened):
    _, _, page = opened
    page.fill("#q", "1.png")
    until(page, "document.querySelector('#pad').getAttribute('aria-rowcount') === '1'")
    press(page, "Enter")
    page.wait_for_selector(".tile:focus")
    press(page, "Enter")
    seen = set()
    for _ in range(2):
        page.wait_for_selector('.stage[data-ready="side"] canvas')
        pixels = page.evaluate(
            """() => [...document.querySelectorAll('.stage canvas')].map(canvas => [canvas.width, canvas.height,
               ...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data])"""
        )
        assert pixels[0] == pixels[1]
        name = page.inner_text(".who div:nth-child(2) b")
        seen.add(name)
        press(page, "4")
        page.wait_for_selector(".legend:has-text('No pixel differs')")
        press(page, "1")
        page.wait_for_selector('.stage[data-ready="side"] canvas')
        press(page, "ArrowRight")
        until(page, f"document.querySelector('.who div:nth-child(2) b').innerText !== '{name}' || {len(seen)} === 2")
    assert len(seen) == 2


def test_names_stand_there_as_they_are_wherever_they_do(browser, tmp_path):
    (tmp_path / "in").mkdir()
    for name in (" two  spaces.png", "<b>bold & \u05e9\u05dc\u05d5\u05dd  too.png"):
        drawn(1).save(tmp_path / "in" / name)
    with Running(tmp_path, results(tmp_path, tmp_path / "in"), "--processes", "1") as running:
        page = browser.new_page(viewport=WIDE)
        page.goto(running.address)
        page.wait_for_selector(".row .tile img")
        names = {path.name for path in (tmp_path / "in").iterdir()}
        assert page.inner_text(".row .why b").removeprefix("in/") in names
        press(page, "a", "Enter")
        page.wait_for_selector('.stage[data-ready="side"]')
        assert set(page.locator(".who b").all_inner_texts()) == names
        press(page, "Escape", "p")
        page.wait_for_selector("#doing .figures")
        (gone,) = page.locator("#doing tbody tr td:first-child").all_inner_texts()
        assert gone.removeprefix(str(tmp_path / "in")).removeprefix("/") in names
        page.close()


def test_what_only_a_picture_to_go_tells_is_said_before_it_goes(browser, tmp_path):
    (tmp_path / "in").mkdir()
    drawn(1).save(tmp_path / "in" / "kept.jpg", quality=98)
    dated = Image.Exif()
    dated.get_ifd(0x8769)[0x9003] = "2020:01:02 03:04:05"
    drawn(1).save(tmp_path / "in" / "dated.jpg", quality=95, exif=dated)
    with Running(tmp_path, results(tmp_path, tmp_path / "in"), "--processes", "1") as running:
        page = browser.new_page(viewport=WIDE)
        page.goto(running.address)
        page.wait_for_selector(".row .tile img")
        assert "only it tells date taken" in page.get_attribute(".caption.goes", "title")
        press(page, "a", "p")
        page.wait_for_selector("#doing .figures")
        assert "holds metadata that the kept one lacks: date taken (1)" in page.inner_text("#doing")
        page.close()


def test_arrow_keys_in_the_comparison_do_not_move_the_list_behind_it_twice(opened):
    _, _, page = opened
    press(page, "Enter")
    page.wait_for_selector(".stage[data-ready]")
    press(page, "ArrowDown")
    page.wait_for_selector(".where:has-text('Group 2 of')")
    press(page, "Escape")
    page.wait_for_selector("#compare", state="hidden")
    assert page.get_attribute(".row.at", "aria-rowindex") == "2"


def test_a_picture_that_cannot_be_read_any_more_is_shown_as_such(opened):
    root, _, page = opened
    for path in (root / "a").iterdir():
        path.write_bytes(b"gone")
    page.reload()
    page.wait_for_selector(".tile.lost")
    assert page.get_attribute(".tile.lost", "data-lost") == "cannot be read any more"


def test_a_server_that_has_ended_is_told_and_nothing_is_lost(opened):
    _, running, page = opened
    page.wait_for_selector(".tile:focus")
    running.end(signal.SIGKILL)
    press(page, "a")
    page.wait_for_selector("#saved:has-text('Nothing is lost')")


@pytest.mark.skipif(sys.platform == "win32", reason="no such permissions there")
def test_a_decision_that_cannot_be_kept_is_not_said_to_be_and_why_is(opened, tmp_path):
    _, running, page = opened
    page.wait_for_selector(".tile:focus")
    press(page, "x", "ArrowRight", "x")
    page.wait_for_selector(".row.at .tile.stays")
    (tmp_path / "state").chmod(0o777)
    press(page, "a")
    page.wait_for_selector("#saved[role=alert]:has-text('may be written by others')")
    assert "not saved" in page.inner_text("#saved")
    assert "does not answer" not in page.inner_text("#saved")
    assert page.query_selector(".row.agreed") is None
    assert page.get_attribute(".row.at", "aria-rowindex") == "1"  # nobody is led on
    press(page, "Enter")
    page.wait_for_selector('.stage[data-ready="side"]')
    press(page, "a")
    page.wait_for_selector("#compare .trouble:has-text('may be written by others')")  # where the person looks
    assert "Group 1 of" in page.inner_text(".where")
    press(page, "Escape")
    page.wait_for_selector("#compare", state="hidden")
    (tmp_path / "state").chmod(0o700)
    press(page, "a")
    page.wait_for_selector("#saved:not([role]):has-text('All decisions are saved')")
    running.end(signal.SIGKILL)
    press(page, "z")
    page.wait_for_selector("#saved:has-text('does not answer')")


def test_where_nothing_could_be_done_it_is_not_said_to_be_done(opened):
    root, _, page = opened
    press(page, "a", "p")
    page.wait_for_selector("#doing .figures")
    (root / "b").rename(root / "c")
    while page.evaluate("document.activeElement.className") != "go":
        press(page, "Tab")
    press(page, "Enter")
    page.wait_for_selector("#doing h2:has-text('Nothing was done')")
    assert "it is not there any more" in page.inner_text("#doing")


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_nothing_is_in_the_way_of_those_who_cannot_see_it(opened, theme):
    run = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe().run
    _, _, page = opened
    page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")

    def faults():
        found = run(page, options={"resultTypes": ["violations"]}).response["violations"]
        return [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found]

    press(page, "a")
    page.wait_for_selector(".row.agreed")
    assert faults() == []
    press(page, "Enter")
    page.wait_for_selector(".stage[data-ready]")
    assert faults() == []
    press(page, "Escape", "p")
    page.wait_for_selector("#doing .figures")
    assert faults() == []


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_which_threshold_fits_is_a_page_of_the_review(browser, tmp_path, theme):
    run = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe().run
    root = tree(tmp_path / "in", groups=5)
    with Running(tmp_path, root, "--processes", "1", "--similarity", "similar") as running:
        page = browser.new_page(viewport=WIDE, color_scheme=theme)
        troubles = []
        page.on("console", lambda said: troubles.append(said.text))
        page.goto(running.address)
        page.click("text=Which threshold fits")
        page.wait_for_selector("svg.calibration")
        assert page.is_visible("text=No threshold is recommended: there are too few pictures")
        found = run(page, options={"resultTypes": ["violations"]}).response["violations"]
        assert [one["id"] for one in found] == []
        page.click("text=Back to the groups")
        page.wait_for_selector(".row .tile img")
        assert not troubles


TWICE = {"width": 640, "height": 400}
"""A browser at 200 % has half the pixels to lay a page out in."""


def faults(page):
    """What axe finds, and what does not fit at twice the size."""
    run = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe().run
    found = run(page, options={"resultTypes": ["violations"]}).response["violations"]
    wide = page.evaluate("document.documentElement.scrollWidth")
    return [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found] + [wide] * (wide > 640)


def test_all_of_it_works_at_twice_the_size(opened):
    _, _, page = opened
    page.set_viewport_size(TWICE)
    page.wait_for_selector(".row .tile img")
    for selector in ("#plan", "#keys", "#q", ".row .tile"):
        box = page.locator(selector).first.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 640, selector
    assert faults(page) == []
    press(page, "Enter")
    for key, mode in enumerate(("side", "flicker", "slider", "difference"), 1):
        press(page, str(key))
        stage = page.wait_for_selector(f'.stage[data-ready="{mode}"]')
        assert stage.bounding_box()["height"] > 60, mode  # there is something to see
        for selector in (".acts .main", ".film .tile", ".choice button"):
            page.locator(selector).first.scroll_into_view_if_needed()
            box = page.locator(selector).first.bounding_box()
            assert box["x"] >= 0 and box["x"] + box["width"] <= 640 and box["y"] + box["height"] <= 400, (
                mode,
                selector,
            )
    assert faults(page) == []
    press(page, "Escape", "p")
    page.wait_for_selector("#doing .figures")
    assert page.evaluate("document.querySelector('#doing').scrollWidth <= document.querySelector('#doing').clientWidth")
    assert faults(page) == []


def test_the_page_of_the_threshold_works_at_twice_the_size(browser, tmp_path):
    root = tree(tmp_path / "in", groups=5)
    with Running(tmp_path, root, "--processes", "1", "--similarity", "similar") as running:
        page = browser.new_page(viewport=TWICE)
        page.goto(running.address)
        page.wait_for_selector(".row .tile img")
        page.click("#show")
        page.wait_for_selector("#side:popover-open")
        assert faults(page) == []
        page.click("#states li:nth-child(2) button")  # what is shown is chosen there
        until(page, "document.querySelector('#states li:nth-child(2) button').ariaPressed === 'true'")
        page.click("text=Which threshold fits")
        page.wait_for_selector("svg.calibration")
        assert faults(page) == []
        page.close()


def test_a_kill_in_the_middle_of_the_work_loses_nothing_and_can_be_taken_back(tmp_path):
    root = tmp_path / "in"
    for folder in ("a", "b"):
        (root / folder).mkdir(parents=True)
        for number in range(150):
            drawn(number, (40, 40)).save(root / folder / f"{number}.png")
    before = files(root)
    command = [sys.executable, "-m", "difPy"]
    with Running(tmp_path, results(tmp_path, root), "--processes", "1", "--to", tmp_path / "aside") as running:
        running.enter()
        running.post("agree", {})
        plan = running.post("plan", {"action": "move"}).json
        assert plan["steps"] == 150
        running.post("apply", {"digest": plan["digest"]})
        for _ in range(3000):
            if any((tmp_path / "aside").rglob("*.png")):
                break
            time.sleep(0.002)
        running.end(signal.SIGKILL)
    left, aside = files(root), files(tmp_path / "aside")
    assert 0 < len(aside) < 150, "it was not in the middle"
    assert set(before.values()) == set(left.values()) | set(aside.values())
    told = {"env": environment(tmp_path), "capture_output": True, "text": True, "check": True}
    subprocess.run([*command, "journal", "--recover"], **told)
    assert "restored" in subprocess.run([*command, "undo", "--yes"], **told).stdout
    assert files(root) == before


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda how: how.name)
def test_whoever_asks_it_to_end_gets_a_sentence_and_what_is_being_done_stops(tmp_path, how):
    root = tmp_path / "in"
    for folder in ("a", "b"):
        (root / folder).mkdir(parents=True)
    for number in range(1500):  # several blocks, however quick the machine
        drawn(number, (40, 40)).save(root / "a" / f"{number}.png")
        (root / "b" / f"{number}.png").write_bytes((root / "a" / f"{number}.png").read_bytes())
    before = files(root)
    with Running(tmp_path, results(tmp_path, root), "--processes", "1", "--to", tmp_path / "aside") as running:
        running.enter()
        running.post("agree", {})
        running.post("apply", {"digest": running.post("plan", {"action": "move"}).json["digest"]})
        running.process.send_signal(how)
        said = running.process.stderr.read()
        assert running.process.wait(30) == 0
    assert "Traceback" not in said
    assert "the review has ended" in said
    assert "stopped" in said and "difpy undo" in said
    assert 0 < len(files(tmp_path / "aside")) < 1500
    undo = [sys.executable, "-m", "difPy", "undo", "--yes"]
    subprocess.run(undo, env=environment(tmp_path), capture_output=True, check=True)
    assert files(root) == before


@pytest.fixture(scope="module")
def crowded(browser, tmp_path_factory):
    """The page of one group with more pictures than a row has room for."""
    home = tmp_path_factory.mktemp("crowded")
    root = home / "in"
    root.mkdir()
    for number in range(90):
        drawn(1, (60, 40)).save(root / f"{number:02}.png", compress_level=number % 10)
    with Running(home, results(home, root), "--processes", "1") as running:
        page = browser.new_page(viewport=WIDE)
        page.goto(running.address)
        page.wait_for_selector(".row .tile img")
        yield page
        page.close()


def shown_in(page, selector, around):
    """Whether one element lies in the other with all of its width."""
    one, other = (page.locator(which).first.bounding_box() for which in (selector, around))
    return other["x"] <= one["x"] and one["x"] + one["width"] <= other["x"] + other["width"]


@pytest.mark.parametrize("size", [WIDE, TWICE], ids=["wide", "twice the size"])
def test_in_a_group_wider_than_the_page_the_picture_that_keys_act_on_is_the_one_in_focus(crowded, size):
    page = crowded
    press(page, "Home")
    page.set_viewport_size(size)
    page.wait_for_selector(".tile:focus")
    seen = [page.get_attribute(".tile:focus", "title")]
    for _ in range(20):
        press(page, "ArrowRight")
        seen.append(page.get_attribute(".tile:focus", "title"))
        assert shown_in(page, ".tile:focus", ".row .tiles")
    assert len(set(seen)) == len(seen)  # another one each time
    press(page, "ArrowLeft")
    assert page.get_attribute(".tile:focus", "title") == seen[-2]
    press(page, "x")
    page.wait_for_selector(".row .tile.stays:focus")
    assert page.get_attribute(".tile.stays", "title") == seen[-2]
    press(page, "x")
    page.wait_for_selector(".row .tile.goes:focus")
    page.locator(".more button").first.click()  # those before, of which the last is shown
    assert page.get_attribute(".tile:focus", "title") in seen[1:-2]


def test_the_strip_below_a_comparison_holds_few_pictures_and_shows_the_one_that_is_compared(crowded):
    page = crowded
    page.set_viewport_size(WIDE)
    press(page, "Home", *["ArrowRight"] * 60)
    name = page.get_attribute(".tile:focus", "title")
    press(page, "Enter")
    page.wait_for_selector('.stage[data-ready="side"]')
    assert page.get_attribute(".film .current", "title") == name
    assert shown_in(page, ".film .current", ".film")
    assert page.evaluate("document.querySelectorAll('*').length") < 1000
    press(page, "ArrowRight")
    until(page, f"document.querySelector('.film .current')?.title !== {name!r}")
    assert shown_in(page, ".film .current", ".film")
    press(page, "Escape")
    page.wait_for_selector("#compare", state="hidden")
