//! What an expression gives, as far as columns are concerned.

use std::collections::{HashMap, HashSet};

use ruff_python_ast::{Expr, ExprCall, ExprSubscript, Operator, UnaryOp};

use super::super::names;
use super::bindings::{Binding, Bindings, one_parameter};
use super::calls;

/// What an expression gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The frame, or rows of it: any column can be reached from it.
    Frame,
    /// The frame by groups, the same.
    Group,
    /// Words and numbers that stand in the script, however nested.
    Text,
    /// Something made of columns that are named.
    Data,
    /// The same, and surely a choice of rows.
    Mask,
    /// Anything else.
    Other,
}

/// Rounds after which names that depend on each other are given up.
const ROUNDS_MAX: usize = 40;

/// The kinds of a script's names.
pub(super) struct Kinds<'a> {
    names: HashMap<&'a str, Kind>,
    columns: HashSet<&'a str>,
    /// Columns that the script makes.
    pub(super) made: &'a HashSet<&'a str>,
    pub(super) bindings: &'a Bindings<'a>,
}

impl<'a> Kinds<'a> {
    /// None when `df` is not always the frame.
    pub(super) fn of(bindings: &'a Bindings<'a>, columns: &[&'a str]) -> Option<Self> {
        let mut kinds = Self {
            names: HashMap::from([("df", Kind::Frame)]),
            columns: columns.iter().copied().collect(),
            made: &bindings.made,
            bindings,
        };
        for _ in 0..ROUNDS_MAX {
            let mut changed = false;
            for (name, ways) in &bindings.names {
                let before = kinds.names.get(name).copied();
                let found = ways.iter().filter_map(|way| kinds.binding(*way, before));
                let after = found.chain(before).reduce(join);
                if let Some(after) = after
                    && Some(after) != before
                {
                    kinds.names.insert(name, after);
                    changed = true;
                }
            }
            if !changed {
                return (kinds.names.get("df") == Some(&Kind::Frame)).then_some(kinds);
            }
        }
        None
    }

    fn binding(&self, binding: Binding<'_>, now: Option<Kind>) -> Option<Kind> {
        match binding {
            // Words that are put together elsewhere; what a frame is given are columns, and they are named.
            Binding::Put(value) => match (now?, self.kind(value)?) {
                (Kind::Text, Kind::Text) => Some(Kind::Text),
                (Kind::Text, _) => Some(Kind::Other),
                (other, _) => Some(other),
            },
            Binding::Is(value) => self.kind(value),
            Binding::Each(value) => self.kind(value).map(|kind| match kind {
                Kind::Text => Kind::Text,
                _ => Kind::Other,
            }),
            Binding::Second(value) => self.kind(value).map(|kind| match kind {
                Kind::Text => Kind::Text,
                Kind::Group => Kind::Frame,
                _ => Kind::Other,
            }),
            Binding::Given(frame) => self.kind(frame).map(|kind| match kind {
                Kind::Frame => Kind::Frame,
                _ => Kind::Other,
            }),
            Binding::Unknown => Some(Kind::Other),
        }
    }

    /// Whether the name always stands for the frame.
    pub(super) fn is_frame(&self, name: &str) -> bool {
        self.names.get(name) == Some(&Kind::Frame)
    }

    /// Whether the script gives the name to something.
    pub(super) fn bound(&self, name: &str) -> bool {
        self.bindings.names.contains_key(name)
    }

    /// Whether the name is that of a library or a built-in function.
    pub(super) fn is_global(&self, expression: &Expr, name: &str) -> bool {
        matches!(expression, Expr::Name(found) if found.id == name && !self.bound(name))
    }

    /// Whether the table has the column, or the script makes it.
    pub(super) fn known(&self, name: &str) -> bool {
        self.columns.contains(name) || self.made.contains(name)
    }

    /// A column that can be read as an attribute: pandas gives the method where there is one of that name.
    pub(super) fn attribute(&self, name: &str) -> bool {
        let method = names::listed("pandas objects", name) != Some(false);
        self.known(name) && (!method || calls::among(calls::NOT_OF_FRAMES, name))
    }

    /// None while it depends on names not yet known.
    pub(super) fn kind(&self, expression: &Expr) -> Option<Kind> {
        Some(match expression {
            Expr::Name(name) => match self.names.get(name.id.as_str()) {
                Some(kind) => *kind,
                None if self.bound(&name.id) => return None,
                None => Kind::Other,
            },
            Expr::StringLiteral(_)
            | Expr::BytesLiteral(_)
            | Expr::NumberLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
            | Expr::EllipsisLiteral(_) => Kind::Text,
            Expr::List(list) => self.all_text(&list.elts)?,
            Expr::Tuple(tuple) => self.all_text(&tuple.elts)?,
            Expr::Set(set) => self.all_text(&set.elts)?,
            Expr::Dict(dict) => {
                let keys: Option<Vec<&Expr>> =
                    dict.items.iter().map(|item| item.key.as_ref()).collect();
                match keys {
                    Some(keys) => self.all_text(
                        keys.into_iter()
                            .chain(dict.items.iter().map(|item| &item.value)),
                    )?,
                    None => Kind::Other,
                }
            }
            Expr::If(choice) => join(self.kind(&choice.body)?, self.kind(&choice.orelse)?),
            Expr::Subscript(subscript) => self.subscript(subscript)?,
            Expr::Attribute(attribute) => match self.kind(&attribute.value)? {
                Kind::Frame | Kind::Group if self.attribute(&attribute.attr) => Kind::Data,
                Kind::Frame if calls::among(calls::PLAIN_ATTRIBUTES, &attribute.attr) => Kind::Data,
                Kind::Data | Kind::Mask => Kind::Data,
                _ => Kind::Other,
            },
            Expr::Call(call) => self.call(call)?,
            Expr::Compare(compare) => {
                let kinds: Option<Vec<Kind>> = std::iter::once(&*compare.left)
                    .chain(&compare.comparators)
                    .map(|part| self.kind(part))
                    .collect();
                match kinds?.contains(&Kind::Data) {
                    true => Kind::Mask,
                    false => Kind::Other,
                }
            }
            Expr::BinOp(operation) => {
                let parts = [self.kind(&operation.left)?, self.kind(&operation.right)?];
                let data = parts
                    .iter()
                    .all(|kind| matches!(kind, Kind::Data | Kind::Mask));
                let logic = matches!(
                    operation.op,
                    Operator::BitAnd | Operator::BitOr | Operator::BitXor
                );
                if data && logic && parts.contains(&Kind::Mask) {
                    Kind::Mask
                } else if parts
                    .iter()
                    .any(|kind| matches!(kind, Kind::Data | Kind::Mask))
                {
                    Kind::Data
                } else {
                    Kind::Other
                }
            }
            Expr::UnaryOp(operation) => match (operation.op, self.kind(&operation.operand)?) {
                (UnaryOp::Invert, Kind::Data | Kind::Mask) => Kind::Mask,
                (UnaryOp::USub | UnaryOp::UAdd, kind @ (Kind::Data | Kind::Text)) => kind,
                _ => Kind::Other,
            },
            _ => Kind::Other,
        })
    }

    fn all_text<'e>(&self, parts: impl IntoIterator<Item = &'e Expr>) -> Option<Kind> {
        for part in parts {
            if self.kind(part)? != Kind::Text {
                return Some(Kind::Other);
            }
        }
        Some(Kind::Text)
    }

    fn subscript(&self, subscript: &ExprSubscript) -> Option<Kind> {
        let index = &*subscript.slice;
        if let Expr::Attribute(attribute) = &*subscript.value
            && self.kind(&attribute.value)? == Kind::Frame
        {
            return self.located(&attribute.attr, index);
        }
        Some(match self.kind(&subscript.value)? {
            Kind::Frame => match self.kind(index)? {
                Kind::Text => Kind::Data,
                _ if self.chooses_rows(index)? => Kind::Frame,
                _ => Kind::Other,
            },
            Kind::Group if matches!(index, Expr::StringLiteral(_)) => Kind::Data,
            Kind::Text => Kind::Text,
            Kind::Data | Kind::Mask => Kind::Data,
            _ => Kind::Other,
        })
    }

    /// `df.loc[...]` and its like.
    fn located(&self, indexer: &str, index: &Expr) -> Option<Kind> {
        Some(match (indexer, index) {
            ("loc" | "at", Expr::Tuple(parts)) => match &parts.elts[..] {
                [_, columns] if self.kind(columns)? == Kind::Text => Kind::Data,
                [rows, Expr::Slice(all)]
                    if all.lower.is_none() && all.upper.is_none() && self.chooses_rows(rows)? =>
                {
                    Kind::Frame
                }
                _ => Kind::Other,
            },
            ("loc", rows) if self.chooses_rows(rows)? => Kind::Frame,
            ("iloc", Expr::Slice(_)) => Kind::Frame,
            ("shape", Expr::NumberLiteral(_)) => Kind::Data,
            _ => match self.attribute(indexer) {
                true => Kind::Data,
                false => Kind::Other,
            },
        })
    }

    /// Rows and not columns, for certain.
    fn chooses_rows(&self, index: &Expr) -> Option<bool> {
        Some(match index {
            Expr::Slice(_) => true,
            Expr::Lambda(lambda) => one_parameter(lambda).is_some(),
            _ => self.kind(index)? == Kind::Mask,
        })
    }

    fn call(&self, call: &ExprCall) -> Option<Kind> {
        match &*call.func {
            Expr::Attribute(function) => {
                let name = function.attr.as_str();
                if let Expr::Name(library) = &*function.value
                    && !self.bound(&library.id)
                    && library.id != "df"
                {
                    return self.library(&library.id, name, call);
                }
                Some(match self.kind(&function.value)? {
                    Kind::Frame => calls::of_frame(self, name, &call.arguments)?,
                    Kind::Group => calls::of_group(name, &call.arguments),
                    Kind::Data | Kind::Mask if calls::among(calls::GIVES_MASK, name) => Kind::Mask,
                    Kind::Data | Kind::Mask => Kind::Data,
                    Kind::Text if matches!(name, "items" | "keys" | "values") => Kind::Text,
                    _ => Kind::Other,
                })
            }
            Expr::Name(name) if !self.bound(&name.id) => match name.id.as_str() {
                "len" => Some(Kind::Data),
                "list" | "tuple" | "set" | "sorted" | "reversed" | "enumerate" | "zip" | "dict"
                | "range" => self.all_arguments_text(call),
                _ => Some(Kind::Other),
            },
            _ => Some(Kind::Other),
        }
    }

    fn library(&self, library: &str, name: &str, call: &ExprCall) -> Option<Kind> {
        match (library, name) {
            ("px", "Constant" | "Range") => self.all_arguments_text(call),
            ("np" | "pd", _) => {
                for argument in &call.arguments.args {
                    if matches!(self.kind(argument)?, Kind::Data | Kind::Mask) {
                        return Some(Kind::Data);
                    }
                }
                Some(Kind::Other)
            }
            _ => Some(Kind::Other),
        }
    }

    pub(super) fn all_arguments_text(&self, call: &ExprCall) -> Option<Kind> {
        let keywords = call.arguments.keywords.iter();
        if keywords.clone().any(|keyword| keyword.arg.is_none()) {
            return Some(Kind::Other);
        }
        self.all_text(
            call.arguments
                .args
                .iter()
                .chain(keywords.map(|keyword| &keyword.value)),
        )
    }
}

/// What is common to both.
fn join(one: Kind, other: Kind) -> Kind {
    match (one, other) {
        (one, other) if one == other => one,
        (Kind::Mask, Kind::Data) | (Kind::Data, Kind::Mask) => Kind::Data,
        _ => Kind::Other,
    }
}
