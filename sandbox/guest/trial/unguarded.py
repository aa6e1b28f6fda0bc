"""A stand-in for the guard that guards nothing: a script runs as plain Python. Only trials of the other wall use it."""

from __future__ import annotations

import types
from typing import Any, Callable

import numpy
import pandas
import plotly.express
import plotly.graph_objects
from plotly.basedatatypes import BaseFigure

USER_FILE = "<code>"

# There is no browser to open: scripts end with it all the same.
BaseFigure.show = lambda self, *args, **kwargs: None  # type: ignore[method-assign]


def script_globals(frame: Any, write_text: Callable[[str], None]) -> dict[str, Any]:
    """The same starting names, unwrapped."""
    return {
        "__name__": "__main__",
        "df": frame,
        "pd": pandas,
        "np": numpy,
        "px": plotly.express,
        "go": plotly.graph_objects,
    }


def compile_code(code: str) -> types.CodeType:
    """Python's own compiler."""
    return compile(code, USER_FILE, "exec")


def execute(compiled: types.CodeType, names: dict[str, Any]) -> None:
    """Runs the script."""
    exec(compiled, names)
