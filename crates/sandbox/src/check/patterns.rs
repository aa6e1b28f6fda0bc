//! The patterns of `match`. A pattern compares with literals and reads attributes of the script's own objects; what it
//! would read past the guard is refused.

use ruff_python_ast::{Expr, Pattern};
use ruff_text_size::{Ranged as _, TextRange};

use super::names::INTROSPECTION;
use super::reader::Reader;

impl Reader<'_> {
    /// One pattern, without those inside it.
    pub(super) fn pattern(&mut self, pattern: &Pattern) {
        let name = match pattern {
            Pattern::MatchAs(inner) => inner.name.as_ref(),
            Pattern::MatchStar(inner) => inner.name.as_ref(),
            Pattern::MatchMapping(inner) => {
                inner.keys.iter().for_each(|key| self.literal(key));
                inner.rest.as_ref()
            }
            Pattern::MatchValue(inner) => {
                self.literal(&inner.value);
                None
            }
            Pattern::MatchClass(inner) => {
                for keyword in &inner.arguments.keywords {
                    let name = keyword.attr.as_str();
                    self.own_name(keyword.attr.range(), name);
                    if INTROSPECTION.contains(&name) {
                        self.refuse(
                            keyword.attr.range(),
                            format!("`{name}` is not available in Code Mode."),
                        );
                    }
                }
                None
            }
            Pattern::MatchSingleton(_) | Pattern::MatchSequence(_) | Pattern::MatchOr(_) => None,
        };
        if let Some(name) = name {
            self.own_name(name.range(), name);
        }
    }

    fn literal(&mut self, value: &Expr) {
        if !is_literal(value, 4) {
            self.refuse(
                value.range(),
                "A pattern is a literal in Code Mode; compare other values with `if`.".to_owned(),
            );
        }
    }

    /// `def f[T](x)` binds names that nothing else looks at.
    pub(super) fn refuse_type_parameters(&mut self, range: TextRange) {
        self.refuse(
            range,
            "Type parameters are not available in Code Mode.".to_owned(),
        );
    }
}

/// A number, text or constant, or a complex number written as a sum.
fn is_literal(value: &Expr, depth: u8) -> bool {
    match value {
        Expr::UnaryOp(inner) => depth > 0 && is_literal(&inner.operand, depth - 1),
        Expr::BinOp(inner) => {
            depth > 0 && is_literal(&inner.left, depth - 1) && is_literal(&inner.right, depth - 1)
        }
        _ => value.is_literal_expr(),
    }
}
