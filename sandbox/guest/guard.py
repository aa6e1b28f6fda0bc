"""The first wall: what a script may reach. RestrictedPython rewrites the script so that every attribute, item, loop,
write and starred call comes through the functions of this file; everything not allowed here is refused.

The rule throughout: decide by the exact type of the object and an allow-list of names, never by a list of bad names.
"""

from __future__ import annotations

import builtins
import datetime
import decimal
import operator
import sys
import types
from typing import Any, Callable

import numpy
import pandas
from plotly.basedatatypes import BaseFigure, BasePlotlyType
from RestrictedPython import compile_restricted
from RestrictedPython.Guards import guarded_iter_unpack_sequence, guarded_unpack_sequence
from RestrictedPython.transformer import INSPECT_ATTRIBUTES

import facades
import strings
from names import LISTS
from policy import Policy
from refusal import RunRefused, refuse

USER_FILE = strings.USER_FILE

# Python's own types whose every public name is harmless on an instance. Frames, code, tracebacks, functions and
# modules are not here, so they have no attributes at all.
PLAIN_TYPES = frozenset(
    {str, bytes, bytearray, int, float, complex, bool, list, tuple, dict, set, frozenset, range, slice, type(None),
     type({}.keys()), type({}.values()), type({}.items()), datetime.datetime, datetime.date, datetime.time,
     datetime.timedelta, datetime.timezone, decimal.Decimal}
)  # fmt: skip
GENERATOR_NAMES = frozenset({"send", "close"})
PANDAS_NAMES = LISTS["pandas objects"]
NUMPY_NAMES = LISTS["numpy objects"]
PLOTLY_NAMES = LISTS["plotly objects"]
PLOTLY_PREFIXES = ("add_", "update_", "for_each_", "select_")
CLASS_NAMES = LISTS["classes"]
# Methods that look a function up by its name, or evaluate an expression (see strings.py).
DISPATCHING = frozenset({"agg", "aggregate", "apply", "transform"})
EVALUATING = frozenset({"query", "eval"})
# Attributes a script may set on a frame, an index or a figure's part.
PANDAS_WRITABLE = frozenset({"columns", "index", "name", "names", "attrs"})

USER_CLASSES: set[type] = set()


def read_attribute(obj: Any, name: str, *default: Any) -> Any:
    """`obj.name` in a script."""
    # A subclass of str could compare as one name and be looked up as another.
    if type(name) is not str:
        raise RunRefused("An attribute's name must be text.")
    # RestrictedPython refuses these in the source; here they come from getattr and format fields.
    if name.startswith("_") or name in INSPECT_ATTRIBUTES:
        raise RunRefused(f"`{name}`: names with an underscore in front are not available in Code Mode.")
    try:
        value = attribute(obj, name)
    except AttributeError:
        if default:
            return default[0]
        raise
    # Whatever way a module came here, it goes no further.
    if isinstance(value, types.ModuleType):
        raise refuse(name, "this object")
    return value


def attribute(obj: Any, name: str) -> Any:
    """The value of an allowed attribute, by the kind of the object."""
    kind = type(obj)
    if issubclass(kind, facades.Facade):
        return facades.take(obj, name)
    if kind is types.ModuleType or issubclass(kind, types.ModuleType):
        raise refuse(name, "a module")
    if issubclass(kind, type):
        return class_attribute(obj, name)
    if kind in USER_CLASSES:
        return getattr(obj, name)
    if kind in PLAIN_TYPES:
        # The one method of text that walks attributes by itself.
        if name in ("format", "format_map") and kind is str:
            return format_method(obj, name)
        return getattr(obj, name)
    if kind is types.GeneratorType and name in GENERATOR_NAMES:
        return getattr(obj, name)
    if isinstance(obj, BaseException):
        # `.obj`, `.name` and `.__traceback__` of an exception lead to the objects and frames of the library.
        if name == "args":
            return obj.args
        raise refuse(name, "an exception")
    if isinstance(obj, tuple) and name in getattr(kind, "_fields", ()):
        return getattr(obj, name)
    if isinstance(obj, (BasePlotlyType, BaseFigure)):
        return plotly_attribute(obj, name)
    root = (kind.__module__ or "").partition(".")[0]
    if root == "pandas":
        return pandas_attribute(obj, name)
    if root == "numpy" and kind is not types.BuiltinFunctionType:
        if name in NUMPY_NAMES:
            return getattr(obj, name)
        raise refuse(name, "a NumPy object")
    if root == "statsmodels" and name in ("summary", "params", "rsquared", "rsquared_adj", "pvalues", "nobs", "bse"):
        return getattr(obj, name)
    if root in ("zoneinfo", "pytz") and name in ("key", "zone"):
        return getattr(obj, name)
    raise refuse(name, f"a {kind.__name__}")


def class_attribute(cls: type, name: str) -> Any:
    """`Class.name`: the script's own classes, Python's data types, and the constructors of libraries' classes."""
    if cls in USER_CLASSES:
        return getattr(cls, name)
    if cls is str and name in ("format", "format_map"):
        return lambda text, *args, **kwargs: format_method(text, name)(*args, **kwargs)
    if cls in PLAIN_TYPES or name in CLASS_NAMES:
        return getattr(cls, name)
    raise refuse(name, f"the class {cls.__name__}")


def pandas_attribute(obj: Any, name: str) -> Any:
    """Methods by the list, those that interpret strings by their stand-ins, and columns or labels by their name."""
    kind = type(obj)
    if not hasattr(kind, name):
        # `df.price`, `row.price`, `df.groupby("a").price`: data, not a method.
        # A group-by or a window stands for the frame behind it.
        behind = getattr(obj, "obj", None) if kind.__module__ == "pandas.api.typing" else None
        data = behind if isinstance(behind, pandas.DataFrame) else obj
        labels = data.index if isinstance(data, pandas.Series) else getattr(data, "columns", None)
        if labels is not None and name in labels:
            return obj[name]
        return getattr(obj, name) if name in PANDAS_NAMES else missing(obj, name)
    if name not in PANDAS_NAMES:
        raise refuse(name, f"a {kind.__name__}")
    value = getattr(obj, name)
    if callable(value):
        if name in DISPATCHING:
            return strings.dispatch(value)
        if name in EVALUATING:
            return strings.expression(value)
        if name == "pivot_table":
            return strings.pivot(value, 3)
        if name in ("to_string", "info"):
            return without_buffer(value)
    return value


def missing(obj: Any, name: str) -> Any:
    """What pandas itself says of a name it does not have."""
    raise AttributeError(f"'{type(obj).__name__}' object has no attribute '{name}'")


def without_buffer(method: Callable[..., Any]) -> Callable[..., Any]:
    """`to_string` and `info` write to a path or buffer when given one."""

    def guarded(**kwargs: Any) -> Any:
        if kwargs.get("buf") is not None:
            raise RunRefused("Writing to a file or buffer is not available in Code Mode.")
        return method(**kwargs)

    return guarded


def plotly_attribute(obj: Any, name: str) -> Any:
    """Properties of figures and their parts, and the methods that build; writing files and showing are not there."""
    if name == "show":
        # People end a script with it; the figure in `fig` is shown anyway.
        return lambda *args, **kwargs: None
    if name in PLOTLY_NAMES or name in getattr(obj, "_valid_props", ()) or name.startswith(PLOTLY_PREFIXES):
        return getattr(obj, name)
    # `layout.xaxis2` and its like are properties that exist once they are used.
    if isinstance(obj, BasePlotlyType) and name.rstrip("0123456789") in obj._valid_props:
        return getattr(obj, name)
    raise refuse(name, "a figure")


def format_method(text: str, name: str) -> Callable[..., str]:
    """`text.format` and `text.format_map` through the guarded formatter."""
    formatter = strings.SafeFormatter(read_attribute, read_item)
    if name == "format":
        return lambda *args, **kwargs: formatter.vformat(text, args, kwargs)
    return lambda mapping: formatter.vformat(text, (), mapping)


def read_item(obj: Any, key: Any) -> Any:
    """`obj[key]` in a script."""
    if isinstance(obj, (facades.Facade, types.ModuleType, types.FunctionType)):
        raise refuse(f"[{key!r}]", "this object")
    value = obj[key]
    if isinstance(value, types.ModuleType):
        raise refuse(f"[{key!r}]", "this object")
    return value


def iterate(obj: Any) -> Any:
    """`for x in obj`: facades and modules hold nothing to walk."""
    if isinstance(obj, (facades.Facade, types.ModuleType)):
        raise RunRefused("This object cannot be walked in Code Mode.")
    return obj


class Writer:
    """What `_write_(obj)` gives: it takes one write for one object and decides whether it may happen."""

    __slots__ = ("_obj",)

    def __init__(self, obj: Any) -> None:
        object.__setattr__(self, "_obj", obj)

    def __setitem__(self, key: Any, value: Any) -> None:
        items_of(self)[key] = value

    def __delitem__(self, key: Any) -> None:
        del items_of(self)[key]

    def __setattr__(self, name: str, value: Any) -> None:
        write_attribute(object.__getattribute__(self, "_obj"), name, value)

    def __delattr__(self, name: str) -> None:
        obj = object.__getattribute__(self, "_obj")
        if type(obj) not in USER_CLASSES or name.startswith("_"):
            raise RunRefused("Only attributes of your own objects can be deleted in Code Mode.")
        delattr(obj, name)


INDEXERS = tuple(
    type(getattr(pandas.Series([1.0]), name)) for name in ("loc", "iloc", "at", "iat")
) + tuple(type(getattr(pandas.DataFrame({"a": [1.0]}), name)) for name in ("loc", "iloc", "at", "iat"))


def items_of(writer: Writer) -> Any:
    """The object behind a writer when its items may be set: data and figures, never a class or a library's thing."""
    obj = object.__getattribute__(writer, "_obj")
    if type(obj) in (dict, list, bytearray, pandas.DataFrame, pandas.Series, numpy.ndarray, numpy.ma.MaskedArray):
        return obj
    if isinstance(obj, INDEXERS) or isinstance(obj, (BasePlotlyType, BaseFigure)) or type(obj) in USER_CLASSES:
        return obj
    raise RunRefused(f"Items of a {type(obj).__name__} cannot be set in Code Mode.")


def write_attribute(obj: Any, name: str, value: Any) -> None:
    """`obj.name = value` in a script."""
    if type(name) is not str or name.startswith("_"):
        raise RunRefused(f"`{name}`: names with an underscore in front are not available in Code Mode.")
    kind = type(obj)
    if kind in USER_CLASSES or (issubclass(kind, type) and obj in USER_CLASSES):
        setattr(obj, name, value)
    elif isinstance(obj, (BasePlotlyType, BaseFigure)):
        if name not in ("data", "layout", "frames") and isinstance(obj, BaseFigure):
            raise refuse(name, "a figure")
        # Plotly checks a part's properties itself; anything else would be set on the object unseen.
        if isinstance(obj, BasePlotlyType) and name.rstrip("0123456789") not in obj._valid_props:
            obj[name] = value
        else:
            setattr(obj, name, value)
    elif isinstance(obj, (pandas.DataFrame, pandas.Series, pandas.Index)):
        if name in PANDAS_WRITABLE:
            setattr(obj, name, value)
        elif isinstance(obj, pandas.DataFrame) and not hasattr(type(obj), name) and name in obj.columns:
            obj[name] = value
        else:
            raise RunRefused(f"`{name}` of a {kind.__name__} cannot be set in Code Mode; use df['{name}'] = ...")
    elif kind is numpy.ndarray and name == "shape":
        obj.shape = value
    else:
        raise RunRefused(f"Attributes of a {kind.__name__} cannot be set in Code Mode.")


OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+=": operator.iadd, "-=": operator.isub, "*=": operator.imul, "/=": operator.itruediv, "%=": operator.imod,
    "**=": operator.ipow, "<<=": operator.ilshift, ">>=": operator.irshift, "|=": operator.ior, "^=": operator.ixor,
    "&=": operator.iand, "//=": operator.ifloordiv, "@=": operator.imatmul,
}  # fmt: skip


def inplace(op: str, value: Any, other: Any) -> Any:
    """`x += y` on a name."""
    return OPERATORS[op](value, other)


def inplace_item(op: str, obj: Any, key: Any, other: Any) -> None:
    """`obj[key] += other`: read, compute and write, each through the guard."""
    Writer(obj)[key] = OPERATORS[op](read_item(obj, key), other)


def inplace_attr(op: str, obj: Any, name: str, other: Any) -> None:
    """`obj.name += other`."""
    write_attribute(obj, name, OPERATORS[op](read_attribute(obj, name), other))


def call_with_stars(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """`f(*args, **kwargs)`: the function was reached through the guard already."""
    return function(*args, **kwargs)


def make_class(name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
    """A class of the script. Its bases are its own classes or plain exceptions: a subclass of a library's class
    could replace the methods that the library calls."""
    for base in bases:
        if base is not object and base not in USER_CLASSES and base not in (Exception, ValueError, RuntimeError):
            raise RunRefused(f"A class cannot be derived from {getattr(base, '__name__', base)} in Code Mode.")
    made = type(name, bases, dict(body))
    USER_CLASSES.add(made)
    return made


SAFE_TYPES = PLAIN_TYPES | {pandas.DataFrame, pandas.Series, pandas.Timestamp, pandas.Timedelta}
SCALARS = (numpy.number, numpy.bool_, numpy.str_, numpy.datetime64, numpy.timedelta64)


def type_of(obj: Any, *more: Any) -> type:
    """`type(x)`, for data: the classes of other things would be constructors."""
    if more:
        raise RunRefused("type with three arguments is not available in Code Mode; write a class.")
    kind = type(obj)
    if kind is numpy.ndarray:
        return facades.ndarray
    if kind in SAFE_TYPES or kind in USER_CLASSES or issubclass(kind, (pandas.Index, *SCALARS, BaseFigure)):
        return kind
    raise RunRefused(f"type() of a {kind.__name__} is not available in Code Mode; use isinstance.")


def has_attribute(obj: Any, name: str) -> bool:
    """`hasattr(x, name)`: what cannot be read is not there."""
    try:
        read_attribute(obj, name)
    except (AttributeError, RunRefused):
        return False
    return True


def delete_attribute(obj: Any, name: str) -> None:
    """`delattr(x, name)`."""
    writer = Writer(obj)
    if type(name) is not str:
        raise RunRefused("An attribute's name must be text.")
    type(writer).__delattr__(writer, name)


# The permitted import lines: `import <module>`, and `from <module> import <names>`.
IMPORTS = frozenset({"pandas", "numpy", "plotly", "plotly.express", "plotly.graph_objects"})
IMPORTS_FROM = {
    "plotly": frozenset({"express", "graph_objects"}),
    "plotly.subplots": frozenset({"make_subplots"}),
}


FACADES = facades.build(
    {
        "pivot_table": lambda function: strings.pivot(function, 3),
        "set_option": strings.set_option,
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
    if level == 0 and type(name) is str:
        if not fromlist and name in IMPORTS:
            # `import plotly.express as px` asks for `plotly` and takes `express` from it.
            return FACADES[name.partition(".")[0]]
        if fromlist and all(part in IMPORTS_FROM.get(name, ()) for part in fromlist):
            return FACADES[name]
    raise RunRefused(f"`import {name}` is not available in Code Mode; pd, np, px and go are already there.")


def script_globals(frame: Any, write_text: Callable[[str], None]) -> dict[str, Any]:
    """The names a script starts with."""
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
            "type": type_of,
            "__import__": bring,
            "__build_class__": builtins.__build_class__,
        }
    )
    return {
        "__builtins__": allowed,
        "__name__": "code",
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
