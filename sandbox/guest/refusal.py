"""What the guard says when it refuses: one exception, and the sentences that name what to use instead."""

from __future__ import annotations


class Refused(Exception):
    """The script asked for something that Code Mode does not give."""


# A script may not catch a refusal and carry on probing: the first one ends the run, whatever `except` says.
class RunRefused(BaseException):
    """A refusal on its way out of the script, out of reach of `except Exception`."""


INSTEAD = {
    "plot": "use px or go to draw",
    "hist": "use px.histogram",
    "boxplot": "use px.box",
    "style": "use go.Table, or a table component",
    "read_csv": "the data is already here as df",
    "write_html": "the figure in `fig` is shown by itself",
    "write_image": "use the camera button of the figure",
    "to_csv": "leave the table in the dashboard and export it there",
    "options": "use pd.set_option",
    "defaults": "pass template= or color_discrete_sequence= to the function",
    "data": "use df",
    "os": "Code Mode has no files and no environment",
    "col": "use a lambda in assign",
    "read": "the data is already here as df",
}


def instead(name: str) -> str:
    """`"; use ..."` for a name that people try, or nothing."""
    hint = INSTEAD.get(name) or (INSTEAD["read"] if name.startswith("read_") else "")
    return f"; {hint}" if hint else ""


def refuse(name: str, where: str) -> RunRefused:
    """The refusal of one name on one kind of thing."""
    return RunRefused(f"`{name}` of {where} is not available in Code Mode{instead(name)}.")
