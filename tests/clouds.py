"""Rows of a join in; the same rows in an object store, joined in cells and blocks, out."""

import numpy as np

from difPy.cloud import blocks, columns, joining
from difPy.cloud.kin import Kin
from difPy.cloud.records import Records
from difPy.match.mse import vectors
from difPy.match.mse.twins import identity_codes, leaders


def stored(place, rows, criterion, *, batch=50, **more):
    """Write rows to a folder, as a join has them; returns it, and the first twin of each row."""
    known = rows.vectors if rows.vectors is not None else vectors(rows.tensors)
    anonymous = all(identity is None for identity in rows.identities)
    lead = leaders(rows, known, anonymous=anonymous)
    fixed = 0 if rows.fixed is None else int(np.count_nonzero(rows.fixed))
    n, batches = len(rows), -(-len(rows) // batch)
    join = joining.Join(str(place), "join", criterion, n, fixed, batches, **more)
    facts = _facts(rows, batch)
    for part in range(batches):
        some = np.arange(part * batch, min(n, (part + 1) * batch))
        views = [rows.views[row] for row in some.tolist() if row in rows.views]
        tensors = np.concatenate([rows.tensors[some], *views])
        join.objects.create(joining.TENSORS.format(part), columns.packed(tensors))
        some = some[lead[some] == some]
        join.objects.create(join.at(joining.ROWS, part), Records(facts[some], known[some]).packed())
    codes = identity_codes(rows)
    join.objects.create(join.at(joining.LEAD), columns.packed(lead))
    kin = np.flatnonzero((codes >= 0) & (lead == np.arange(n)))
    Kin(facts[kin], codes[kin], rows.stances[kin], join).write()
    return join, lead


def _facts(rows, batch):
    facts = np.zeros(len(rows), columns.FACT)
    numbers = np.arange(len(rows))
    facts["rank"], facts["part"], facts["row"] = numbers, numbers // batch, numbers % batch
    facts["width"], facts["height"] = rows.widths, rows.heights
    facts["partition"] = np.unique(rows.partition, return_inverse=True)[1]
    facts["known"] = [identity is not None for identity in rows.identities]
    behind = {}
    for row, views in sorted(rows.views.items()):
        part = row // batch
        at = behind.get(part, min(batch, len(rows) - part * batch))
        facts["views"][row], facts["viewed"][row] = len(views), at
        behind[part] = at + len(views)
    return facts


def stars_of(place, rows, criterion, full_distance, executor, **more):
    """Who is kept for whom, by the sharded join; and the work that it took."""
    join, lead = stored(place, rows, criterion, **more)
    blocks.prepare(join, executor)
    return blocks.walk(join, executor, lead, full_distance)


def assert_equal(found, expected):
    """Bit for bit: keeper, distance, orientation."""
    for name in ("keeper", "distance", "orientation"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name), name)
