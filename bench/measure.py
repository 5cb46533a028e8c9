"""What one difPy does with a folder, whichever difPy the interpreter has: one line of JSON out.

python measure.py build FOLDER                       seconds of a build, and of the same once more
python measure.py search FOLDER SIMILARITY [exact]   seconds of a search among all dimensions; exact: after a build that
                                                     decoded all in full, as that of difPy 4 does
python measure.py import                             seconds of `import difPy`
python measure.py parity FOLDER OUT.npz              tensors and results, for parity.py

Runs under the Python of difPy 4 and of difPy 5, which is told by its `__version__`: the calls are the same.
"""

import json
import resource
import sys
import time

SIMILARITIES = ("duplicates", "similar")


def main(command, *arguments):
    start = time.perf_counter()
    import difPy

    imported = time.perf_counter() - start
    report = {"build": build, "search": search, "parity": parity}.get(command, lambda difPy: {})(difPy, *arguments)
    if sys.modules.get("difPy.workers"):
        sys.modules["difPy.workers"].dismiss()  # only processes that have ended count
    usage = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(json.dumps({"import": imported, "peak_rss_mib": sum(usage) / 1024, **report}))


def build(difPy, folder):
    """Twice: difPy 5 remembers the first time."""
    seconds = []
    for _ in range(2):
        start = time.perf_counter()
        dif = difPy.build(folder, show_progress=False)
        seconds.append(time.perf_counter() - start)
    pictures = dif.stats["total_files"] - dif.stats["invalid_files"]["count"]
    return {"build": seconds[0], "again": seconds[1], "pictures": pictures}


def search(difPy, folder, similarity, *exact):
    dif = difPy.build(folder, show_progress=False, **dict.fromkeys(exact, True))
    before = sketches(difPy, dif)
    start = time.perf_counter()
    found = difPy.search(dif, similarity=similarity, same_dim=False, show_progress=False)
    seconds = time.perf_counter() - start
    pictures = found.stats["process"]["search"]["files_searched"]
    work = {"pictures": pictures, "matches": len(found.lower_quality)}
    if difPy.__version__ < "5":  # by its code: every pair in three turns
        return {"search": seconds, **work, "distances": pictures * (pictures - 1) // 2 * 3}
    work |= {"sketches": before, "decoded_in_full": before - sketches(difPy, dif)}
    work["distances"] = difPy.find(dif._library, similarity, same_dim=False).compared
    return {"search": seconds, **work}


def sketches(difPy, dif):
    """Pictures that are not decoded in full; None in difPy 4."""
    return None if difPy.__version__ < "5" else int((dif._library.gallery.errors > 0).sum())


def parity(difPy, folder, out):
    import numpy as np

    dif = difPy.build(folder, show_progress=False)
    tensors, names = dif._tensor_dictionary, dif._filename_dictionary
    results = {}
    for similarity in SIMILARITIES:
        for same_dim in (True, False):
            found = difPy.search(dif, similarity=similarity, same_dim=same_dim, show_progress=False)
            results[f"{similarity} {same_dim}"] = {
                key: [[path, float(mse)] for path, mse in value] for key, value in found.result.items()
            }
    order = sorted(names, key=names.get)
    np.savez(
        out,
        names=np.array([names[number] for number in order]),
        numbers=np.array(order),
        tensors=np.stack([tensors[number] for number in order]),
        results=json.dumps(results),
    )
    return {"pictures": len(order)}


if __name__ == "__main__":
    main(*sys.argv[1:])
