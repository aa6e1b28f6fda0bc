"""The data of a run: Arrow in a sealed memfd, mapped privately, as the frame `pd.read_parquet` would give.

The mapping is private and writable: a script may change its own `df` in place, each touched page is then copied for
this process alone, and the sealed memory behind it cannot be written by anyone. So the frame costs no copy until it
is changed, and the data set and other runs never change.
"""

from __future__ import annotations

import mmap
import os
from typing import Any

import numpy
import pandas
import pyarrow
from pandas.io._util import arrow_table_to_pandas


def map_private(descriptor: int) -> mmap.mmap:
    """The whole of the memfd; the descriptor is not needed afterwards."""
    size = os.fstat(descriptor).st_size
    mapping = mmap.mmap(descriptor, size, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_WRITE)
    os.close(descriptor)
    return mapping


def to_pandas(mapping: Any) -> pandas.DataFrame:
    """Arrow's own buffers as columns wherever pandas can use them as they are."""
    table = pyarrow.ipc.open_file(pyarrow.py_buffer(mapping)).read_all()
    frame = arrow_table_to_pandas(table, to_pandas_kwargs={"split_blocks": True, "use_threads": False})
    # What the columns' schema says of an index is pandas' own business elsewhere; here rows are numbered.
    make_writable(frame, mapping)
    return frame


def make_writable(frame: pandas.DataFrame, mapping: Any) -> None:
    """Arrow hands its buffers out as read-only arrays, and pandas then fails to set a single cell. The same memory
    is viewed through the writable mapping instead."""
    memory = numpy.frombuffer(mapping, dtype=numpy.uint8)
    start, end = memory.ctypes.data, memory.ctypes.data + memory.size

    def writable(values: numpy.ndarray) -> numpy.ndarray:
        if values.flags.writeable:
            return values
        address = values.__array_interface__["data"][0]
        if values.flags.c_contiguous and start <= address and address + values.nbytes <= end and not values.dtype.hasobject:
            view = numpy.frombuffer(mapping, dtype=values.dtype, count=values.size, offset=address - start)
            return view.reshape(values.shape)
        return values.copy()

    for block in frame._mgr.blocks:
        values = block.values
        if isinstance(values, numpy.ndarray):
            block.values = writable(values)
        elif isinstance(getattr(values, "_ndarray", None), numpy.ndarray):
            if not isinstance(values.dtype, pandas.StringDtype):
                block.values = values._from_backing_data(writable(values._ndarray))
