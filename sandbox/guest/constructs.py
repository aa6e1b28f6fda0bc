"""What the rewritten constructs of `policy` call: `super()`, special methods by name, text about a class or a library,
class patterns of `match`. Each is a narrow stand-in for something whose general form would be a way out.
"""

from __future__ import annotations

import types
from typing import Any

import facades
from kinds import PLAIN_TYPES, USER_CLASSES
from names import LISTS
from refusal import RunRefused, refuse

SPECIAL = LISTS["special methods"]


def make_super(cls: Any, obj: Any) -> Any:
    """`super()`, whose two arguments the policy writes out, and `super(Class, self)`: for the script's own classes,
    so that what lies behind is another own class, `object` or a plain exception."""
    if not isinstance(cls, type) or cls not in USER_CLASSES:
        raise RunRefused("super() is available in methods of your own classes only.")
    return super(cls, obj)


def special_method(obj: Any, name: str) -> Any:
    """`super().__init__` and `Base.__init__`: a listed special method of an own class or of one of its objects."""
    kind = type(obj)
    own = kind in USER_CLASSES or kind is super or (isinstance(obj, type) and obj in USER_CLASSES)
    if type(name) is not str or name not in SPECIAL or not own:
        raise RunRefused(f"`{name}` is available on your own classes only.")
    return getattr(obj, name)


def describe(obj: Any, name: str) -> Any:
    """`x.__name__` and `x.__version__`, as text and for what may tell it."""
    if isinstance(obj, facades.Facade):
        return facades.about(obj, name)
    named = isinstance(obj, type) or isinstance(obj, (types.FunctionType, types.BuiltinFunctionType))
    if name == "__name__" and named:
        value = getattr(obj, name)
        return value if type(value) is str else None
    raise refuse(name, f"a {type(obj).__name__}")


def class_pattern(cls: Any, positional: bool, keywords: bool) -> Any:
    """The class of `case Class(...)`. A pattern reads attributes past the guard, those that its keywords name or the
    class lists for its positions; so keywords are for own classes, and positions for the plain types, which give
    themselves."""
    if not isinstance(cls, type):
        raise TypeError("called match pattern must be a class")
    if keywords and cls not in USER_CLASSES or positional and cls not in PLAIN_TYPES:
        raise RunRefused(
            f"This pattern of {cls.__name__} is not available in Code Mode; "
            "positions are for int, str and their like, keywords for your own classes."
        )
    return cls
