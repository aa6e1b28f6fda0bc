//! Judgements on single arguments.

use ruff_python_ast::Expr;

use super::bindings::Binding;
use super::kinds::{Kind, Kinds};

impl Kinds<'_> {
    /// Whether this names columns, or is one itself, and nothing that is put together.
    pub(super) fn names_columns(&self, expression: &Expr) -> Option<bool> {
        Some(match expression {
            Expr::List(list) => self.each_names_columns(&list.elts)?,
            Expr::Tuple(tuple) => self.each_names_columns(&tuple.elts)?,
            Expr::Call(call) => match &*call.func {
                Expr::Attribute(function)
                    if self.is_global(&function.value, "pd")
                        && function.attr.as_str() == "Grouper" =>
                {
                    self.all_arguments_text(call)? == Kind::Text
                }
                _ => matches!(self.kind(expression)?, Kind::Text | Kind::Data | Kind::Mask),
            },
            _ => matches!(self.kind(expression)?, Kind::Text | Kind::Data | Kind::Mask),
        })
    }

    fn each_names_columns(&self, parts: &[Expr]) -> Option<bool> {
        for part in parts {
            if !self.names_columns(part)? {
                return Some(false);
            }
        }
        Some(true)
    }

    /// Whether this is surely no function: pandas would call one with the whole frame.
    pub(super) fn no_function(&self, expression: &Expr) -> bool {
        match expression {
            Expr::Lambda(_) => false,
            Expr::Name(name) => self
                .bindings
                .names
                .get(name.id.as_str())
                .is_some_and(|ways| {
                    ways.iter().all(|way| match way {
                        Binding::Is(value) => {
                            !matches!(value, Expr::Lambda(_) | Expr::Name(_) | Expr::Attribute(_))
                        }
                        Binding::Each(_) | Binding::Second(_) | Binding::Put(_) => true,
                        Binding::Given(_) | Binding::Unknown => false,
                    })
                }),
            Expr::Attribute(_) => matches!(self.kind(expression), Some(Kind::Data | Kind::Mask)),
            _ => true,
        }
    }
}
