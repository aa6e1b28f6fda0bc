"""Where a library interprets a string, the guard reads the string first.

RestrictedPython sees the script's source; it never sees `df.agg("to_csv")`, `df.eval("@x.attribute")` or
`"{0.attribute}".format(x)`. Each of those places gets a stand-in here that allows what analysis needs by name.
"""

from __future__ import annotations

import ast
import inspect
import re
import string
import sys
from typing import Any, Callable, Iterable

import numpy
import pandas
from pandas._config.config import _registered_options as registered

import hardening  # noqa: F401  it changes the libraries before anything of them is handed out
from names import LISTS
from refusal import RunRefused

AGGREGATIONS = LISTS["aggregations"]
EXPRESSIONS = LISTS["expressions"]
USER_FILE = "<code>"


def check_function(value: Any, depth: int = 0) -> Any:
    """Function names that pandas would look up on the object, also nested in lists, tuples and dicts. What is neither
    a listed name nor a function nor plainly one of these containers is refused: pandas takes frames, columns and
    arrays apart in ways of its own, and would find names in them that were not read here. Gives a copy to be used
    instead: a function in a list that was checked could change the list while pandas walks it."""
    if depth > 4:
        raise RunRefused("Function names nested this deep are not available in Code Mode.")
    kind = type(value)
    if value is None:
        return None
    if isinstance(value, str):
        # A `str` subclass could answer differently the second time it is asked.
        if kind is not str or value not in AGGREGATIONS:
            raise RunRefused(f"`{str.__str__(value)}` is not an aggregation known to Code Mode; pass a function.")
        return value
    if kind is dict:
        return {key: check_function(item, depth + 1) for key, item in value.items()}
    if kind in (list, tuple, set, frozenset):
        return kind(check_function(item, depth + 1) for item in value)
    if kind is pandas.NamedAgg:
        return pandas.NamedAgg(value.column, check_function(value.aggfunc, depth + 1), *value.args, **value.kwargs)
    # An object of the script that can be both called and walked would be walked.
    if not callable(value) or hasattr(kind, "__iter__") or hasattr(kind, "__array__"):
        raise RunRefused("A function here is a name, a function, or a list or dict of these in Code Mode.")
    return value


def dispatch(method: Callable[..., Any]) -> Callable[..., Any]:
    """`agg`, `apply`, `transform` and their like: the function is the first argument, `func`, or named ones."""

    def guarded(*args: Any, **kwargs: Any) -> Any:
        if args:
            args = (check_function(args[0]), *args[1:])
        elif "func" in kwargs:
            kwargs["func"] = check_function(kwargs["func"])
        if (args[0] if args else kwargs.get("func")) is None:
            # Named aggregation: new=(column, function). Only the function is looked up. `None` said aloud, as in
            # agg(None, new=("a", "to_csv")), is the same to pandas as nothing.
            for name, value in kwargs.items():
                if name != "func":
                    pair = type(value) is tuple and len(value) == 2
                    kwargs[name] = (value[0], check_function(value[1])) if pair else check_function(value)
        return method(*args, **kwargs)

    return guarded


def named(function: Callable[..., Any], name: str, check: Callable[[Any], Any]) -> Callable[..., Any]:
    """The same function with its argument `name` checked, wherever in the call it stands; what the check returns is
    what the function gets, so that it cannot change in between."""
    place = list(inspect.signature(function).parameters).index(name)

    def guarded(*args: Any, **kwargs: Any) -> Any:
        if len(args) > place:
            args = (*args[:place], check(args[place]), *args[place + 1 :])
        elif name in kwargs:
            kwargs[name] = check(kwargs[name])
        return function(*args, **kwargs)

    return guarded


def aggregation(value: Any) -> Any:
    """`aggfunc` of `pivot_table` and `crosstab`."""
    return check_function(value)


def pivot(function: Callable[..., Any]) -> Callable[..., Any]:
    """`pivot_table` and `crosstab`, method or function: the place of `aggfunc` differs between them."""
    return named(function, "aggfunc", aggregation)


def options_of_trendline(options: Any) -> Any:
    """A copy, so that what was checked is what is used."""
    if options is None:
        return None
    options = {str(key): value for key, value in dict(options).items()}
    if "function" in options:
        options["function"] = check_function(options["function"])
    window_type(options.get("win_type"))
    return options


def trendline(function: Callable[..., Any]) -> Callable[..., Any]:
    """`px.scatter(trendline_options={"function": ...})` names a method of pandas' rolling windows."""
    if "trendline_options" not in inspect.signature(function).parameters:
        return function
    return named(function, "trendline_options", options_of_trendline)


# Shapes of weighted windows; pandas looks any name up in a module of scipy and calls what it finds.
WINDOWS = frozenset({"boxcar", "triang", "blackman", "hamming", "bartlett", "parzen", "bohman", "blackmanharris",
                     "nuttall", "barthann", "kaiser", "gaussian", "general_gaussian", "general_hamming", "cosine",
                     "hann", "tukey", "exponential"})  # fmt: skip


def window_type(value: Any) -> Any:
    """`win_type` of `rolling`."""
    if value is not None and (type(value) is not str or value not in WINDOWS):
        raise RunRefused("This win_type is not available in Code Mode.")
    return value


def rolling(method: Callable[..., Any]) -> Callable[..., Any]:
    """`rolling` of a frame, a column or groups; those of groups take everything by keyword or position unseen."""
    names = list(inspect.signature(method).parameters)
    if "win_type" in names:
        return named(method, "win_type", window_type)

    def guarded(window: Any, *args: Any, **kwargs: Any) -> Any:
        if len(args) > 2:
            raise RunRefused("Pass the options of rolling by name in Code Mode.")
        window_type(kwargs.get("win_type"))
        return method(window, *args, **kwargs)

    return guarded


def data_types(method: Callable[..., Any]) -> Callable[..., Any]:
    """`select_dtypes` looks a name it does not know up in NumPy's module, and says what it found."""

    def check(value: Any) -> Any:
        items = list(value) if type(value) in (list, tuple, set, frozenset) else [value]
        for item in items:
            if isinstance(item, str) and (type(item) is not str or not TYPE_NAME.fullmatch(item)):
                raise RunRefused(f"`{str.__str__(item)}` is no type known to Code Mode.")
        return value if value is None else items

    def guarded(include: Any = None, exclude: Any = None) -> Any:
        return method(include=check(include), exclude=check(exclude))

    return guarded


TYPE_NAME = re.compile(
    r"number|integer|floating|signedinteger|unsignedinteger|complexfloating|bool(ean|_)?|object_?|str(_|ing)?|category"
    r"|u?int(8|16|32|64)?|float(16|32|64)?|complex(64|128)?|[OSUVbifucmM]\d*|generic|inexact|character"
    r"|(datetime|timedelta)(64)?(\[\w+(, [\w/+-]+)?\])?|datetimetz|period(\[\w+\])?|interval(\[.*\])?"
    r"|U?Int(8|16|32|64)|Float(32|64)"
)


def option_name(key: Any) -> str:
    """The one option of display or mode that `key` names. pandas takes a key as a pattern, which could name two, and an
    option elsewhere names a module to load; so the whole name goes on."""
    known = [name for name in registered if name.startswith(("display.", "mode."))]
    found = [name for name in known if type(key) is str and (name == key or name.endswith("." + key))]
    if len(found) != 1:
        raise RunRefused("pd.set_option is available for the options of display.* and mode.* in Code Mode.")
    return found[0]


def options(function: Callable[..., Any], step: int) -> Callable[..., Any]:
    """`set_option` and `option_context` (names and values in turn), `get_option` and `reset_option` (a name). The
    worker and its options end with the run."""

    def guarded(*args: Any) -> Any:
        if len(args) == 1 and type(args[0]) is dict:
            args = tuple(item for pair in args[0].items() for item in pair)
        named = (option_name(arg) if index % step == 0 else arg for index, arg in enumerate(args))
        return function(*named)

    return guarded


def set_printoptions(function: Callable[..., Any]) -> Callable[..., Any]:
    """`np.set_printoptions` without the parts that put functions of the script into the printing of every array."""

    def guarded(**kwargs: Any) -> None:
        for name, value in kwargs.items():
            if name in ("formatter", "override_repr") and value is not None:
                raise RunRefused(f"`{name}` of np.set_printoptions is not available in Code Mode; use f-strings.")
        function(**kwargs)

    return guarded


def numpy_method(obj: Any, name: str) -> Any:
    """An allowed attribute of one of NumPy's objects, but for two that NumPy does not keep safe itself."""
    method = getattr(obj, name)
    if name == "at" and isinstance(obj, numpy.ufunc):

        def at(array: Any, *args: Any) -> None:
            # `ufunc.at` writes arrays that are read-only: the codes of a category could be led past its end.
            if not isinstance(array, numpy.ndarray) or not array.flags.writeable:
                raise ValueError("output array is read-only")
            method(array, *args)

        return at
    if name in ("sort", "partition") and isinstance(obj, numpy.ndarray) and obj.dtype.hasobject:

        def in_place(*args: Any, **kwargs: Any) -> None:
            # A comparison written in the script could free the objects that are being moved.
            copied = obj.copy()
            getattr(copied, name)(*args, **kwargs)
            obj[...] = copied

        return in_place
    return method


# Expressions of DataFrame.query and DataFrame.eval ------------------------------------------------------------

NODES = (
    ast.Module, ast.Expression, ast.Expr, ast.Assign, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.Invert,
    ast.USub, ast.UAdd, ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.BitAnd,
    ast.BitOr, ast.BitXor, ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn,
    ast.Name, ast.Load, ast.Store, ast.Constant, ast.List, ast.Tuple, ast.Call, ast.keyword, ast.Attribute,
    ast.Subscript, ast.Slice,
)  # fmt: skip
# `@limit` and `@limits.low`; the last name of `@column.mean()` is a method and stays in the expression.
OUTSIDE = re.compile(r"@\s*([^\W\d]\w*(?:\.[^\W\d]\w*(?![\w]|\s*\())*)")
PLAIN = (str, int, float, complex, bool, bytes, type(None))


def taken_apart(text: str) -> tuple[str, str, list[str]]:
    """The expression as it is checked, with a plain name for each column in backticks and each `@variable`; as it is
    handed on, with a name of ours for each variable; and the variables. Read exactly as pandas reads it or not at all:
    were a quoted backtick taken for the start of a name here and not there, all up to the next would go unread."""
    if "'''" in text or '"""' in text:
        raise RunRefused("Triple quotes are not available in query and eval in Code Mode.")
    checked: list[str] = []
    handed: list[str] = []
    outside: list[str] = []
    quote = ""
    position = 0
    while position < len(text):
        character = text[position]
        if character in "\\#" or (quote and character == "`"):
            raise RunRefused(f"`{character}` is not available here in query and eval in Code Mode.")
        end = position + 1
        plain = given = character
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == "`":
            end = text.find("`", position + 1) + 1
            if end <= 0 or any(mark in text[position:end] for mark in "'\"\\#@\n"):
                raise RunRefused("This name in backticks is not available in Code Mode; use df[...] instead.")
            plain, given = " column_in_backticks ", text[position:end]
        elif character == "@":
            found = OUTSIDE.match(text, position)
            if found is None:
                raise RunRefused("`@` comes before the name of a variable in query and eval.")
            plain, given, end = f"outside_{len(outside)}", f"@outside_{len(outside)}", found.end()
            outside.append(found[1])
        checked.append(plain)
        handed.append(given)
        position = end
    if quote:
        raise RunRefused("A quote is not closed in the expression.")
    return "".join(checked), "".join(handed), outside


def check_expression(text: Any) -> tuple[str, list[str]]:
    """Allows comparisons, arithmetic and the listed methods; gives the expression to hand on and its variables."""
    if type(text) is not str:
        raise RunRefused("query and eval take a text in Code Mode.")
    checked, handed, outside = taken_apart(text)
    try:
        tree = ast.parse(checked.strip(), "<expression>")
    except (SyntaxError, ValueError) as error:
        raise RunRefused(f"The expression cannot be read: {getattr(error, 'msg', 'not Python')}.") from None
    for node in ast.walk(tree):
        if not isinstance(node, NODES):
            raise RunRefused(f"{type(node).__name__} is not available in query and eval in Code Mode.")
        if isinstance(node, ast.Attribute) and node.attr not in EXPRESSIONS:
            raise RunRefused(f"`.{node.attr}` is not available in query and eval in Code Mode; use df[...] instead.")
        if isinstance(node, ast.Name) and (node.id.startswith("_") or "__" in node.id):
            raise RunRefused("Names with underscores in front are not available in query and eval.")
        if isinstance(node, ast.Call) and not isinstance(node.func, (ast.Attribute, ast.Name)):
            raise RunRefused("Only methods of columns can be called in query and eval.")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id not in EXPRESSIONS:
            raise RunRefused(f"`{node.func.id}` cannot be called in query and eval in Code Mode.")
    return handed, outside


def script_variables(paths: Iterable[str], read: Callable[[Any, str], Any]) -> dict[str, Any]:
    """The values of the script's own variables, found in its innermost frame, and of their attributes, read as the
    script would read them: only data may enter an expression."""
    frame = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename != USER_FILE:
        frame = frame.f_back  # type: ignore[assignment]
    found: dict[str, Any] = {}
    for number, path in enumerate(paths):
        name, *attributes = path.split(".")
        value = None
        if frame is not None:
            value = frame.f_locals.get(name, frame.f_globals.get(name, found))
        if value is found or frame is None or name.startswith("_"):
            raise NameError(f"name '{name}' is not defined")
        for attribute in attributes:
            value = read(value, attribute)
        if not is_data(value):
            raise RunRefused(f"@{path} is not data; query and eval take numbers, text, lists and columns.")
        found[f"outside_{number}"] = value
    return found


def is_data(value: Any) -> bool:
    """Scalars, containers of Python's own and objects of pandas and NumPy that hold values."""
    if type(value) in (list, tuple, set, frozenset, dict, range) or isinstance(value, PLAIN):
        return True
    kind = type(value)
    root = kind.__module__.partition(".")[0]
    return root in ("pandas", "numpy", "datetime", "zoneinfo") and not isinstance(value, type) and not callable(value)


def expression(method: Callable[..., Any], read: Callable[[Any, str], Any]) -> Callable[..., Any]:
    """`query` and `eval` of a frame: the expression checked, its variables taken from the script alone."""

    def guarded(expr: Any, *, inplace: bool = False, engine: Any = None, **other: Any) -> Any:
        if other:
            raise RunRefused("query and eval take the expression, inplace and engine in Code Mode.")
        handed, outside = check_expression(expr)
        variables = script_variables(outside, read)
        return method(handed, inplace=bool(inplace), engine="python", local_dict=variables, global_dict={})

    return guarded


# str.format ----------------------------------------------------------------------------------------------------


class SafeFormatter(string.Formatter):
    """`str.format` whose fields go through the guard, so that `{0.attribute}` reaches no further than `x.attribute`."""

    def __init__(self, read: Callable[[Any, str], Any], item: Callable[[Any, Any], Any]) -> None:
        self._read, self._item = read, item

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        first, rest = string._string.formatter_field_name_split(field_name)  # type: ignore[attr-defined]
        value = self.get_value(first, args, kwargs)
        for is_attribute, key in rest:
            value = self._read(value, key) if is_attribute else self._item(value, key)
        return value, first
