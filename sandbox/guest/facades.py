"""The libraries as a script sees them: objects of ours that hold an allow-list of names, never a module.

From `pandas` alone one can walk to hundreds of modules without a single underscore. So no module is handed out:
`pd`, `np`, `px`, `go` and the few below them are facades, and a name that is not on the list does not exist.
"""

from __future__ import annotations

import types
from typing import Any, Callable

import numpy
import pandas
import plotly
import plotly.express
import plotly.graph_objects
import plotly.subplots
from plotly.basedatatypes import BaseFigure, BasePlotlyType

from names import LISTS
from refusal import RunRefused, refuse

Wrap = Callable[..., Any]


class Facade:
    """A library's allowed names. `__getattr__` serves Python's own `import a.b as c`, which bypasses the guard."""

    __slots__ = ("_title", "_names", "_version")

    def __init__(self, title: str, names: dict[str, Any], version: str | None = None) -> None:
        object.__setattr__(self, "_title", title)
        object.__setattr__(self, "_names", names)
        object.__setattr__(self, "_version", version)

    def __getattr__(self, name: str) -> Any:
        if name not in object.__getattribute__(self, "_names"):
            raise AttributeError(name)
        return take(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{object.__getattribute__(self, '_title')} cannot be changed")

    def __repr__(self) -> str:
        return f"<{object.__getattribute__(self, '_title')}>"


class GraphObjects(Facade):
    """`plotly.graph_objects` and its submodules: classes of figures, traces and their parts, nothing else."""

    __slots__ = ()


class ArrayKind(type):
    """The class of `np.ndarray` as a script sees it: good for isinstance, not for making one. The real constructor
    takes bytes as memory of any type, pointers to objects included."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, numpy.ndarray)

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        raise RunRefused("np.ndarray(...) is not available in Code Mode; use np.array, np.zeros or np.empty.")


class ndarray(metaclass=ArrayKind):
    """Stands for NumPy's array type."""


def take(facade: Facade, name: str) -> Any:
    """The allowed thing called `name`, or a refusal that says what to use instead."""
    names = object.__getattribute__(facade, "_names")
    title = object.__getattribute__(facade, "_title")
    if name not in names:
        raise refuse(name, title)
    value = names[name]
    # Lists and dicts of a library are shared by all of its code: a script gets a copy of its own.
    return own_copy(value)


def own_copy(value: Any) -> Any:
    """Lists and dicts anew, at every depth: the scales in a dict of scales are lists of the library's as well."""
    if type(value) is list:
        return [own_copy(item) for item in value]
    if type(value) is dict:
        return {key: own_copy(item) for key, item in value.items()}
    return value


def about(facade: Facade, name: str) -> str:
    """`pd.__version__` and `pd.__name__`."""
    value = object.__getattribute__(facade, {"__version__": "_version", "__name__": "_title"}.get(name, "_title"))
    if name not in ("__version__", "__name__") or value is None:
        raise refuse(name, object.__getattribute__(facade, "_title"))
    return value


def listed(title: str, module: Any, *, also: dict[str, Any] | None = None) -> Facade:
    """A facade of the names that `names.txt` lists under `title`, as far as this version has them."""
    names: dict[str, Any] = {}
    for name in LISTS[title]:
        value = getattr(module, name, None)
        if not isinstance(value, types.ModuleType) and hasattr(module, name):
            names[name] = value
    names.update(also or {})
    return Facade(title, names, version(module))


def version(module: Any) -> str | None:
    """The release of a library, as text."""
    value = getattr(module, "__version__", None)
    return value if type(value) is str else None


def graph_objects(module: types.ModuleType, title: str, seen: dict[str, Facade]) -> Facade:
    """The classes of one `plotly.graph_objs` module and, as facades, its submodules. Importing them all here also
    warms them: plotly loads each at its first use, and a worker can open no file."""
    if module.__name__ in seen:
        return seen[module.__name__]
    names: dict[str, Any] = {}
    facade = seen[module.__name__] = GraphObjects(title, names)
    for name in dir(module):
        if name.startswith("_") or name == "FigureWidget":
            continue
        value = getattr(module, name, None)
        if isinstance(value, type) and issubclass(value, (BasePlotlyType, BaseFigure, list)):
            names[name] = value
        elif isinstance(value, types.ModuleType) and value.__name__.startswith("plotly.graph_objs."):
            names[name] = graph_objects(value, f"{title}.{name}", seen)
    return facade


def polynomials() -> Facade:
    """`np.polynomial`: its classes, and the functions of the three bases that people fit with."""
    module = numpy.polynomial
    bases = {name: listed(f"np.polynomial.{name}", getattr(module, name)) for name in ("polynomial", "chebyshev", "legendre")}
    return listed("np.polynomial", module, also=bases)


def colors() -> Facade:
    """`px.colors`: palettes as copies, and the functions that compute with colours."""
    module = plotly.express.colors
    palettes = {}
    for name in LISTS["px.colors"]:
        value = getattr(module, name, None)
        if isinstance(value, types.ModuleType):
            lists = {k: v for k, v in vars(value).items() if not k.startswith("_") and type(v) is list}
            palettes[name] = Facade(f"px.colors.{name}", lists)
    return listed("px.colors", module, also=palettes)


def build(wrap: dict[str, Wrap]) -> dict[str, Facade]:
    """All facades by the name under which a script knows them; `wrap` are the guarded stand-ins for functions
    that interpret strings."""
    types_facade = listed("pd.api.types", pandas.api.types)
    offsets = listed("pd.offsets", pandas.offsets)
    pd = listed(
        "pd",
        pandas,
        also={
            "api": Facade("pd.api", {"types": types_facade}),
            "offsets": offsets,
            "errors": listed("pd.errors", pandas.errors),
            "tseries": Facade("pd.tseries", {"offsets": offsets}),
            "pivot_table": wrap["pivot_table"](pandas.pivot_table),
            "crosstab": wrap["pivot_table"](pandas.crosstab),
            "set_option": wrap["options"](pandas.set_option, 2),
            "option_context": wrap["options"](pandas.option_context, 2),
            "get_option": wrap["options"](pandas.get_option, 1),
            "reset_option": wrap["options"](pandas.reset_option, 1),
        },
    )
    np = listed(
        "np",
        numpy,
        also={
            "random": listed("np.random", numpy.random),
            "linalg": listed("np.linalg", numpy.linalg),
            "fft": listed("np.fft", numpy.fft),
            "ma": listed("np.ma", numpy.ma),
            "polynomial": polynomials(),
            "char": listed("np.char", numpy.char),
            "strings": listed("np.strings", numpy.strings),
            "emath": listed("np.emath", numpy.emath),
            "exceptions": listed("np.exceptions", numpy.exceptions),
            "ndarray": ndarray,
            "set_printoptions": wrap["set_printoptions"](numpy.set_printoptions),
        },
    )
    px_names: dict[str, Any] = {"colors": colors()}
    for name in ("scatter", "scatter_3d", "density_contour"):
        px_names[name] = wrap["trendline"](getattr(plotly.express, name))
    px = listed("px", plotly.express, also=px_names)
    go = graph_objects(plotly.graph_objects, "go", {})
    subplots = listed("plotly.subplots", plotly.subplots)
    parts = {"express": px, "graph_objects": go, "graph_objs": go, "subplots": subplots, "colors": px_names["colors"]}
    known = {
        "pd": pd, "pd.api": take(pd, "api"), "pd.api.types": types_facade, "pd.offsets": take(pd, "offsets"),
        "np": np, "px": px, "px.colors": px_names["colors"], "go": go, "plotly.subplots": subplots,
        "plotly": Facade("plotly", parts, version(plotly)),
    }  # fmt: skip
    for name in ("random", "linalg", "fft", "ma", "polynomial"):
        known[f"np.{name}"] = take(np, name)
    return {module: known[title] for module, title in (pair.split("=") for pair in LISTS["modules"])}
