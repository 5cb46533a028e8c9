"""Pictures past one machine in; groups of those that match, out: by steps from objects to objects, run by anybody.

whole -> run, listing, pictures (tables)       pictures are listed, and decoded part by part
      -> album, ranking, kin                   all parts -> columns -> the order of quality, and rows in batches
      -> means                                 who joins them, in how many cells
      -> planning (cells, filling, framing)    rows -> cells of a k-d tree, packed by their load
      -> blocks (steps, held, tensors, log)    block after block of ranks asks, cells answer, the driver takes
objects: a folder or a bucket; stored, columns: arrays in it, by ranges; joining: what every step of a join is told
executors, on_ray: who runs the steps
"""

from difPy.cloud.executors import Executor, Here, Processes
from difPy.cloud.pictures import decoded
from difPy.cloud.run import Run
from difPy.cloud.whole import find, index, undone

__all__ = ["Executor", "Here", "Processes", "Run", "decoded", "find", "index", "undone"]
