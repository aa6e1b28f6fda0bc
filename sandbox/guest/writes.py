"""Writing: every `obj[key] = value`, `obj.name = value`, their augmented forms and `del` of a script comes through
here. What may be written is data and figures of the run itself, never a class or an object of a library.
"""

from __future__ import annotations

import operator
from typing import Any, Callable

import numpy
import pandas
from plotly.basedatatypes import BaseFigure, BasePlotlyType

from attributes import read_attribute, read_item
from kinds import USER_CLASSES
from refusal import RunRefused, refuse

# Attributes a script may set on a frame, an index or a figure's part.
PANDAS_WRITABLE = frozenset({"columns", "index", "name", "names", "attrs"})


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
    if type(obj) in (dict, list, bytearray, pandas.DataFrame, pandas.Series, numpy.ndarray, numpy.ma.MaskedArray,
                     numpy.flatiter):
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
        # The same array may lie under a column, whose code trusts the shape it was made with.
        raise RunRefused("The shape of an array cannot be set in Code Mode; use array = array.reshape(...).")
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


def delete_attribute(obj: Any, name: str) -> None:
    """`delattr(x, name)`."""
    writer = Writer(obj)
    if type(name) is not str:
        raise RunRefused("An attribute's name must be text.")
    type(writer).__delattr__(writer, name)
