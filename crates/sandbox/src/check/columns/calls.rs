//! Methods of frames and groups whose columns are all named by their arguments.

use ruff_python_ast::{Arguments, Expr};

use super::kinds::{Kind, Kinds};

/// Whether a list has the name.
pub(super) fn among(list: &str, name: &str) -> bool {
    list.split_whitespace().any(|word| word == name)
}

/// Attributes of a frame that say nothing of its columns.
pub(super) const PLAIN_ATTRIBUTES: &str = "index empty";

/// Names of what columns, times and texts have but neither frames nor groups, and that columns are often called.
pub(super) const NOT_OF_FRAMES: &str = "category codes column date day days hour kind left length minute month name names quarter right second \
    seconds time timestamp title unit value week year";

/// Methods of a column whose answer is true or false for each row.
pub(super) const GIVES_MASK: &str = "isin between isna isnull notna notnull duplicated contains startswith endswith match fullmatch eq ne lt le \
    gt ge isnumeric isdigit";

/// What may follow `groupby(...)[[..]]`: each column on its own.
pub(super) const BY_COLUMN: &str = "agg aggregate count cummax cummin cumsum first last max mean median min nunique quantile std sum var prod";

/// The value of a keyword.
pub(super) fn keyword<'e>(arguments: &'e Arguments, name: &str) -> Option<&'e Expr> {
    let mut keywords = arguments.keywords.iter();
    let found = keywords.find(|keyword| keyword.arg.as_ref().is_some_and(|arg| arg == name));
    found.map(|keyword| &keyword.value)
}

/// An argument by its place or its name.
pub(super) fn argument<'e>(arguments: &'e Arguments, place: usize, name: &str) -> Option<&'e Expr> {
    arguments
        .args
        .get(place)
        .or_else(|| keyword(arguments, name))
}

/// Every argument is written out.
pub(super) fn written_out(arguments: &Arguments) -> bool {
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
