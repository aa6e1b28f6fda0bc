"""What the guard says when it refuses: one exception, and the sentences that name what to use instead."""

from __future__ import annotations


# Every refusal of this run that nothing of ours has taken back.
SEEN: list[RunRefused] = []


# A script may not catch a refusal and carry on probing: `except Exception` does not reach it, and one that a `finally`
# or an `__exit__` swallowed is remembered, so that the run is refused all the same.
class RunRefused(BaseException):
    """A refusal on its way out of the script."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        SEEN.append(self)


def forget(refused: RunRefused) -> None:
    """For a question that a refusal answers, such as `hasattr`."""
    SEEN[:] = [seen for seen in SEEN if seen is not refused]


def swallowed() -> None:
    """Raises the first refusal that the script did not let through."""
    if SEEN:
        raise SEEN[0]


INSTEAD = {
    "plot": "use px or go to draw",
    "hist": "use px.histogram",
    "boxplot": "use px.box",
    "style": "use go.Table, or a table component",
    "read_csv": "the data is already here as df",
    "write_html": "the figure in `fig` is shown by itself",
    "write_image": "use the camera button of the figure",
    "to_csv": "leave the table in the dashboard and export it there",
    "options": "use pd.set_option",
    "defaults": "pass template= or color_discrete_sequence= to the function",
    "data": "use df",
    "os": "Code Mode has no files and no environment",
    "col": "use a lambda in assign",
    "read": "the data is already here as df",
    "to_json": "use to_dict",
    "to_html": "use print, or go.Table",
    "to_markdown": "use print, or go.Table",
    "to_excel": "leave the table in the dashboard and export it there",
    "to_parquet": "leave the table in the dashboard and export it there",
    "write_json": "the figure in `fig` is shown by itself",
    "to_image": "use the camera button of the figure",
    "plotting": "use px.scatter_matrix or px.parallel_coordinates",
    "eval": "use df.eval",
    "loadtxt": "the data is already here as df",
    "genfromtxt": "the data is already here as df",
    "NaN": "use np.nan",
    "NAN": "use np.nan",
    "Inf": "use np.inf",
    "float_": "use np.float64",
    "trapz": "use np.trapezoid",
    "in1d": "use np.isin",
    "product": "use np.prod",
    "cumproduct": "use np.cumprod",
    "matrix": "use np.array and @",
    "nditer": "use a loop, or np.ndenumerate",
    "testing": "use assert np.allclose(...)",
    "scatter_mapbox": "use px.scatter_map",
    "line_mapbox": "use px.line_map",
    "density_mapbox": "use px.density_map",
    "choropleth_mapbox": "use px.choropleth_map",
    "FigureWidget": "use go.Figure",
}


def instead(name: str) -> str:
    """`"; use ..."` for a name that people try, or nothing."""
    hint = INSTEAD.get(name) or (INSTEAD["read"] if name.startswith("read_") else "")
    return f"; {hint}" if hint else ""


def refuse(name: str, where: str) -> RunRefused:
    """The refusal of one name on one kind of thing."""
    return RunRefused(f"`{name}` of {where} is not available in Code Mode{instead(name)}.")
