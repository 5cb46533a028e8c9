"""What the review rests on: decisions by content, another picture kept, small pictures, groups as columns and files."""

import json
import os
import re
import threading
import time
from random import Random

import numpy as np
import pytest
from PIL import Image

import difPy
from difPy import results
from difPy.act import Choice, Decisions, Judgement, plan, to_json
from difPy.decode import thumbnail
from difPy.errors import UsageError, WrongValue
from difPy.files import File
from difPy.model import Failure, Group, Member
from difPy.page.desk import Desk
from difPy.page.judging import AGREED, APART, Judging, Verdict
from difPy.page.shelf import BYTES, EDITED, PIXELS, RESIZED, TURNED, Shelf
from difPy.page.views import View, Views
from difPy.scan import scan
from difPy.store.thumbnails import Thumbnails
from difPy.thumbs import Job, Maker
from difPy.workers import Serial
from reviewing import Running, drawn, tree

A, B, C, D = (letter * 32 for letter in (b"a", b"b", b"c", b"d"))


def file(path, digest=None, size=10, **more):
    return File(path, "in", size, 0, 1, hash(path) % 10**9 + 1, digest=digest, **more)


def group(*digests, distance=1.0):
    keeper, *others = (file(f"in/{number}-{digest[:1].decode()}", digest) for number, digest in enumerate(digests))
    return Group(keeper, tuple(Member(one, distance, 0) for one in others), "Kept because it is so.")


class TestDecisions:
    def test_what_a_person_said_is_known_in_the_next_run(self):
        said = Judgement((A, B, C), True, Choice(B, "/x/b"), (Choice(C, "/x/c"),))
        Decisions().judge([said])
        assert Decisions().judgement([C, A, B]) == said

    def test_a_group_that_a_picture_has_joined_shows_as_changed_and_nobody_has_agreed_to_it(self):
        Decisions().judge([Judgement((A, B), True, Choice(B))])
        grown = Decisions().judgement([A, B, C])
        assert (grown.changed, grown.agreed, grown.keeper.digest) == (True, False, B)

    def test_one_picture_in_common_says_nothing(self):
        Decisions().judge([Judgement((A, B), True)])
        assert Decisions().judgement([A, C]) is None

    def test_what_is_said_last_holds(self):
        decisions = Decisions()
        decisions.judge([Judgement((A, B), True), Judgement((A, B))])
        assert decisions.judgement([A, B]) is None
        assert Decisions().judgement([A, B]) is None

    def test_of_two_files_with_the_same_bytes_the_one_is_meant_that_was_chosen_wherever_its_folder_is_now(self):
        choice = Choice(A, "/old/2024/one.jpg")
        assert choice.among([A, A], ["/new/2024/two.jpg", "/new/2024/one.jpg"]) == [1]
        assert choice.among([A, A], ["/p/x.jpg", "/q/y.jpg"]) == [0, 1]
        assert choice.among([B], ["/old/2024/one.jpg"]) == []

    @pytest.mark.parametrize(
        "line",
        ['{"judged": 3}', '{"judged": ["zz"]}', '{"judged": ["61"], "keeper": 5, "stays": "x", "agreed": "yes"}',
         '{"judged": ["61", "62"], "keeper": ["zz", 1], "stays": [1, ["61"]]}'],
    )  # fmt: skip
    def test_what_makes_no_sense_decides_nothing(self, tmp_path, line):
        path = tmp_path / "decisions.jsonl"
        path.write_text(line + "\n")
        judgement = Decisions(path).judgement([b"a", b"b"])
        assert judgement is None or not (judgement.agreed or judgement.keeper or judgement.stays)

    def test_of_very_many_only_those_are_read_that_tell_of_the_pictures_asked_for(self, tmp_path):
        """Counted, not timed: what 200,000 decisions cost is what is read of them."""
        lines = [json.dumps({"apart": [os.urandom(32).hex(), os.urandom(32).hex()]}) for _ in range(3000)]
        path = tmp_path / "decisions.jsonl"
        path.write_text("\n".join(lines) + "\n")
        decisions = Decisions(path)
        one = [bytes.fromhex(digest) for digest in json.loads(lines[1500])["apart"]]
        assert decisions and not decisions.suppressed([A, B]) and decisions.judgement([A, B]) is None
        assert decisions.read == 0
        assert decisions.suppressed(one)
        assert decisions.read == 2  # it, and what else tells of the pictures in it
        decisions.forget(one)
        assert not decisions.suppressed(one) and not Decisions(path).suppressed(one)
        assert len(Decisions(path)) == 2999

    @pytest.mark.parametrize("seed", range(6))
    def test_what_is_read_of_them_says_what_all_of_them_say(self, tmp_path, seed):
        random = Random(seed)
        path = tmp_path / "decisions.jsonl"
        pictures = [bytes([number]) * 32 for number in range(6)]

        def some():
            return random.choices(pictures, k=random.randint(2, 4))

        def judge(group):
            Decisions(path).judge([Judgement(tuple(group), random.random() < 0.5, Choice(group[-1]))])

        for _ in range(20):
            random.choice((Decisions(path).remember, Decisions(path).forget, judge))(some())
            everything = Decisions(path)
            assert len(everything) <= 20  # to count them it reads all
            for group in (some() for _ in range(20)):
                assert Decisions(path).suppressed(group) == everything.suppressed(group)
                assert Decisions(path).judgement(group) == everything.judgement(group)


class TestJudging:
    def test_decisions_are_found_again_in_another_order_of_groups(self):
        shelf = Shelf([group(A, B), group(C, D)])
        judging = Judging(shelf, Decisions())
        judging.decide({0: Verdict(AGREED, 1)})
        judging.decide({1: Verdict(APART)})
        again = Judging(Shelf([group(D, C), group(A, B)]), Decisions())
        assert again.of(0).state == APART
        assert again.of(1) == Verdict(AGREED, 1)

    def test_each_is_taken_back_as_it_was(self):
        judging = Judging(Shelf([group(A, B), group(C, D)]), Decisions())
        judging.decide({0: Verdict(AGREED), 1: Verdict(AGREED)})
        judging.decide({0: Verdict(APART)})
        judging.take_back()
        assert judging.states.tolist() == [AGREED, AGREED]
        judging.take_back()
        assert judging.states.tolist() == [0, 0]
        assert judging.take_back() == []
        assert not Judging(Shelf([group(A, B), group(C, D)]), Decisions()).states.any()


class TestShelf:
    def test_a_group_comes_back_as_it_went_in(self):
        odd = file("in/x", A, width=9, height=7, format="PNG", taken="2024-01-01 10:00", hard_links=("in/y",))
        huge = file("in/z", B)._replace(inode=1 << 100)
        unusual = Member(huge, 2.5, 5, ("place",), "a film", "its layers")
        for one in (group(A, B, C), Group(odd, (unusual,), "Why.", 60), Group(huge, (Member(odd, 0.0, 0),))):
            shelf = Shelf([group(C, D), one])
            assert shelf.group(1) == one
            assert shelf.digests(1) == [file.digest for file in one.files]

    def test_what_differs_is_told_apart(self):
        keeper = file("k", A, width=10, height=10)
        others = {
            BYTES: Member(file("1", A, width=10, height=10), 0.0, 0),
            PIXELS: Member(file("2", B, width=10, height=10), 0.0, 0),
            TURNED: Member(file("3", C, width=10, height=10), 0.0, 1),
            RESIZED: Member(file("4", D, width=5, height=5), 1.0, 0),
            EDITED: Member(file("5", D, width=10, height=10), 1.0, 0),
        }
        shelf = Shelf([Group(keeper, (member,)) for member in others.values()])
        assert shelf.columns().kinds.tolist() == list(others)

    def test_groups_are_shown_in_the_order_and_the_part_that_is_asked_for(self):
        shelf = Shelf([group(A, B, distance=1.0), group(C, D, B, distance=3.0), group(D, A, distance=2.0)])
        judging = Judging(shelf, Decisions())
        judging.decide({2: Verdict(AGREED)})
        views = Views(shelf, judging)
        assert views.numbers(View()).tolist() == [1, 2, 0]
        assert views.numbers(View(order="size")).tolist() == [1, 0, 2]
        assert views.numbers(View(order="path")).tolist() == [0, 1, 2]
        assert views.numbers(View(state="agreed")).tolist() == [2]
        assert views.numbers(View(text="2-B")).tolist() == [1]
        assert views.numbers(View(kind=TURNED)).tolist() == []
        with pytest.raises(WrongValue):
            View(order="no such")


class TestKeepingAnother:
    @pytest.fixture
    def found(self, tmp_path):
        root = tree(tmp_path / "in", groups=2)
        drawn(50).save(root / "a" / "50.png")
        near = np.asarray(drawn(50)).astype(int)
        Image.fromarray(np.clip(near + 2, 0, 255).astype(np.uint8)).save(root / "a" / "51.png")
        Image.fromarray(np.clip(near - 2, 0, 255).astype(np.uint8)).save(root / "a" / "52.png")
        library = difPy.index(root, cache=False, processes=1)
        return difPy.find(library, "similar", mirror=True, keep="path=50.png", processes=1).groups

    def test_all_that_is_said_is_measured_to_the_new_one(self, found):
        turned = next(one for one in found if len(one.members) == 2 and any(m.orientation for m in one.members))
        for member in turned.members:
            made = difPy.rekeep(turned, member.file.path, cache=False, processes=1)
            assert made.keeper.path == member.file.path
            assert made.why == "Kept because you chose it."
            assert {one.path for one in made.files} == {one.path for one in turned.files}
            for other in made.members:
                assert other.distance == 0
                with Image.open(made.keeper.path) as kept, Image.open(other.file.path) as picture:
                    pixels = difPy.orientation.apply(other.orientation, np.asarray(picture.convert("RGB")))
                    assert np.array_equal(pixels, np.asarray(kept.convert("RGB")))

    def test_who_is_too_far_from_the_new_one_is_not_in_the_group(self, found):
        middle = next(one for one in found if one.keeper.path.endswith("50.png"))
        assert len(middle.members) == 2
        for member in middle.members:
            made = difPy.rekeep(middle, member.file.path, cache=False, processes=1)
            most = max(one.distance for one in middle.members)
            assert all(one.distance <= most for one in made.members)
        assert {len(difPy.rekeep(middle, m.file.path, cache=False, processes=1).members) for m in middle.members} == {1}

    def test_what_is_no_picture_of_the_group_cannot_be_kept(self, found):
        with pytest.raises(WrongValue, match="is not in the group"):
            difPy.rekeep(found[0], "elsewhere.png")
        path = found[0].members[0].file.path
        with open(path, "wb") as stream:
            stream.write(b"no picture")
        with pytest.raises(WrongValue, match="cannot be kept"):
            difPy.rekeep(found[0], path, cache=False, processes=1)


class TestThumbnails:
    def test_what_was_asked_for_least_recently_goes_first(self, tmp_path):
        cache = Thumbnails(tmp_path / "t.sqlite", limit=1000)
        for number in range(8):
            cache.put(bytes([number]) * 32, 64, b"x" * 120)
            cache.get(b"\0" * 32, 64)
        assert cache.size <= 1000
        cache.put(b"\xff" * 32, 64, b"x" * 120)
        assert cache.get(b"\0" * 32, 64) is not None
        assert cache.get(b"\1" * 32, 64) is None
        cache.close()
        assert Thumbnails(tmp_path / "t.sqlite", limit=1000).get(b"\0" * 32, 64) is not None

    def test_a_file_that_is_damaged_or_not_ours_alone_is_done_without(self, tmp_path):
        path = tmp_path / "t.sqlite"
        path.write_bytes(b"no database" * 100)
        cache = Thumbnails(path)
        cache.put(A, 64, b"x")
        assert cache.get(A, 64) == b"x"
        assert path.read_bytes().startswith(b"no database")

    @pytest.mark.parametrize("size", [(3000, 2000), (200, 900), (5, 4)])
    def test_they_are_upright_and_no_larger_than_asked_for(self, tmp_path, size):
        exif = Image.Exif()
        exif[0x0112] = 6
        drawn(3, size if min(size) > 40 else (64, 48)).save(tmp_path / "a.jpg", exif=exif)
        one = scan([str(tmp_path)]).files[0]
        shown = thumbnail(one, 128)
        assert max(shown.width, shown.height) == 128
        assert (shown.height > shown.width) == (size[0] > size[1])

    def test_what_cannot_be_read_is_a_value(self, tmp_path):
        (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff no picture")
        assert isinstance(thumbnail(scan([str(tmp_path)]).files[0], 128), Failure)

    def test_five_hundred_asked_for_at_once_all_answer(self, tmp_path):
        for number in range(5):
            drawn(number).save(tmp_path / f"{number}.png")
        files = list(scan([str(tmp_path)]).files)
        maker, answers, done = Maker(Serial(), Thumbnails(tmp_path / "t.sqlite")), [], threading.Event()

        def answer(result):
            answers.append(result)
            if len(answers) == 500:
                done.set()

        for number in range(500):
            maker.ask(Job(files[number % 5], 32 + number % 25), answer)
        assert done.wait(60)
        assert not any(isinstance(one, Failure) for one in answers)
        maker.close()

    def test_what_was_asked_for_last_comes_first(self, tmp_path):
        drawn(1).save(tmp_path / "a.png")
        one, gate, order = scan([str(tmp_path)]).files[0], threading.Event(), []
        done = threading.Event()

        class Gated(Serial):
            def map(self, task, items, *, lost):
                gate.wait(30)
                return super().map(task, items, lost=lost)

        maker = Maker(Gated(), Thumbnails(tmp_path / "t.sqlite"))
        maker.ask(Job(one, 16), lambda result: order.append(16))
        time.sleep(0.2)  # that one is being made
        for side in range(20, 40):
            maker.ask(Job(one, side), lambda result, side=side: (order.append(side), side == 20 and done.set()))
        gate.set()
        assert done.wait(30)
        assert order == [16, *range(39, 19, -1)]
        maker.close()


class TestResults:
    def test_what_find_writes_is_read_back(self, tmp_path):
        root = tree(tmp_path / "in", groups=3)
        found = difPy.find(difPy.index(root, cache=False, processes=1), "similar", mirror=True, processes=1).groups
        for name, text in (("a.json", difPy.report.as_json(found)), ("a.jsonl", difPy.report.jsonl(found))):
            (tmp_path / name).write_text(text)
            assert list(results.read(tmp_path / name)) == found
        (tmp_path / "plan.json").write_text(to_json(plan(found, "trash")))
        of_plan = list(results.read(tmp_path / "plan.json"))
        assert [[one.path for one in group.files] for group in of_plan] == [
            [one.path for one in group.files] for group in found
        ]

    @pytest.mark.parametrize(
        "text", ["", "{}", "[1]", "null", '{"kept": 3}', "\0", '{"difPy": "plan"}', '[\n{"a": 1}\n]']
    )
    def test_what_is_no_result_is_refused_in_a_sentence(self, tmp_path, text):
        path = tmp_path / "a.json"
        path.write_text(text)
        with pytest.raises(UsageError, match=r"a\.json"):
            list(results.read(path))

    def test_of_many_groups_only_those_are_read_that_are_asked_for(self, tmp_path):
        """Counted, not timed: what the first page of 50,000 groups costs is what it reads."""
        found = [group(A, B, distance=number / 7) for number in range(300)]
        path = tmp_path / "found.jsonl"
        path.write_text(difPy.report.jsonl(found))
        lines = results.opened(path)
        desk = Desk(lines, Decisions())
        numbers = desk.views.numbers(View())
        rows = [desk.row(number) for number in numbers[:24].tolist()]
        assert [row["id"] for row in rows] == list(range(299, 275, -1))
        assert lines.parsed == 1 + 24  # the first one says where was searched
        assert not desk.is_counted and desk.summary()["groups"] == 300 and lines.parsed < 1 + 24 + 301
        assert list(lines) == found and lines[-1] == found[-1] and lines[1:3] == found[1:3]

    def test_a_result_in_which_nothing_was_found_is_one(self, tmp_path):
        for name, text in (("a.json", difPy.report.as_json([])), ("a.jsonl", difPy.report.jsonl([]))):
            (tmp_path / name).write_text(text)
            assert list(results.opened(tmp_path / name)) == []

    def test_a_result_that_has_changed_since_it_was_opened_is_refused(self, tmp_path):
        path = tmp_path / "found.jsonl"
        path.write_text(difPy.report.jsonl([group(A, B), group(C, D)]))
        lines = results.opened(path)
        path.write_text("{}")
        with pytest.raises(UsageError, match="has changed since it was opened"):
            lines[1]

    def test_what_is_written_by_another_program_is_read_all_the_same(self, tmp_path):
        found = [group(A, B, distance=0.25), group(C, D, A, distance=3.0)]
        path = tmp_path / "found.jsonl"
        records = [json.dumps(results.record(one), separators=(",", ":")) for one in found]
        path.write_text("\n \n".join(records))
        lines = results.opened(path)
        assert list(lines) == found and lines.greatest.tolist() == [0.25, 3.0] and lines.counts.tolist() == [2, 3]

    def test_when_and_with_what_a_picture_was_taken_is_told(self, tmp_path):
        exif = Image.Exif()
        exif[271], exif[272] = "Canon", "Canon EOS 5D"
        exif.get_ifd(0x8769)[36867] = "2024:07:01 18:30:05"
        drawn(1).save(tmp_path / "a.jpg", exif=exif)
        drawn(1).save(tmp_path / "b.jpg")
        from difPy.told import told

        found = difPy.find(difPy.index(tmp_path, cache=False, processes=1), processes=1).groups
        (full,) = told(found, processes=1)
        facts = {os.path.basename(one.path): (one.taken, one.camera) for one in full.files}
        assert facts == {"a.jpg": ("2024-07-01 18:30", "Canon EOS 5D"), "b.jpg": ("", "")}
        assert difPy.report.as_csv([full]).count("Canon EOS 5D") == 1


def test_the_first_page_of_very_many_groups_does_not_wait_until_all_are_counted(tmp_path):
    found = [group(A, B, distance=number / 8) for number in range(2_100)]
    path = tmp_path / "found.jsonl"
    path.write_text(difPy.report.jsonl(found))
    with Running(tmp_path, path) as review:
        review.enter()
        page = review.get("").body.decode()
        first = json.loads(re.search(r'<script type="application/json" id="first">(.*)</script>', page)[1])
        assert first["summary"] is None and first["total"] == 2_100
        assert [row["id"] for row in first["rows"]] == list(range(2_099, 2_075, -1))
        assert review.get("api/state").json["summary"]["could_go"] == 2_100
        page = review.get("").body.decode()
        assert '"summary":{"groups":2100' in page  # and from then on it is there at once
