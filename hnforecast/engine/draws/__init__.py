"""One draw of every uncertain value, for every draw, up front: drawn once and held over years and cells.

Redrawing a rate in every cell and year would let errors cancel and make intervals too narrow.
"""

SEED = 20260331  # of the draws, unless another is asked for
