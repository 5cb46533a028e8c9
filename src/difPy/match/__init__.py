"""Pictures in; who matches whom, and who is kept for whom, out.

fill: files -> all of them known to the index
settle: a gallery -> groups; lookup: a few pictures -> what matches them; settled: what both give back
remembered: what a search would look at -> what it found in that before; watched: whether all of it could be read
same_bytes: files -> the same two answers, by their bytes alone
decoding: sketches -> full decodes
mse: rows of tensors -> which of them match, by exact distances
method: what a method of finding altered copies is; copies, deep: such methods
altered: contents -> descriptors, candidates, verdicts, by any method; records: a verdict as the index remembers it
arbiter: two small pictures and a map -> the verdict on them
union: who is similar, and who is an altered copy -> who is kept for whom; extent: which of these shows most
"""
