"""A plan as a script that was cut short, as by a full disk: it does nothing."""

import subprocess

from acting import find, picture, write
from difPy import act


def test_a_script_cut_after_any_line_does_nothing(tmp_path):
    root = tmp_path / "in"
    write(root / "kept.jpg", b"A")
    for number in range(3):
        write(root / f"{number}.jpg", b"A", hours=number + 1)
    groups, digests = find(root)
    lines = act.to_shell(act.plan(groups, "delete", digests=digests)).splitlines(keepends=True)
    before = picture(root)
    first = next(number for number, line in enumerate(lines) if line.startswith(b"main()"))
    for end in range(first, len(lines)):
        subprocess.run(["sh", "-c", b"".join(lines[:end])], capture_output=True, check=False)
        assert picture(root) == before, end
    whole = subprocess.run(["sh", "-c", b"".join(lines)], capture_output=True, check=False)
    assert whole.returncode == 0, whole.stderr
    assert len(picture(root)) == 1
