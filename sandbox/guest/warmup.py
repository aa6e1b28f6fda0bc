"""Warming is correctness, not speed: plotly, pandas, narwhals and pyarrow load parts of themselves at first use, and
a worker can open no file. So real scripts run here before the first fork, and each thing that a script could load
later is loaded now."""

from __future__ import annotations

import zoneinfo
from typing import Any

import numpy
import pandas
import plotly.io
import pyarrow

import guard

# Zones are kept alive here: the cache of zoneinfo forgets all but the last eight.
ZONES: list[Any] = []
FRAME: Any = None


def everything(scripts: list[str]) -> None:
    """Modules, zones, templates, then the scripts."""
    global FRAME
    # Trend lines load these by name at first use.
    import statsmodels.api  # noqa: F401
    import statsmodels.nonparametric.smoothers_lowess  # noqa: F401
    import unicodedata  # noqa: F401
    import encodings.idna, encodings.latin_1, encodings.ascii, encodings.utf_16  # noqa: F401, E401

    pyarrow.set_cpu_count(1)
    pyarrow.set_io_thread_count(1)
    for key in sorted(zoneinfo.available_timezones()):
        ZONES.append(zoneinfo.ZoneInfo(key))
    for template in list(plotly.io.templates):
        plotly.io.templates[template]
    FRAME = sample()
    for number, script in enumerate(scripts):
        try:
            run(script)
        except BaseException as error:
            raise RuntimeError(f"warm-up script {number}: {type(error).__name__}: {error}") from None


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


def run(script: str) -> str:
    """One script through the guard to its JSON."""
    names = guard.script_globals(FRAME.copy(), lambda text: None)
    guard.execute(guard.compile_code(script), names)
    return plotly.io.to_json(names["fig"], validate=False)


def again() -> None:
    """In a fresh worker: touches the pages that most runs touch, so that copying them is not on a request's path."""
    run("fig = px.scatter(df, x='x', y='y', color='group')")
