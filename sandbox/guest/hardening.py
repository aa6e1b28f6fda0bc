"""What the guard changes in the libraries themselves, once, in the zygote: places deep inside that read a file, change
the process or evaluate text, and that many ways lead to. A stand-in at each way could miss one; the place itself cannot
be missed. It holds for the guard's process only, and stays out of the kernel's trial."""

from __future__ import annotations

import ast
from typing import Any, Callable

import pandas
import pandas.core.computation.expr
import pandas.core.computation.scope
from pandas._libs.tslibs import fields, timezones

from names import LISTS
from refusal import RunRefused

EXPRESSIONS = LISTS["expressions"]


def no_zone_file(name: Any = None) -> Any:
    """A zone called `dateutil/...` is a path: `dateutil//etc/passwd` opens that file and says whether it is there."""
    raise RunRefused("Time zones are written as in 'Europe/Paris' in Code Mode.")


def no_locale(*_args: Any, **_kwargs: Any) -> Any:
    """`day_name(locale=...)` reads the machine's locale files and switches the whole process over."""
    raise RunRefused("`locale` is not available in Code Mode; map the names yourself.")


def checked_attribute(visit: Callable[..., Any]) -> Callable[..., Any]:
    """Whatever text the evaluator of `query` and `eval` reads, its own or the script's, and however it splits it into
    names, columns and quotes: it walks to listed names alone."""

    def visit_attribute(self: Any, node: ast.Attribute, **kwargs: Any) -> Any:
        if node.attr not in EXPRESSIONS:
            raise RunRefused(f"`.{node.attr}` is not available in query and eval in Code Mode; use df[...] instead.")
        return visit(self, node, **kwargs)

    return visit_attribute


def checked_call(visit: Callable[..., Any]) -> Callable[..., Any]:
    """The same for what it calls."""

    def visit_call(self: Any, node: ast.Call, **kwargs: Any) -> Any:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name not in EXPRESSIONS:
            raise RunRefused(f"`{name}` cannot be called in query and eval in Code Mode.")
        return visit(self, node, **kwargs)

    return visit_call


def own_names_only(init: Callable[..., None]) -> Callable[..., None]:
    """Without a dict of globals the evaluator takes those of whoever called it, and for the parts that it evaluates by
    calling itself, those are the library's: modules among them."""

    def scope(self: Any, level: int, global_dict: Any = None, local_dict: Any = None, *args: Any, **kwargs: Any) -> None:
        init(self, level + 1, {} if global_dict is None else global_dict, {} if local_dict is None else local_dict, *args, **kwargs)

    return scope


def apply() -> None:
    """Makes the changes; once."""
    timezones.dateutil_gettz = no_zone_file
    fields.set_locale = no_locale
    for visitor in set(pandas.core.computation.expr.PARSERS.values()) | {pandas.core.computation.expr.BaseExprVisitor}:
        for name, check in (("visit_Attribute", checked_attribute), ("visit_Call", checked_call)):
            if name in vars(visitor):
                setattr(visitor, name, check(vars(visitor)[name]))
    scope = pandas.core.computation.scope.Scope
    scope.__init__ = own_names_only(scope.__init__)
    # Codes past the end of the categories would read memory behind them.
    from_codes = pandas.Categorical.from_codes.__func__

    def validated(cls: Any, codes: Any, categories: Any = None, ordered: Any = None, dtype: Any = None, validate: Any = True) -> Any:
        return from_codes(cls, codes, categories, ordered, dtype, True)

    pandas.Categorical.from_codes = classmethod(validated)


apply()
