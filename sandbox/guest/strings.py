"""Where a library interprets a string, the guard reads the string first.

RestrictedPython sees the script's source; it never sees `df.agg("to_csv")`, `df.eval("@x.attribute")` or
`"{0.attribute}".format(x)`. Each of those places gets a stand-in here that allows what analysis needs by name.
"""

from __future__ import annotations

import ast
import functools
import re
import string
import sys
from typing import Any, Callable, Iterable

from names import LISTS
from refusal import RunRefused

AGGREGATIONS = LISTS["aggregations"]
EXPRESSIONS = LISTS["expressions"]
USER_FILE = "<code>"


def check_function(value: Any, depth: int = 0) -> None:
    """Function names that pandas would look up on the object, also nested in lists, tuples and dicts."""
    if depth > 4:
        raise RunRefused("Function names nested this deep are not available in Code Mode.")
    if isinstance(value, str):
        # A `str` subclass could answer differently the second time it is asked.
        if type(value) is not str or value not in AGGREGATIONS:
            raise RunRefused(f"`{str.__str__(value)}` is not an aggregation known to Code Mode; pass a function.")
    elif isinstance(value, dict):
        for item in list(value.values()):
            check_function(item, depth + 1)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in list(value):
            check_function(item, depth + 1)
    elif hasattr(type(value), "__array__") or hasattr(type(value), "__iter__"):
        # A Series or array of names would be unpacked by pandas as well.
        for item in list(value):
            check_function(item, depth + 1)


def dispatch(method: Callable[..., Any]) -> Callable[..., Any]:
    """`agg`, `apply`, `transform` and their like: the function is the first argument, `func`, or named ones."""

    @functools.wraps(method, assigned=())
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if args:
            check_function(args[0])
        if "func" in kwargs:
            check_function(kwargs["func"])
        elif not args:
            # Named aggregation: new=(column, function). Only the function is looked up.
            for value in kwargs.values():
                check_function(value[1:] if isinstance(value, tuple) and len(value) == 2 else value)
        return method(*args, **kwargs)

    return guarded


def pivot(method: Callable[..., Any], position: int) -> Callable[..., Any]:
    """`pivot_table` and `crosstab`: the function is `aggfunc`."""

    @functools.wraps(method, assigned=())
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if len(args) > position:
            check_function(args[position])
        if kwargs.get("aggfunc") is not None:
            check_function(kwargs["aggfunc"])
        return method(*args, **kwargs)

    return guarded


def trendline(function: Callable[..., Any]) -> Callable[..., Any]:
    """`px.scatter(trendline_options={"function": ...})` names a method of pandas' rolling windows."""

    @functools.wraps(function, assigned=())
    def guarded(*args: Any, **kwargs: Any) -> Any:
        options = kwargs.get("trendline_options")
        if options is not None:
            # A copy, so that what was checked is what is used.
            options = kwargs["trendline_options"] = dict(options)
            check_function(options.get("function", "mean"))
        return function(*args, **kwargs)

    return guarded


def set_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Display and mode options of this run; the worker and its options end with the run."""

    def guarded(*args: Any) -> None:
        for key in args[::2]:
            if type(key) is not str or not key.startswith(("display.", "mode.")):
                raise RunRefused("pd.set_option is available for display.* and mode.* in Code Mode.")
        function(*args)

    return guarded


# Expressions of DataFrame.query and DataFrame.eval ------------------------------------------------------------

NODES = (
    ast.Module, ast.Expression, ast.Expr, ast.Assign, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.Invert,
    ast.USub, ast.UAdd, ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.BitAnd,
    ast.BitOr, ast.BitXor, ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn,
    ast.Name, ast.Load, ast.Store, ast.Constant, ast.List, ast.Tuple, ast.Call, ast.keyword, ast.Attribute,
    ast.Subscript, ast.Slice,
)  # fmt: skip
OUTSIDE = re.compile(r"@\s*([^\W\d]\w*)")
PLAIN = (str, int, float, complex, bool, bytes, type(None))


def without_backticks(text: str) -> str:
    """Column names in backticks become a plain name. Read exactly as pandas reads it or not at all: were a quoted
    backtick taken for the start of a name here and not there, all up to the next one would go unread."""
    if "'''" in text or '"""' in text:
        raise RunRefused("Triple quotes are not available in query and eval in Code Mode.")
    plain: list[str] = []
    quote = ""
    position = 0
    while position < len(text):
        character = text[position]
        if character in "\\#" or (quote and character == "`"):
            raise RunRefused(f"`{character}` is not available here in query and eval in Code Mode.")
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == "`":
            end = text.find("`", position + 1)
            if end < 0 or any(mark in text[position:end] for mark in "'\"\\#@\n"):
                raise RunRefused("This name in backticks is not available in Code Mode; use df[...] instead.")
            plain.append(" column_in_backticks ")
            position = end + 1
            continue
        plain.append(character)
        position += 1
    if quote:
        raise RunRefused("A quote is not closed in the expression.")
    return "".join(plain)


def check_expression(text: Any) -> list[str]:
    """Allows comparisons, arithmetic and the listed methods; gives the names after `@`."""
    if type(text) is not str:
        raise RunRefused("query and eval take a text in Code Mode.")
    outside: list[str] = []
    plain = without_backticks(text)
    marked = OUTSIDE.sub(lambda found: outside.append(found[1]) or f"outside_{found[1]}", plain)
    try:
        tree = ast.parse(marked.strip(), "<expression>")
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
    return outside


def script_variables(names: Iterable[str]) -> dict[str, Any]:
    """The values of the script's own variables, found in its innermost frame: only data may enter an expression."""
    frame = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename != USER_FILE:
        frame = frame.f_back  # type: ignore[assignment]
    found: dict[str, Any] = {}
    for name in names:
        value = None
        if frame is not None:
            value = frame.f_locals.get(name, frame.f_globals.get(name, found))
        if value is found or frame is None or name.startswith("_"):
            raise NameError(f"name '{name}' is not defined")
        if not is_data(value):
            raise RunRefused(f"@{name} is not data; query and eval take numbers, text, lists and columns.")
        found[name] = value
    return found


def is_data(value: Any) -> bool:
    """Scalars, containers of Python's own and objects of pandas and NumPy that hold values."""
    if type(value) in (list, tuple, set, frozenset, dict, range) or isinstance(value, PLAIN):
        return True
    kind = type(value)
    root = kind.__module__.partition(".")[0]
    return root in ("pandas", "numpy", "datetime", "zoneinfo") and not isinstance(value, type) and not callable(value)


def expression(method: Callable[..., Any]) -> Callable[..., Any]:
    """`query` and `eval` of a frame: the expression checked, its variables taken from the script alone."""

    @functools.wraps(method, assigned=())
    def guarded(expr: Any, *, inplace: bool = False, engine: Any = None, **other: Any) -> Any:
        if other:
            raise RunRefused("query and eval take the expression, inplace and engine in Code Mode.")
        variables = script_variables(check_expression(expr))
        return method(expr, inplace=bool(inplace), engine="python", local_dict=variables, global_dict={})

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
