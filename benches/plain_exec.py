"""What Code Mode is measured against: plain `exec` in a warm CPython process, with nothing in between.

The same interpreter, warmed by the same scripts as the sandbox's zygote, the frame as Arrow in this process' own
memory and made a pandas frame by the same call, the script run by `exec`, the figure written by Plotly. No check, no
guard, no kernel wall, no process per run, and nothing reads the answer's JSON.

    python3 plain_exec.py GUEST_FOLDER FRAME.arrow...

Each line of the input is a job, `{"frame": N, "code": "..."}`; each answer four bytes of length, little-endian, and
the figure as JSON. An empty answer says that everything is warm.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import struct
import sys
import types
import warnings
from pathlib import Path
from typing import Any


class Guest(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """The sandbox's own modules, as its zygote loads them, but with the stand-in for the guard that guards nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def source(self, name: str) -> Path:
        return self.folder / ("trial/unguarded.py" if name == "guard" else f"{name}.py")

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if "." in name or not self.source(name).is_file():
            return None
        return importlib.util.spec_from_loader(name, self)

    def exec_module(self, module: types.ModuleType) -> None:
        module.__dict__["NAMES_TEXT"] = (self.folder / "names.txt").read_text()
        source = self.source(module.__name__)
        exec(compile(source.read_text(), str(source), "exec"), module.__dict__)


def main(guest: Path, frames: list[Path]) -> None:
    """Warms, then answers one job after the other until the input ends."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"
    warnings.simplefilter("ignore")
    sys.meta_path.insert(0, Guest(guest))
    import warmup

    warmup.everything((guest / "warm.txt").read_text().split("\n# ---\n"))
    import numpy
    import pandas
    import plotly.express
    import plotly.graph_objects
    import plotly.io
    import pyarrow
    from pandas.io._util import arrow_table_to_pandas

    memory = [path.read_bytes() for path in frames]
    answer(b"")
    for line in sys.stdin.buffer:
        job = json.loads(line)
        table = pyarrow.ipc.open_file(pyarrow.py_buffer(memory[job["frame"]])).read_all()
        names: dict[str, Any] = {
            "df": arrow_table_to_pandas(table, to_pandas_kwargs={"split_blocks": True, "use_threads": False}),
            "pd": pandas,
            "np": numpy,
            "px": plotly.express,
            "go": plotly.graph_objects,
        }
        exec(compile(job["code"], "<code>", "exec"), names)
        answer(plotly.io.to_json(names["fig"], validate=False).encode())


def answer(text: bytes) -> None:
    """One figure."""
    sys.stdout.buffer.write(struct.pack("<I", len(text)) + text)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(argument) for argument in sys.argv[2:]])
