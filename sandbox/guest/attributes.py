"""Reading: every `obj.name`, `obj[key]` and loop of a script comes through here.

The rule throughout: decide by the exact type of the object and an allow-list of names, never by a list of bad names.
"""

from __future__ import annotations

import re
import types
from typing import Any, Callable

import pandas
from plotly.basedatatypes import BaseFigure, BasePlotlyType
from RestrictedPython.transformer import INSPECT_ATTRIBUTES

import facades
import strings
from kinds import PLAIN_TYPES, USER_CLASSES
from names import LISTS
from refusal import RunRefused, forget, refuse

# Objects that Python makes on the way, and what is harmless on each.
NARROW_TYPES: dict[type, frozenset[str]] = {
    types.GeneratorType: frozenset({"send", "close"}),
    property: frozenset({"getter", "setter", "deleter"}),
    re.Match: frozenset({"group", "groups", "groupdict", "start", "end", "span", "lastindex", "lastgroup", "string"}),
}
PANDAS_NAMES = LISTS["pandas objects"]
NUMPY_NAMES = LISTS["numpy objects"]
PLOTLY_NAMES = LISTS["plotly objects"]
FIT_NAMES = LISTS["fits"]
PLOTLY_PREFIXES = ("add_", "update_", "for_each_", "select_")
CLASS_NAMES = LISTS["classes"]
# Methods that look a function up by its name, or evaluate an expression (see strings.py).
DISPATCHING = frozenset({"agg", "aggregate", "apply", "transform"})
EVALUATING = frozenset({"query", "eval"})


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
    if kind in NARROW_TYPES and name in NARROW_TYPES[kind]:
        return getattr(obj, name)
    # Made by `make_super` only: behind it are own classes, `object` and plain exceptions.
    if kind is super:
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
            return strings.numpy_method(obj, name)
        raise refuse(name, "a NumPy object")
    # The fit behind a trend line.
    if root == "statsmodels" and name in FIT_NAMES:
        return getattr(obj, name)
    if root in ("zoneinfo", "pytz") and name in ("key", "zone"):
        return getattr(obj, name)
    raise refuse(name, f"a {kind.__name__}")


def class_attribute(cls: type, name: str) -> Any:
    """`Class.name`: the script's own classes, Python's data types, and the constructors of libraries' classes."""
    if cls in USER_CLASSES:
        # The one public name of every class: it gives the classes behind, BaseException and object among them.
        if name == "mro":
            raise refuse(name, "a class")
        return getattr(cls, name)
    if cls is str and name in ("format", "format_map"):
        return lambda text, /, *args, **kwargs: format_method(text, name)(*args, **kwargs)
    if cls in PLAIN_TYPES or name in CLASS_NAMES:
        return getattr(cls, name)
    # `agg(pd.Series.mode)`: the method of whatever it is called on, by the same rules as written after a dot.
    if (cls.__module__ or "").partition(".")[0] == "pandas" and name in PANDAS_NAMES:
        return unbound(name)
    raise refuse(name, f"the class {cls.__name__}")


def unbound(name: str) -> Callable[..., Any]:
    """A method by its class. pandas labels a column after the function's name."""

    def method(obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        return read_attribute(obj, name)(*args, **kwargs)

    method.__name__ = name
    return method


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
            return strings.expression(value, read_attribute)
        if name == "pivot_table":
            return strings.pivot(value)
        if name == "rolling":
            return strings.rolling(value)
        if name == "select_dtypes":
            return strings.data_types(value)
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


def has_attribute(obj: Any, name: str) -> bool:
    """`hasattr(x, name)`: what cannot be read is not there."""
    try:
        read_attribute(obj, name)
    except AttributeError:
        return False
    except RunRefused as refused:
        forget(refused)
        return False
    return True
