#!/usr/bin/env python3
"""Writes `web/src/code/names.json`: what the editor of Code Mode offers while a person types.

The editor may offer only what a script may use, so every name comes from `sandbox/guest/names.txt` and is looked up in
the very libraries that scripts run with: it is offered when both know it. Parameters and defaults are the libraries'
own signatures. Nothing of their prose is kept.

    "$(scripts/python-env.sh)" scripts/names.py            writes the file
    "$(scripts/python-env.sh)" scripts/names.py --check    fails when the file is not what would be written
"""

from __future__ import annotations

import builtins
import inspect
import json
import keyword
import re
import sys
import types
from pathlib import Path
from typing import Any

import numpy
import pandas
import plotly
import plotly.express
import plotly.graph_objects
import plotly.io
import plotly.subplots
from pandas.api.typing import DataFrameGroupBy, Expanding, ExponentialMovingWindow, Resampler, Rolling, SeriesGroupBy
from plotly.basedatatypes import BaseFigure, BasePlotlyType

ROOT = Path(__file__).resolve().parent.parent
LISTS_FILE = ROOT / "sandbox" / "guest" / "names.txt"
OUTPUT = ROOT / "web" / "src" / "code" / "names.json"

# Objects whose members are offered after a dot, by the name under which the editor knows them.
OBJECTS: dict[str, type] = {
    "DataFrame": pandas.DataFrame,
    "Series": pandas.Series,
    "DataFrameGroupBy": DataFrameGroupBy,
    "SeriesGroupBy": SeriesGroupBy,
    "Rolling": Rolling,
    "Expanding": Expanding,
    "ExponentialMovingWindow": ExponentialMovingWindow,
    "Resampler": Resampler,
    # On the class, an accessor is the accessor's own class.
    "StringMethods": pandas.Series.str,
    "DatetimeProperties": pandas.Series.dt,
    "CategoricalAccessor": pandas.Series.cat,
    "Index": pandas.Index,
    "Timestamp": pandas.Timestamp,
    "ndarray": numpy.ndarray,
    "Generator": numpy.random.Generator,
}
NUMPY_OBJECTS = {"ndarray", "Generator"}
# What an accessor or attribute of one object is, where no annotation tells.
ATTRIBUTES = {
    "DataFrame": {"T": "DataFrame", "columns": "Index", "index": "Index", "values": "ndarray", "loc": "Indexer",
                  "iloc": "Indexer", "at": "Indexer", "iat": "Indexer", "dtypes": "Series"},
    "Series": {"T": "Series", "index": "Index", "values": "ndarray", "str": "StringMethods", "dt": "DatetimeProperties",
               "cat": "CategoricalAccessor", "loc": "Indexer", "iloc": "Indexer", "at": "Indexer", "iat": "Indexer"},
    "ndarray": {"T": "ndarray", "real": "ndarray", "imag": "ndarray"},
}  # fmt: skip
# Where the annotation is too wide for the editor.
RETURNS = {
    ("DataFrame", "rolling"): "Rolling",
    ("Series", "rolling"): "Rolling",
    ("DataFrame", "apply"): "Series",
    ("DataFrame", "squeeze"): "Series",
    ("DataFrame", "agg"): "DataFrame",
    ("Series", "apply"): "Series",
    ("Series", "unstack"): "DataFrame",
    ("DataFrameGroupBy", "size"): "Series",
}
# What the methods of these give unless something better is known; `same` is what the windows were made of.
MOSTLY = {
    "DataFrameGroupBy": "DataFrame",
    "SeriesGroupBy": "Series",
    "Rolling": "same",
    "Expanding": "same",
    "ExponentialMovingWindow": "same",
    "Resampler": "same",
    "CategoricalAccessor": "Series",
    "StringMethods": "Series",
    "DatetimeProperties": "Series",
}
ARRAY_MAKERS = frozenset(
    "arange array asarray cumsum diff empty full geomspace linspace logspace ones repeat tile zeros zeros_like".split()
)
# Python's own values: every public method of theirs may be used.
PLAIN = {"text": str, "list": list, "dict": dict, "set": set}
FIGURE_PREFIXES = ("add_", "update_", "for_each_", "select_")
# Parameters of Plotly Express that take one of a few words, which its documentation names.
CHOICES = (
    "barmode barnorm boxmode direction ecdfmode ecdfnorm groupnorm histfunc histnorm line_shape map_style marginal "
    "marginal_x marginal_y orientation points projection render_mode scope stripmode trendline trendline_scope violinmode"
).split()
NOT_CHOICES = {"histfunc": {"v", "h"}, "points": {"outliercolor"}, "direction": set()}
MORE_CHOICES = {"direction": ["counterclockwise"], "branchvalues": ["total", "remainder"], "fitbounds": ["locations", "geojson"],
                "locationmode": ["ISO-3", "USA-states", "country names"]}  # fmt: skip


def read_lists() -> dict[str, list[str]]:
    """The allow-lists, as the guard reads them."""
    lists: dict[str, list[str]] = {}
    current: list[str] = []
    for line in LISTS_FILE.read_text(encoding="utf-8").splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            current = lists.setdefault(line.strip("[]"), [])
        else:
            current.extend(line.split())
    return lists


def default(value: Any) -> str:
    """A default as it would be written, or an ellipsis where that would say nothing."""
    if value is None or isinstance(value, (bool, int, str)):
        return repr(value)
    if isinstance(value, float):
        return repr(value) if value == value else "…"
    if isinstance(value, (tuple, list, dict)) and not value:
        return repr(value)
    if isinstance(value, tuple) and all(isinstance(part, (str, int)) for part in value):
        return repr(value)
    return "…"


def parameters(function: Any) -> str | None:
    """`a, b=1, *, c=None`, or nothing where the library does not tell."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return None
    if isinstance(function, numpy.ufunc):
        # `out`, `where` and their like are the same everywhere and nothing a chart needs.
        return ", ".join(name for name, each in signature.parameters.items() if each.kind is each.POSITIONAL_ONLY)
    words: list[str] = []
    star = False
    for position, parameter in enumerate(signature.parameters.values()):
        name = parameter.name
        if (position == 0 and name == "self") or name.startswith("_"):
            continue
        if parameter.kind is parameter.VAR_POSITIONAL:
            star = True
            words.append(f"*{name}")
        elif parameter.kind is parameter.VAR_KEYWORD:
            words.append(f"**{name}")
        else:
            if parameter.kind is parameter.KEYWORD_ONLY and not star:
                star = True
                words.append("*")
            words.append(name if parameter.default is parameter.empty else f"{name}={default(parameter.default)}")
    return ", ".join(words)


def returned(owner: str, name: str, function: Any) -> str:
    """The kind of object a method gives, as far as the editor has members for it."""
    if (owner, name) in RETURNS:
        return RETURNS[owner, name]
    if owner == "np" and name in ARRAY_MAKERS:
        return "ndarray"
    if owner in MOSTLY:
        return MOSTLY[owner]
    try:
        annotation = str(inspect.signature(function).return_annotation)
    except (TypeError, ValueError):
        return ""
    for word in re.findall(r"\w+", annotation):
        if word in ("Self", "NDFrameT"):
            return owner
        if word in OBJECTS or word in ("Figure", "DataFrame", "Series"):
            return word
        if word == "str":
            return "text"
        if word in PLAIN:
            return word
    return ""


def entry(owner: str, name: str, value: Any) -> str:
    """`(a, b=1) Kind` of a function, `class (..)`, `module`, the kind of an attribute, or nothing."""
    if isinstance(value, types.ModuleType):
        return "module"
    if isinstance(value, (property, types.GetSetDescriptorType, types.MemberDescriptorType)) or not callable(value):
        return ATTRIBUTES.get(owner, {}).get(name, MOSTLY.get(owner, ""))
    if name in ATTRIBUTES.get(owner, {}):
        return ATTRIBUTES[owner][name]
    words = parameters(value)
    shown = "" if words is None else f"({words})"
    if isinstance(value, type):
        return f"class {shown}".strip()
    kind = returned(owner, name, value)
    return f"{shown or '(…)'} {kind}".strip()


def members(owner: str, names: list[str], thing: Any) -> dict[str, str]:
    """Of the allowed names those that this version has."""
    found = {}
    for name in sorted(set(names)):
        if name.startswith("_") or not hasattr(thing, name):
            continue
        found[name] = entry(owner, name, getattr(thing, name))
    return found


def graph_objects() -> tuple[dict[str, str], dict[str, str]]:
    """The classes of `go`, and what a trace or a layout may be given."""
    found = {}
    properties = {}
    module = plotly.graph_objects
    for name in sorted(dir(module)):
        value = getattr(module, name)
        if name.startswith("_") or name == "FigureWidget":
            continue
        if isinstance(value, type) and issubclass(value, BaseFigure):
            found[name] = f"class ({parameters(value) or ''})"
        elif isinstance(value, type) and issubclass(value, BasePlotlyType):
            found[name] = "class"
            # Properties that only carry grid ids of a service are of no use here.
            properties[name] = " ".join(sorted(part for part in value._valid_props if not part.endswith("src")))
        elif isinstance(value, types.ModuleType) and value.__name__.startswith("plotly.graph_objs."):
            found[name] = "module"
    layout = plotly.graph_objects.layout
    for name, kind in (("XAxis", layout.XAxis), ("Legend", layout.Legend), ("Annotation", layout.Annotation)):
        properties[f"layout.{name}"] = " ".join(sorted(part for part in kind._valid_props if not part.endswith("src")))
    return found, properties


def layout_parts() -> dict[str, str]:
    """The classes below `go.layout`."""
    names = dir(plotly.graph_objects.layout)
    return {name: "class" for name in sorted(names) if not name.startswith("_") and name[0].isupper()}


def figure(lists: dict[str, list[str]]) -> dict[str, str]:
    """What a figure's own methods are."""
    names = [name for name in dir(plotly.graph_objects.Figure) if name.startswith(FIGURE_PREFIXES)]
    found = members("Figure", names + lists["plotly objects"], plotly.graph_objects.Figure)
    for name, words in found.items():
        # The parameters of `add_scatter` are those of `go.Scatter`; once is enough.
        trace = name.removeprefix("add_").replace("_", "").lower()
        if any(trace == kind.lower() for kind in dir(plotly.graph_objects)) and len(words) > 400:
            found[name] = "(…) Figure"
        elif words.startswith("("):
            found[name] = words[: words.rindex(")") + 1] + ("" if name.startswith("select_") else " Figure")
    found["show"] = "()"
    return found


def express_kinds(names: list[str]) -> dict[str, Any]:
    """For each parameter of Plotly Express: `column`, `columns`, or the words it takes. One that differs between
    functions has an entry of its own, `function.parameter`."""
    seen: dict[str, dict[str, list[str]]] = {}
    for name in names:
        text = getattr(getattr(plotly.express, name, None), "__doc__", None) or ""
        for parameter, kind, prose in re.findall(r"^(\w+): (.*?)\n((?:    .*\n?)+)", text, re.M):
            if kind.startswith("str or int or Series"):
                found: Any = "column"
            elif "list of str or int, or Series" in kind:
                found = "columns"
            elif parameter in CHOICES:
                words = re.findall(r"`'([^'`]*)'`", kind + prose)
                words = [re.sub(r"\s+", " ", word) for word in words] + MORE_CHOICES.get(parameter, [])
                found = [word for word in dict.fromkeys(words) if word not in NOT_CHOICES.get(parameter, ())]
            elif parameter in MORE_CHOICES:
                found = MORE_CHOICES[parameter]
            elif parameter == "color_continuous_scale":
                found = plotly.express.colors.named_colorscales()
            elif parameter == "template":
                found = [word for word in plotly.io.templates if word != "none"] + ["none"]
            else:
                continue
            seen.setdefault(parameter, {}).setdefault(json.dumps(found), []).append(name)
    kinds: dict[str, Any] = {}
    for parameter, variants in sorted(seen.items()):
        common = max(variants, key=lambda variant: len(variants[variant]))
        kinds[parameter] = json.loads(common)
        for variant, functions in variants.items():
            if variant != common:
                kinds.update({f"{function}.{parameter}": json.loads(variant) for function in functions})
    return kinds


def make() -> str:
    """The whole file."""
    lists = read_lists()
    owners: dict[str, dict[str, str]] = {}
    libraries = {"pd": pandas, "np": numpy, "px": plotly.express, "plotly": plotly}
    for title, allowed in lists.items():
        root, *path = title.split(".")
        module: Any = libraries.get(root)
        for part in path:
            module = getattr(module, part, None)
        if module is None:
            continue
        owners[title] = members(title, allowed, module)
        # What has a list of its own is a library below the one it is named in, whatever the library has there.
        if path:
            owners.setdefault(".".join([root, *path[:-1]]), {})[path[-1]] = "module"
    # pandas keeps this one elsewhere than where a script finds it.
    owners["pd.offsets"] = members("pd.offsets", lists["pd.offsets"], pandas.offsets)
    owners["go.layout"] = layout_parts()
    owners["Figure"] = figure(lists)
    colours: dict[str, str] = {}
    for name in lists["px.colors"]:
        palettes = getattr(plotly.express.colors, name, None)
        if isinstance(palettes, types.ModuleType):
            found = [key for key, value in vars(palettes).items() if type(value) is list and not key.startswith("_")]
            colours[f"px.colors.{name}"] = " ".join(sorted(found))
    owners["go"], properties = graph_objects()
    for name, kind in OBJECTS.items():
        owners[name] = members(name, lists["numpy objects" if name in NUMPY_OBJECTS else "pandas objects"], kind)
    for name, kind in PLAIN.items():
        owners[name] = {key: entry(name, key, getattr(kind, key)) for key in dir(kind) if not key.startswith("_")}
    words = {name: entry("", name, getattr(builtins, name)) for name in sorted(lists["builtins"]) if hasattr(builtins, name)}
    words["print"] = "(*values, sep=' ', end='\\n')"
    refused = {"async", "await", "True", "False", "None"}
    names = {
        "made_by": "scripts/names.py",
        "made_from": f"pandas {pandas.__version__}, numpy {numpy.__version__}, plotly {plotly.__version__}",
        "keywords": " ".join(word for word in keyword.kwlist if word not in refused),
        "aggregations": " ".join(sorted(set(lists["aggregations"]))),
        "builtins": words,
        "parameters": express_kinds(sorted(owners["px"])),
        "properties": properties,
        "colours": colours,
        "modules": dict(pair.split("=") for pair in sorted(lists["modules"])),
        "owners": owners,
    }
    return json.dumps(names, ensure_ascii=False, indent=1) + "\n"


def main() -> int:
    """Writes or checks."""
    text = make()
    if "--check" not in sys.argv[1:]:
        OUTPUT.write_text(text, encoding="utf-8")
        return 0
    if OUTPUT.exists() and OUTPUT.read_text(encoding="utf-8") == text:
        return 0
    print("web/src/code/names.json is not what scripts/names.py makes of sandbox/guest/names.txt and the libraries.\n"
          'Write it anew with: "$(scripts/python-env.sh)" scripts/names.py', file=sys.stderr)  # fmt: skip
    return 1


if __name__ == "__main__":
    sys.exit(main())
