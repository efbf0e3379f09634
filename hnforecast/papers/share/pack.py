"""Large arrays as short text: whole steps, differences along the axes of choice, variable-length bytes, deflate.

Most combinations of measures do nothing beyond their parts, so that differences along every measure are mostly nought
and a table of millions of figures packs into a few hundred kilobytes. Unpacking in the page gives back every step
exactly: the differences are of whole numbers.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from hnforecast.base.axes import FloatArray


def pack(values: FloatArray, step: float, axes: Sequence[int]) -> dict[str, Any]:
    """An array as text and what is needed to read it.

    Args:
        values: any shape.
        step: the smallest difference kept; values are rounded to whole steps.
        axes: those along which differences are taken.
    """
    whole = np.rint(values / step).astype(np.int64)
    for axis in axes:
        whole = np.diff(whole, axis=axis, prepend=np.zeros_like(np.take(whole, [0], axis=axis)))
    text = base64.b64encode(zlib.compress(_varints(whole.ravel()), 9)).decode("ascii")
    return {"shape": list(values.shape), "axes": list(axes), "step": step, "text": text}


def unpack(packed: dict[str, Any]) -> FloatArray:
    """The array a text was packed from, to within half a step: what the page does, for tests to compare with."""
    content = zlib.decompress(base64.b64decode(packed["text"]))
    found, value, shift = [], 0, 0
    for byte in content:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            found.append((value >> 1) ^ -(value & 1))
            value = shift = 0
    whole = np.array(found, dtype=np.int64).reshape(packed["shape"])
    for axis in packed["axes"]:
        whole = np.cumsum(whole, axis=axis)
    steps: FloatArray = whole * float(packed["step"])
    return steps


def _varints(numbers: np.ndarray[Any, np.dtype[np.int64]]) -> bytes:
    """Each number in as few bytes as it needs: sign in the lowest bit, seven bits a byte, the highest says "more"."""
    folded = np.where(numbers < 0, -2 * numbers - 1, 2 * numbers).astype(np.uint64)
    most = max(1, -(-int(folded.max(initial=0)).bit_length() // 7))
    groups = np.stack([(folded >> np.uint64(7 * k)) & np.uint64(127) for k in range(most)], axis=1).astype(np.uint8)
    used = np.ones(len(folded), dtype=int)
    for k in range(1, most):
        used[folded >> np.uint64(7 * k) > 0] = k + 1
    kept = np.arange(most) < used[:, None]
    more = np.arange(most) < (used - 1)[:, None]
    return (groups + np.where(more, 128, 0).astype(np.uint8))[kept].tobytes()
