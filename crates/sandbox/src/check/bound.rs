//! The names that a script gives to things of its own: a variable `signal` or a loop over `code` is ordinary.

use std::collections::HashSet;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{ExceptHandler, Expr, ExprContext, Parameter, Pattern, Stmt};

/// Depth past which the walk that collects names stops; the reader has refused such a script by then.
const BOUND_DEPTH_MAX: usize = 2_000;

/// Names that the script gives to things of its own, imports left out.
#[derive(Default)]
pub(super) struct Bound<'a> {
    names: HashSet<&'a str>,
    depth: usize,
}

impl Bound<'_> {
    /// Whether the script gives `name` to something.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }
}

impl<'a> Visitor<'a> for Bound<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(function) => drop(self.names.insert(&function.name)),
            Stmt::ClassDef(class) => drop(self.names.insert(&class.name)),
            _ => {}
        }
        visitor::walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Expr::Name(name) = expression
            && name.ctx != ExprContext::Load
        {
            self.names.insert(&name.id);
        }
        self.depth += 1;
        if self.depth < BOUND_DEPTH_MAX {
            visitor::walk_expr(self, expression);
        }
        self.depth -= 1;
    }

    fn visit_parameter(&mut self, parameter: &'a Parameter) {
        self.names.insert(&parameter.name);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        let name = match pattern {
            Pattern::MatchAs(inner) => inner.name.as_ref(),
            Pattern::MatchStar(inner) => inner.name.as_ref(),
            Pattern::MatchMapping(inner) => inner.rest.as_ref(),
            _ => None,
        };
        self.names.extend(name.map(|name| name.as_str()));
        self.depth += 1;
        if self.depth < BOUND_DEPTH_MAX {
            visitor::walk_pattern(self, pattern);
        }
        self.depth -= 1;
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(inner) = handler;
        if let Some(name) = &inner.name {
            self.names.insert(name);
        }
        visitor::walk_except_handler(self, handler);
    }
}
