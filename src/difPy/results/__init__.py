"""Groups in, one record each out, which holds all that is known of them; and a file of such records, or a plan, back.

A record is what ``difpy find --format json`` and ``jsonl`` write: for people and programs, and for `difpy review`.
"""

from difPy.results.files import opened, planned, read
from difPy.results.lines import Lines
from difPy.results.records import facts, record

__all__ = ["Lines", "facts", "opened", "planned", "read", "record"]
