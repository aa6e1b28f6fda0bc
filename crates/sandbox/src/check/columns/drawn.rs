//! Functions of Plotly Express that are given the frame and take named columns only.

use ruff_python_ast::{Arguments, Expr};

use super::calls::{among, argument, keyword, written_out};
use super::kinds::{Kind, Kinds};

/// Arguments of Plotly Express that name columns.
pub(super) const COLUMN_ARGUMENTS: &str = "a animation_frame animation_group b base c color custom_data dimensions error_x error_x_minus error_y \
    error_y_minus error_z error_z_minus facet_col facet_row hover_data hover_name ids lat line_dash line_group \
    locations lon names parents path pattern_shape r size symbol text theta values x x_end x_start y z";

/// Arguments of Plotly Express that say how it looks.
const FREE_ARGUMENTS: &str = "barmode barnorm basemap_visible box boxmode branchvalues category_orders center color_continuous_midpoint \
    color_continuous_scale color_discrete_map color_discrete_sequence cumulative dimensions_max_cardinality \
    direction ecdfmode ecdfnorm facet_col_spacing facet_col_wrap facet_row_spacing featureidkey fitbounds \
    geojson groupnorm height histfunc histnorm hole labels line_close line_dash_map line_dash_sequence \
    line_shape lines locationmode log_r log_x log_y log_z map_style marginal marginal_x marginal_y markers \
    maxdepth nbins nbinsx nbinsy notched opacity orientation pattern_shape_map pattern_shape_sequence points \
    projection radius range_color range_r range_theta range_x range_y range_z render_mode scope size_max \
    start_angle stripmode subtitle symbol_map symbol_sequence template text_auto title trendline \
    trendline_color_override trendline_options trendline_scope violinmode width zoom";

/// Functions that take every column when none is named for `x` and `y`.
const WIDE: &str =
    "area bar box density_contour density_heatmap ecdf funnel histogram line scatter strip violin";
/// Functions that take every column when no `dimensions` are named.
const DIMENSIONS: &str = "parallel_categories parallel_coordinates scatter_matrix";
/// Functions that take the frame and name its columns; `imshow` does not.
const DRAWS: &str = "bar_polar choropleth choropleth_map density_map funnel_area icicle line_3d line_geo line_map line_polar \
    line_ternary pie scatter_3d scatter_geo scatter_map scatter_polar scatter_ternary sunburst timeline treemap";

/// The frame that a function of Plotly Express is given.
pub(super) fn frame(arguments: &Arguments) -> Option<&Expr> {
    argument(arguments, 0, "data_frame")
}

/// Whether a function of Plotly Express that is given the frame takes named columns only.
pub(super) fn names_columns(kinds: &Kinds<'_>, name: &str, arguments: &Arguments) -> bool {
    let named = |value: &Expr| kinds.names_columns(value) == Some(true) || all_named(kinds, value);
    let given = |value: Option<&Expr>| value.is_some_and(|value| !value.is_none_literal_expr());
    let places = match keyword(arguments, "data_frame") {
        Some(_) => &arguments.args[..],
        None => arguments.args.get(1..).unwrap_or_default(),
    };
    let enough = match name {
        _ if among(WIDE, name) => {
            given(places.first())
                || given(keyword(arguments, "x"))
                || given(keyword(arguments, "y"))
        }
        _ if among(DIMENSIONS, name) => keyword(arguments, "dimensions")
            .is_some_and(|value| kinds.kind(value) == Some(Kind::Text)),
        _ => among(DRAWS, name),
    };
    enough
        && written_out(arguments)
        && places
            .iter()
            .all(|value| named(value) && words_known(kinds, value))
        && arguments.keywords.iter().all(|keyword| {
            match keyword.arg.as_ref().map(|arg| arg.as_str()) {
                Some("data_frame") => true,
                Some(arg) if among(COLUMN_ARGUMENTS, arg) => {
                    named(&keyword.value) && words_known(kinds, &keyword.value)
                }
                Some(arg) => among(FREE_ARGUMENTS, arg),
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
