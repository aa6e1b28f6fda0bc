"""One run in one process: confined first, then given its job, sealed, and ended. Nothing survives it."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

import plotly.io
from plotly.basedatatypes import BaseFigure

import channel
import confine
import frame as frames
import guard
from refusal import RunRefused


class TooMuch(Exception):
    """The figure is larger than allowed."""


class Printed:
    """What the script printed, sent as it is printed up to the limit; the rest is dropped and that is said."""

    def __init__(self, limit: int) -> None:
        self.left = limit
        self.cut = False

    def write(self, text: str) -> int:
        data = text.encode("utf-8", "replace")
        if len(data) > self.left:
            data, self.cut = data[: self.left].decode("utf-8", "ignore").encode("utf-8"), True
        self.left -= len(data)
        if data:
            channel.send(channel.TEXT, data)
        if self.cut:
            self.left = 0
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""


# A worker that has waited for this long is not needed by those who ask now.
QUIET_SECONDS = 1.0


def main(plan: dict[str, Any], warm: Any) -> None:
    """From fork to exit. Never returns."""
    status = 1
    try:
        # Everything but the job's own socket; 0 to 2 are the null device from here on.
        os.dup2(0, 1)
        os.dup2(0, 2)
        os.closerange(channel.JOB_DESCRIPTOR + 1, 1 << 20)
        confine.apply(plan["confine"])
        # The parent-death signal is in force now; a parent that died before it was is noticed here.
        if os.getppid() != plan["zygote"]:
            os._exit(1)
        channel.send(channel.READY, str(int(time.process_time() * 1000)).encode())
        # Warming is for whoever comes next while nothing happens. Under load a worker is wanted sooner than that, and
        # others need the processor.
        wait = QUIET_SECONDS
        for step in warm:
            if channel.job_comes(wait):
                break
            step()
            wait = 0
        run()
        status = 0
    except BaseException as error:
        try:
            answer_error("failed", f"The sandbox could not be prepared: {error}", None)
        except BaseException:
            pass
    finally:
        os._exit(status)


def run() -> None:
    """Waits for the job, seals the process, runs the script, answers."""
    job, descriptor = channel.receive_job()
    mapping = frames.map_private(descriptor)
    printed = Printed(job["text_bytes_max"])
    sys.stdout = sys.stderr = printed  # type: ignore[assignment]
    confine.apply(job["seal"])
    # From here on the kernel allows memory, time and one write channel, and nothing else.
    if job["attempts"]:
        answer = json.dumps(confine.attempt(job["attempts"])).encode()
        channel.send(channel.FIGURE, b"0" + answer)
        return
    position: tuple[int, int | None] | None = None
    try:
        data = frames.to_pandas(mapping)
        names = guard.script_globals(data, printed.write)
        guard.execute(guard.compile_code(job["code"]), names)
        figure = names.get("fig")
        if not isinstance(figure, BaseFigure):
            answer_error("no_figure", no_figure(names), None, printed.cut)
            return
        text = plotly.io.to_json(figure, validate=False).encode("utf-8")
        if len(text) > job["result_bytes_max"]:
            raise TooMuch(f"The figure is {len(text):,} bytes as JSON; {job['result_bytes_max']:,} are allowed. Draw fewer points.")
        channel.send(channel.FIGURE, (b"1" if printed.cut else b"0") + text)
        return
    except SyntaxError as error:
        code, message, position = syntax(error)
    except RunRefused as error:
        code, message = "refused", str(error)
        position = place(error)
    except MemoryError as error:
        code, message = "memory", "The script needed more memory than a run may use."
        position = place(error)
    except TooMuch as error:
        code, message = "output", str(error)
    except BaseException as error:
        code, message = "failed", describe(error)
        position = place(error)
    # Python's compiler says columns in characters, its tree and its frames say them in bytes.
    if position and code != "syntax":
        position = in_characters(job["code"], *position)
    answer_error(code, message, position, printed.cut)


def no_figure(names: dict[str, Any]) -> str:
    """Says what `fig` was, if it was anything."""
    if "fig" not in names:
        return "The script made no figure. Assign it to the variable fig, for example fig = px.bar(df, x=..., y=...)."
    return f"fig must be a Plotly figure, and it is a {type(names['fig']).__name__}."


def syntax(error: SyntaxError) -> tuple[str, str, tuple[int, int | None] | None]:
    """A refusal of our policy carries a list of (line, column, message); Python's own error has them as fields."""
    first = error.args[0] if error.args else None
    if isinstance(first, tuple) and first and isinstance(first[0], tuple):
        line, column, message = first[0]
        return "refused", message, (line, column)
    return "syntax", str(error.msg), (error.lineno or 1, error.offset)


def in_characters(code: str, line: int, column: int | None) -> tuple[int, int | None]:
    """A place whose column, from 1, counts the bytes of UTF-8, as one that counts characters."""
    lines = code.splitlines()
    if column is None or not 1 <= line <= len(lines):
        return line, column
    return line, len(lines[line - 1].encode("utf-8", "replace")[: column - 1].decode("utf-8", "ignore")) + 1


def place(error: BaseException) -> tuple[int, int | None] | None:
    """The last line of the script's own that led to the error, and its column where Python knows it."""
    found = None
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename == guard.USER_FILE:
            found = (trace.tb_lineno, None)
            for index, (line, _end, column, _end_column) in enumerate(code.co_positions()):
                if index == trace.tb_lasti // 2:
                    if line == trace.tb_lineno and column is not None:
                        found = (trace.tb_lineno, column + 1)
                    break
        trace = trace.tb_next
    return found


def describe(error: BaseException) -> str:
    """The error's kind and text, bounded; no library frame and no path."""
    try:
        text = str(error)
    except BaseException:
        text = ""
    kind = type(error).__name__
    if isinstance(error, KeyError) and error.args:
        text = f"there is no {error.args[0]!r}"
    return f"{kind}: {text}"[:2000] if text else kind


def answer_error(code: str, message: str, position: tuple[int, int | None] | None, cut: bool = False) -> None:
    """Sends the error instead of a figure."""
    line, column = position or (None, None)
    body = {"code": code, "message": message[:4000], "line": line, "column": column, "cut": cut}
    channel.send(channel.ERROR, json.dumps(body).encode("utf-8"))
