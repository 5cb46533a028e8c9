"""What one tool takes for copies in a folder: one line of JSON, with the pairs, and the seconds they took.

    python seek.py difpy5 FOLDER SIMILARITY     difPy.index and difPy.find, nothing remembered from before
    python seek.py difpy4 FOLDER                difPy 4: build and search, similarity="similar"
    python seek.py imagededup FOLDER            imagededup: PHash, as it comes: a distance of at most 10
    python seek.py pdq FOLDER                   PDQ in eight orientations, a distance of at most 31

Runs under the Python that has the tool. A pair is [first, second, verdict]: "copy"; "part" if the tool says that the
two only share a part; "together" if it does not claim the pair itself, but has both in one group.
"""

import json
import os
import sys
import time
import types


def main(tool, folder, *arguments):
    start = time.perf_counter(), _spent()
    pairs = TOOLS[tool](folder, *arguments)
    if dismiss := getattr(sys.modules.get("difPy.workers"), "dismiss", None):
        dismiss()  # only processes that have ended count
    seconds, cpu = time.perf_counter() - start[0], _spent() - start[1]
    print()
    print(json.dumps({"seconds": seconds, "cpu": cpu, "pairs": [[*map(os.path.basename, p[:2]), p[2]] for p in pairs]}))


def _spent():
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def _star(kept, others):
    """A kept picture and what is gone for it: the pairs that are claimed, and those that only come along."""
    claimed = [(kept, other, "copy") for other in others]
    return claimed + [(one, other, "together") for i, one in enumerate(others) for other in others[:i]]


def difpy5(folder, similarity):
    import difPy
    from difPy.errors import DifPyError

    known = difPy.index(folder, cache=False)
    try:
        found = difPy.find(known, float(similarity) if similarity.isdigit() else similarity)
    except DifPyError as error:
        raise SystemExit(str(error)) from None
    pairs = [
        (part.first.path, part.second.path, "part" if part.verdict == "shares a part" else "copy")
        for part in found.shared
    ]
    for group in found.groups:
        pairs += _star(group.keeper.path, [member.file.path for member in group.members])
    return pairs


def difpy4(folder):
    import difPy

    dif = difPy.build(folder, show_progress=False)
    found = difPy.search(dif, similarity="similar", same_dim=False, show_progress=False)
    return [pair for kept, others in found.result.items() for pair in _star(kept, [path for path, _ in others])]


def imagededup(folder):
    """Its own code; but for its network, and torch with it, which its modules of hashing do not use."""
    import importlib.util

    (home,) = importlib.util.find_spec("imagededup").submodule_search_locations
    for name in ("methods", "utils"):  # whose __init__ imports torch and matplotlib
        module = sys.modules[f"imagededup.{name}"] = types.ModuleType(f"imagededup.{name}")
        module.__path__ = [os.path.join(home, name)]
    from imagededup.methods.hashing import PHash

    found = PHash(verbose=False).find_duplicates(image_dir=folder)
    return [(one, other, "copy") for one, others in found.items() for other in others if one < other]


def pdq(folder):
    import numpy as np
    import pdqhash
    from PIL import Image, ImageOps

    names, hashes = sorted(os.listdir(folder)), []
    for name in names:
        with Image.open(os.path.join(folder, name)) as picture:
            levels = np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))
        hashes.append(np.stack(pdqhash.compute_dihedral(levels)[0]))
    bits = np.packbits(np.stack(hashes).astype(np.uint8), axis=-1).view(np.uint64)  # (pictures, 8, 4)
    pairs = []
    for number, name in enumerate(names):
        differ = np.bitwise_count(bits[number + 1 :, 0, None] ^ bits[number]).sum(-1).min(1)
        pairs += [(name, names[number + 1 + other], "copy") for other in np.flatnonzero(differ <= 31)]
    return pairs


TOOLS = {"difpy5": difpy5, "difpy4": difpy4, "imagededup": imagededup, "pdq": pdq}

if __name__ == "__main__":
    main(*sys.argv[1:])
