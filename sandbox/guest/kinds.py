"""Which classes a script may hold: Python's plain types, the data types of the libraries, and classes of its own.

A class is a constructor and often a walk to the library behind it, so no other class is ever handed out.
"""

from __future__ import annotations

import builtins
import datetime
import decimal
from typing import Any

import numpy
import pandas
from plotly.basedatatypes import BaseFigure

import facades
from names import LISTS
from refusal import RunRefused

# Python's own types whose every public name is harmless on an instance. Frames, code, tracebacks, functions and
# modules are not here, so they have no attributes at all.
PLAIN_TYPES = frozenset(
    {str, bytes, bytearray, int, float, complex, bool, list, tuple, dict, set, frozenset, range, slice, type(None),
     type({}.keys()), type({}.values()), type({}.items()), datetime.datetime, datetime.date, datetime.time,
     datetime.timedelta, datetime.timezone, decimal.Decimal}
)  # fmt: skip

# The built-in exceptions that a script can name.
EXCEPTIONS = frozenset(
    kind for kind in (getattr(builtins, name, None) for name in LISTS["builtins"])
    if isinstance(kind, type) and issubclass(kind, Exception)
)  # fmt: skip
USER_CLASSES: set[type] = set()


def make_class(name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
    """A class of the script. Its bases are its own classes or plain exceptions: a subclass of a library's class
    could replace the methods that the library calls."""
    for base in bases:
        if base is not object and base not in USER_CLASSES and base not in EXCEPTIONS:
            raise RunRefused(f"A class cannot be derived from {getattr(base, '__name__', base)} in Code Mode.")
    made = type(name, bases, dict(body))
    USER_CLASSES.add(made)
    return made


SAFE_TYPES = PLAIN_TYPES | {pandas.DataFrame, pandas.Series, pandas.Timestamp, pandas.Timedelta}
SCALARS = (numpy.number, numpy.bool_, numpy.str_, numpy.datetime64, numpy.timedelta64)


def type_of(obj: Any, *more: Any) -> type:
    """`type(x)`, for data and exceptions: the classes of other things would be constructors."""
    if more:
        raise RunRefused("type with three arguments is not available in Code Mode; write a class.")
    kind = type(obj)
    if kind is numpy.ndarray:
        return facades.ndarray
    if kind in SAFE_TYPES or kind in USER_CLASSES or issubclass(kind, (pandas.Index, *SCALARS, BaseFigure, Exception)):
        return kind
    raise RunRefused(f"type() of a {kind.__name__} is not available in Code Mode; use isinstance.")


class Kind(type):
    """The class of `type` as a script sees it: it tells the class of data, and is good for isinstance."""

    def __call__(cls, *args: Any) -> type:
        return type_of(*args)

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, type)


class kind_of(metaclass=Kind):
    """Stands for `type`."""
