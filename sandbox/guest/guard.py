"""The first wall: what a script may reach. RestrictedPython rewrites the script so that every attribute, item, loop,
write and starred call comes through functions of ours (`attributes`, `writes`, `kinds`); everything not allowed there
is refused. Here are the names a script starts with, its imports, and its compilation.
"""

from __future__ import annotations

import builtins
import sys
import types
from typing import Any, Callable

from RestrictedPython import compile_restricted
from RestrictedPython.Guards import guarded_iter_unpack_sequence, guarded_unpack_sequence

import constructs
import facades
import strings
from attributes import has_attribute, iterate, read_attribute, read_item
from kinds import kind_of, make_class
from names import LISTS
from policy import Policy
from refusal import SEEN, RunRefused, swallowed
from writes import Writer, delete_attribute, inplace, inplace_attr, inplace_item, write_attribute

USER_FILE = strings.USER_FILE

# Importable modules by name, with the title of the list behind each (`names.txt`).
MODULES = dict(pair.split("=") for pair in LISTS["modules"])

FACADES = facades.build(
    {
        "pivot_table": strings.pivot,
        "options": strings.options,
        "set_printoptions": strings.set_printoptions,
        "trendline": strings.trendline,
    }
)


def bring(name: str, globals: Any = None, locals: Any = None, fromlist: Any = None, level: int = 0) -> Any:
    """`import` in a script: objects of ours for the permitted lines, whatever Python has loaded."""
    # C code of a library that a script called, such as strftime, imports through the built-ins of the script's
    # frame. It passes an empty list, which no import statement can (those pass nothing or a tuple), and takes the
    # module from where Python keeps it, whatever is returned here.
    if type(fromlist) is list and not fromlist and name in sys.modules:
        return None
    if level == 0 and type(name) is str and name in MODULES:
        if not fromlist:
            # `import plotly.express as px` asks for `plotly` and takes `express` from it.
            return FACADES[name.partition(".")[0]]
        facade = FACADES[name]
        for part in fromlist:
            # Refused here and by name; Python would say only that it cannot be imported.
            facades.take(facade, part)
        return facade
    raise RunRefused(f"`import {name}` is not available in Code Mode; pd, np, px and go are already there.")


def call_with_stars(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """`f(*args, **kwargs)`: the function was reached through the guard already."""
    return function(*args, **kwargs)


def script_globals(frame: Any, write_text: Callable[[str], None]) -> dict[str, Any]:
    """The names a script starts with."""
    SEEN.clear()
    allowed = {name: getattr(builtins, name) for name in LISTS["builtins"] if hasattr(builtins, name)}

    def print_text(*values: Any, sep: Any = " ", end: Any = "\n", file: Any = None, flush: Any = False) -> None:
        if file is not None:
            raise RunRefused("print to a file is not available in Code Mode.")
        separator = " " if sep is None else str(sep)
        write_text(separator.join([str(value) for value in values]) + ("\n" if end is None else str(end)))

    allowed.update(
        {
            "print": print_text,
            "getattr": read_attribute,
            "hasattr": has_attribute,
            "setattr": write_attribute,
            "delattr": delete_attribute,
            "type": kind_of,
            "super": constructs.make_super,
            "__import__": bring,
            "__build_class__": builtins.__build_class__,
        }
    )
    return {
        "__builtins__": allowed,
        "__name__": "__main__",
        "__metaclass__": make_class,
        "_getattr_": read_attribute,
        "_getitem_": read_item,
        "_getiter_": iterate,
        "_iter_unpack_sequence_": guarded_iter_unpack_sequence,
        "_unpack_sequence_": guarded_unpack_sequence,
        "_write_": Writer,
        "_inplacevar_": inplace,
        "_inplace_item_": inplace_item,
        "_inplace_attr_": inplace_attr,
        "_apply_": call_with_stars,
        "_super_": constructs.make_super,
        "_special_": constructs.special_method,
        "_describe_": constructs.describe,
        "_class_pattern_": constructs.class_pattern,
        "_exception_": Exception,
        "df": frame,
        "pd": FACADES["pandas"],
        "np": FACADES["numpy"],
        "px": FACADES["plotly.express"],
        "go": FACADES["plotly.graph_objects"],
    }


def compile_code(code: str) -> types.CodeType:
    """RestrictedPython's compilation under our policy; a refusal is a SyntaxError whose argument lists
    (line, column, message)."""
    return compile_restricted(code, filename=USER_FILE, mode="exec", policy=Policy)


def execute(compiled: types.CodeType, names: dict[str, Any]) -> None:
    """Runs the script."""
    exec(compiled, names)
    swallowed()
