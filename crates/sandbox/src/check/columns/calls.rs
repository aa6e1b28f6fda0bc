//! Methods of frames and groups whose columns are all named by their arguments, and those of Plotly Express.

use ruff_python_ast::{Arguments, Expr};

use super::kinds::{Kind, Kinds};

/// Attributes of a frame that say nothing of its columns.
pub(super) const PLAIN_ATTRIBUTES: [&str; 2] = ["index", "empty"];

/// Names of what columns, times and texts have but neither frames nor groups, and that columns are often called.
pub(super) const NOT_OF_FRAMES: [&str; 25] = [
    "category",
    "codes",
    "column",
    "date",
    "day",
    "days",
    "hour",
    "kind",
    "left",
    "length",
    "minute",
    "month",
    "name",
    "names",
    "quarter",
    "right",
    "second",
    "seconds",
    "time",
    "timestamp",
    "title",
    "unit",
    "value",
    "week",
    "year",
];

/// Methods of a column whose answer is true or false for each row.
pub(super) const GIVES_MASK: [&str; 20] = [
    "isin",
    "between",
    "isna",
    "isnull",
    "notna",
    "notnull",
    "duplicated",
    "contains",
    "startswith",
    "endswith",
    "match",
    "fullmatch",
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
    "isnumeric",
    "isdigit",
];

/// What may follow `groupby(...)[[..]]`: each column on its own.
pub(super) const BY_COLUMN: [&str; 18] = [
    "agg",
    "aggregate",
    "count",
    "cummax",
    "cummin",
    "cumsum",
    "first",
    "last",
    "max",
    "mean",
    "median",
    "min",
    "nunique",
    "quantile",
    "std",
    "sum",
    "var",
    "prod",
];

/// Arguments of Plotly Express that name columns.
pub(super) const COLUMN_ARGUMENTS: [&str; 40] = [
    "a",
    "animation_frame",
    "animation_group",
    "b",
    "base",
    "c",
    "color",
    "custom_data",
    "dimensions",
    "error_x",
    "error_x_minus",
    "error_y",
    "error_y_minus",
    "error_z",
    "error_z_minus",
    "facet_col",
    "facet_row",
    "hover_data",
    "hover_name",
    "ids",
    "lat",
    "line_dash",
    "line_group",
    "locations",
    "lon",
    "names",
    "parents",
    "path",
    "pattern_shape",
    "r",
    "size",
    "symbol",
    "text",
    "theta",
    "values",
    "x",
    "x_end",
    "x_start",
    "y",
    "z",
];

/// Arguments of Plotly Express that say how it looks.
const FREE_ARGUMENTS: [&str; 80] = [
    "barmode",
    "barnorm",
    "basemap_visible",
    "box",
    "boxmode",
    "branchvalues",
    "category_orders",
    "center",
    "color_continuous_midpoint",
    "color_continuous_scale",
    "color_discrete_map",
    "color_discrete_sequence",
    "cumulative",
    "dimensions_max_cardinality",
    "direction",
    "ecdfmode",
    "ecdfnorm",
    "facet_col_spacing",
    "facet_col_wrap",
    "facet_row_spacing",
    "featureidkey",
    "fitbounds",
    "geojson",
    "groupnorm",
    "height",
    "histfunc",
    "histnorm",
    "hole",
    "labels",
    "line_close",
    "line_dash_map",
    "line_dash_sequence",
    "line_shape",
    "lines",
    "locationmode",
    "log_r",
    "log_x",
    "log_y",
    "log_z",
    "map_style",
    "marginal",
    "marginal_x",
    "marginal_y",
    "markers",
    "maxdepth",
    "nbins",
    "nbinsx",
    "nbinsy",
    "notched",
    "opacity",
    "orientation",
    "pattern_shape_map",
    "pattern_shape_sequence",
    "points",
    "projection",
    "radius",
    "range_color",
    "range_r",
    "range_theta",
    "range_x",
    "range_y",
    "range_z",
    "render_mode",
    "scope",
    "size_max",
    "start_angle",
    "stripmode",
    "subtitle",
    "symbol_map",
    "symbol_sequence",
    "template",
    "text_auto",
    "title",
    "trendline",
    "trendline_color_override",
    "trendline_options",
    "trendline_scope",
    "violinmode",
    "width",
    "zoom",
];

/// Functions that take every column when none is named for `x` and `y`.
const WIDE: [&str; 12] = [
    "area",
    "bar",
    "box",
    "density_contour",
    "density_heatmap",
    "ecdf",
    "funnel",
    "histogram",
    "line",
    "scatter",
    "strip",
    "violin",
];
/// Functions that take every column when no `dimensions` are named.
const DIMENSIONS: [&str; 3] = [
    "parallel_categories",
    "parallel_coordinates",
    "scatter_matrix",
];
/// Functions that take the frame and name its columns; `imshow` does not.
const DRAWS: [&str; 20] = [
    "bar_polar",
    "choropleth",
    "choropleth_map",
    "density_map",
    "funnel_area",
    "icicle",
    "line_3d",
    "line_geo",
    "line_map",
    "line_polar",
    "line_ternary",
    "pie",
    "scatter_3d",
    "scatter_geo",
    "scatter_map",
    "scatter_polar",
    "scatter_ternary",
    "sunburst",
    "timeline",
    "treemap",
];

/// The value of a keyword.
fn keyword<'e>(arguments: &'e Arguments, name: &str) -> Option<&'e Expr> {
    let mut keywords = arguments.keywords.iter();
    let found = keywords.find(|keyword| keyword.arg.as_ref().is_some_and(|arg| arg == name));
    found.map(|keyword| &keyword.value)
}

/// An argument by its place or its name.
fn argument<'e>(arguments: &'e Arguments, place: usize, name: &str) -> Option<&'e Expr> {
    arguments
        .args
        .get(place)
        .or_else(|| keyword(arguments, name))
}

/// Every argument is written out.
fn written_out(arguments: &Arguments) -> bool {
    !arguments.args.iter().any(Expr::is_starred_expr)
        && arguments
            .keywords
            .iter()
            .all(|keyword| keyword.arg.is_some())
}

/// What a method of a frame gives: rows of it, a group, named columns, or something that is not known to be safe.
/// None while it depends on names not yet known.
pub(super) fn of_frame(kinds: &Kinds<'_>, name: &str, arguments: &Arguments) -> Option<Kind> {
    let positional = arguments.args.len();
    if !written_out(arguments) || (keyword(arguments, "axis").is_some() && name != "drop") {
        return Some(Kind::Other);
    }
    let text = |value: Option<&Expr>| match value {
        Some(value) => kinds.kind(value).map(|kind| kind == Kind::Text),
        None => Some(false),
    };
    let all_text = || {
        let values = arguments.keywords.iter().map(|keyword| &keyword.value);
        let mut kinds = arguments
            .args
            .iter()
            .chain(values)
            .map(|value| kinds.kind(value));
        kinds.try_fold(true, |all, kind| kind.map(|kind| all && kind == Kind::Text))
    };
    let frame = |safe: bool| if safe { Kind::Frame } else { Kind::Other };
    let data = |safe: bool| if safe { Kind::Data } else { Kind::Other };
    Some(match name {
        "head" | "tail" => frame(true),
        "copy" => frame(all_text()?),
        "sample" => frame(positional <= 3),
        "sort_values" => frame(positional <= 1 && text(argument(arguments, 0, "by"))?),
        "dropna" => frame(positional == 0 && text(keyword(arguments, "subset"))?),
        "drop_duplicates" => frame(positional <= 1 && text(argument(arguments, 0, "subset"))?),
        "nlargest" | "nsmallest" => frame(text(argument(arguments, 1, "columns"))?),
        "set_index" | "reset_index" | "drop" | "explode" => frame(all_text()?),
        "rename" => frame(
            positional == 0
                && keyword(arguments, "columns").is_some_and(Expr::is_dict_expr)
                && all_text()?,
        ),
        "fillna" | "astype" => frame(arguments.args.first().is_some_and(Expr::is_dict_expr)),
        "assign" => frame(
            positional == 0
                && arguments
                    .keywords
                    .iter()
                    .all(|keyword| match &keyword.value {
                        Expr::Lambda(lambda) => super::bindings::one_parameter(lambda).is_some(),
                        value => kinds.no_function(value),
                    }),
        ),
        "groupby" => match argument(arguments, 0, "by") {
            Some(keys) if positional <= 1 && kinds.names_columns(keys)? => Kind::Group,
            _ => Kind::Other,
        },
        "resample" if all_text()? => Kind::Group,
        "value_counts" => data(text(argument(arguments, 0, "subset"))?),
        "melt" => data(
            text(argument(arguments, 0, "id_vars"))? && text(argument(arguments, 1, "value_vars"))?,
        ),
        "pivot_table" | "pivot" => data(
            positional == 0
                && text(keyword(arguments, "index"))?
                && text(keyword(arguments, "columns"))?
                && text(keyword(arguments, "values"))?,
        ),
        _ => Kind::Other,
    })
}

/// The same for a group.
pub(super) fn of_group(name: &str, arguments: &Arguments) -> Kind {
    if !written_out(arguments) {
        return Kind::Other;
    }
    match name {
        "size" | "ngroup" | "cumcount" => Kind::Data,
        "head" | "tail" | "get_group" => Kind::Frame,
        "agg" | "aggregate" if by_name(arguments) => Kind::Data,
        _ => Kind::Other,
    }
}

/// `agg(mean=("mass", "mean"))` or `agg({"mass": "mean"})`: each column is named.
fn by_name(arguments: &Arguments) -> bool {
    let named = |value: &Expr| match value {
        Expr::Tuple(pair) => pair.elts.first().is_some_and(Expr::is_string_literal_expr),
        _ => false,
    };
    match &arguments.args[..] {
        [] => {
            !arguments.keywords.is_empty()
                && arguments
                    .keywords
                    .iter()
                    .all(|keyword| named(&keyword.value))
        }
        [Expr::Dict(dict)] => {
            arguments.keywords.is_empty()
                && !dict.items.is_empty()
                && dict
                    .items
                    .iter()
                    .all(|item| item.key.as_ref().is_some_and(Expr::is_string_literal_expr))
        }
        _ => false,
    }
}

/// The frame that a function of Plotly Express is given.
pub(super) fn drawn_frame(arguments: &Arguments) -> Option<&Expr> {
    argument(arguments, 0, "data_frame")
}

/// Whether a function of Plotly Express that is given the frame takes named columns only.
pub(super) fn draws_named_columns(kinds: &Kinds<'_>, name: &str, arguments: &Arguments) -> bool {
    let named = |value: &Expr| kinds.names_columns(value) == Some(true) || all_named(kinds, value);
    let given = |value: Option<&Expr>| value.is_some_and(|value| !value.is_none_literal_expr());
    let places = match keyword(arguments, "data_frame") {
        Some(_) => &arguments.args[..],
        None => arguments.args.get(1..).unwrap_or_default(),
    };
    let enough = match name {
        _ if WIDE.contains(&name) => {
            given(places.first())
                || given(keyword(arguments, "x"))
                || given(keyword(arguments, "y"))
        }
        _ if DIMENSIONS.contains(&name) => keyword(arguments, "dimensions")
            .is_some_and(|value| kinds.kind(value) == Some(Kind::Text)),
        _ => DRAWS.contains(&name),
    };
    enough
        && written_out(arguments)
        && places
            .iter()
            .all(|value| named(value) && words_known(kinds, value))
        && arguments.keywords.iter().all(|keyword| {
            match keyword.arg.as_ref().map(|arg| arg.as_str()) {
                Some("data_frame") => true,
                Some(arg) if COLUMN_ARGUMENTS.contains(&arg) => {
                    named(&keyword.value) && words_known(kinds, &keyword.value)
                }
                Some(arg) => FREE_ARGUMENTS.contains(&arg),
                None => false,
            }
        })
}

/// A dictionary of columns, as `hover_data` takes.
fn all_named(kinds: &Kinds<'_>, value: &Expr) -> bool {
    match value {
        Expr::Dict(dict) => dict.items.iter().all(|item| {
            item.key.as_ref().is_some_and(Expr::is_string_literal_expr)
                && kinds.names_columns(&item.value) == Some(true)
        }),
        _ => false,
    }
}

/// A word that is no column is an error whose message lists the columns there are: that list must be whole.
fn words_known(kinds: &Kinds<'_>, value: &Expr) -> bool {
    match value {
        Expr::StringLiteral(text) => kinds.known(text.value.to_str()),
        Expr::List(list) => list.elts.iter().all(|part| words_known(kinds, part)),
        _ => true,
    }
}
