"""Pictures past one machine in; groups of those that match, out: by steps from objects to objects, run by anybody.

whole -> run, listing, pictures (tables)       pictures are listed, and decoded part by part
      -> asked (album, ranking, kin)           all parts -> columns -> the order of quality, and rows in batches
      -> means                                 who joins them, in how many cells
      -> phases (planning, cells, filling)     rows -> cells of a k-d tree, packed by their load
      -> blocks (course, steps, held, log)     block after block of ranks asks, cells answer, the driver takes
      -> sharing (parcels, settling)           the same by processes that meet only at the store
objects: a folder or a bucket; stored, columns, records: arrays and rows in it, by ranges; joining: what steps are told
executors, on_ray: who runs the steps
"""

from difPy.cloud.executors import Executor, Here, Processes
from difPy.cloud.pictures import decoded, undone
from difPy.cloud.run import Run
from difPy.cloud.whole import find, index, order

__all__ = ["Executor", "Here", "Processes", "Run", "decoded", "find", "index", "order", "undone"]
