"""Pictures in; who matches whom, and who is kept for whom, out.

fill: files -> all of them known to the index
settle: a gallery -> groups; lookup: a few pictures -> what matches them
decoding: sketches -> full decodes
mse: rows of tensors -> which of them match, by exact distances
"""
