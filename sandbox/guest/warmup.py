"""Warming is correctness, not speed: plotly, pandas, narwhals and pyarrow load parts of themselves at first use, and
a worker can open no file. So real scripts run here before the first fork, and each thing that a script could load
later is loaded now."""

from __future__ import annotations

import gc
import importlib
import mmap
import pkgutil
import zoneinfo
import zoneinfo._zoneinfo
from typing import Any

import narwhals
import numpy
import pandas
import pandas.core
import pandas.io.formats
import pandas.tseries
import plotly.graph_objects
import plotly.io
import pyarrow
import pyarrow.acero
import pyarrow.compute
import pyarrow.dataset  # noqa: F401

import facades
import frame as frames
import guard

# Zones are kept alive here: the cache of zoneinfo forgets all but the last eight.
ZONES: list[Any] = []
# What is loaded whole: parts of these are loaded by name when a script first needs them.
PACKAGES = (pandas.core, pandas.io.formats, pandas.tseries, narwhals)
LEFT_OUT = ("numba", "polars", "dask", "duckdb", "spark", "ibis", "sqlframe", "cudf", "modin", ".this", "testing")
# What a waiting worker has touched of its heap, in bytes; a half must be under the threshold of TUNABLES.
HEAP_BYTES = 48 << 20
# Small objects, of some 250 bytes, that it has made room for.
OBJECTS = 80_000
FRAME: Any = None
# The same rows as a job brings them.
ARROW: Any = None


def everything(scripts: list[str]) -> None:
    """Modules, zones, templates, then the scripts."""
    global FRAME, ARROW
    # Trend lines load these by name at first use.
    import statsmodels.api  # noqa: F401
    import statsmodels.nonparametric.smoothers_lowess  # noqa: F401
    import unicodedata  # noqa: F401
    import encodings.idna, encodings.latin_1, encodings.ascii, encodings.utf_16  # noqa: F401, E401

    for package in PACKAGES:
        load_all(package)
    # Every class of plotly's graph objects; without the guard nothing else has walked them.
    facades.graph_objects(plotly.graph_objects, "go", {})
    pyarrow.set_cpu_count(1)
    pyarrow.set_io_thread_count(1)
    for key in sorted(zoneinfo.available_timezones()):
        ZONES.append(zoneinfo.ZoneInfo(key))
        # pandas computes with the twin that is written in Python, which has a cache of its own.
        ZONES.append(zoneinfo._zoneinfo.ZoneInfo(key))
    if len(ZONES) < 600:
        raise RuntimeError(f"only {len(ZONES)} time zones were found")
    for template in list(plotly.io.templates):
        plotly.io.templates[template]
    FRAME = sample()
    ARROW = arrow(FRAME)
    for number, script in enumerate(scripts):
        try:
            run(script, FRAME.copy())
        except BaseException as error:
            raise RuntimeError(f"warm-up script {number}: {type(error).__name__}: {error}") from None


def load_all(package: Any) -> None:
    """Every module of a package, but those that belong to parts we do not have or that print."""
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + ".", onerror=lambda name: None):
        if not any(part in found.name for part in LEFT_OUT):
            try:
                importlib.import_module(found.name)
            except ImportError:
                # A part for a library that is not installed here.
                continue


def sample() -> Any:
    """A small frame with a column of each type."""
    count = 24
    numbers = numpy.arange(count)
    return pandas.DataFrame(
        {
            "group": pandas.Series(["a", "b", "c"] * 8),
            "kind": pandas.Categorical(["u", "v"] * 12),
            "x": numbers,
            "y": (numbers * 7 % 11) + 0.5,
            "z": numpy.where(numbers % 5 == 0, numpy.nan, numbers * 1.5),
            "flag": numbers % 2 == 0,
            "when": pandas.date_range("2024-01-01", periods=count, freq="D").as_unit("us"),
            "zoned": pandas.date_range("2024-01-01", periods=count, freq="h", tz="UTC").as_unit("us"),
            "day": list(pandas.date_range("2024-01-01", periods=count).date),
        }
    )


def arrow(frame: Any) -> mmap.mmap:
    """The rows in Arrow's file format, in memory that each process has for itself once it writes to it."""
    table = pyarrow.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    sink = pyarrow.BufferOutputStream()
    with pyarrow.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    content = sink.getvalue()
    mapping = mmap.mmap(-1, content.size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    mapping.write(content)
    return mapping


def run(script: str, frame: Any) -> str:
    """One script through the guard to its JSON."""
    names = guard.script_globals(frame, lambda text: None)
    guard.execute(guard.compile_code(script), names)
    return plotly.io.to_json(names["fig"], validate=False)


# What a fresh worker does while it waits, in this order. A page that is shared with the interpreter is copied when it
# is first written to, and a new one is cleared when it is first touched; here that is not on a request's path.
def touch_scatter() -> None:
    """Frames, and what most figures have in common."""
    run("fig = px.scatter(df, x='x', y='y', color='group')", frames.to_pandas(ARROW))


def touch_bars() -> None:
    """Groups and bars."""
    script = "fig = px.bar(df.groupby(['group', 'kind'], as_index=False, observed=True)['y'].mean(), x='group', y='y')"
    run(script, frames.to_pandas(ARROW))


def touch_objects() -> None:
    """Room for small objects: one in each page of it is kept, so that the interpreter keeps the rest."""
    KEPT.extend([bytes(200) for _number in range(OBJECTS)][::20])


def touch_heap() -> None:
    """Room for arrays. What is let go of at the heap's end stays there, by the allocator's settings."""
    held = [numpy.ones(HEAP_BYTES // 2, numpy.uint8) for _half in range(2)]
    del held


KEPT: list[bytes] = []
AGAIN = (touch_scatter, gc.collect, touch_heap, touch_objects, touch_bars, gc.collect)
