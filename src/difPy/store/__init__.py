"""Files and what they turned out to be in; what is known of files, and galleries of them, out: nothing looked at twice.

`open_index` -> `Index`: `known` says what need not be decoded, `put` remembers, `gallery` gives the columns.

The file is SQLite, and `schema` says what is in it. `ours` says whether it may be used, `opening` and `database` open
it, within `bounds`, `troubles` names what goes wrong, `facts` decides when a file is believed to be unchanged, `rows`
how a picture becomes a row and how damage shows. `reading`, `galleries`, `tensors`, `findings`, `writing` and
`maintenance` are what is done with it, `index` is their face.
"""

from difPy.store.index import Index, default_path, open_index, place
from difPy.store.values import FAILED, LIKELY, NEW, PICTURE, Found, Info, Known, Pruned, Way

__all__ = [
    "FAILED",
    "LIKELY",
    "NEW",
    "PICTURE",
    "Found",
    "Index",
    "Info",
    "Known",
    "Pruned",
    "Way",
    "default_path",
    "open_index",
    "place",
]
