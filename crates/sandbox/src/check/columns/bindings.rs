//! What each name of a script is given, anywhere in it.
//!
//! Scopes and order are not told apart: a name is what all of its bindings have in common.

use std::collections::{HashMap, HashSet};

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{
    Alias, Comprehension, ExceptHandler, Expr, ExprContext, ExprLambda, Parameter, Pattern, Stmt,
};
use ruff_text_size::{Ranged as _, TextRange};

/// One way in which a name gets its value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Binding<'a> {
    /// The value of an expression.
    Is(&'a Expr),
    /// One of the things in an expression.
    Each(&'a Expr),
    /// The second of each pair in an expression: the rows of a group.
    Second(&'a Expr),
    /// A function's argument that pandas calls with this frame.
    Given(&'a Expr),
    /// What is put into it, if it is a collection of the script's own.
    Put(&'a Expr),
    /// Something else.
    Unknown,
}

/// Methods that put their arguments into a collection.
const PUTS: [&str; 6] = ["append", "extend", "insert", "add", "update", "setdefault"];

/// The name that a chain of items and attributes begins with.
fn root(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Name(name) => Some(&name.id),
        Expr::Subscript(subscript) => root(&subscript.value),
        Expr::Attribute(attribute) => root(&attribute.value),
        _ => None,
    }
}

/// The bindings of a script.
#[derive(Default)]
pub(super) struct Bindings<'a> {
    pub(super) names: HashMap<&'a str, Vec<Binding<'a>>>,
    /// Columns that the script itself makes.
    pub(super) made: HashSet<&'a str>,
    given: HashMap<TextRange, &'a Expr>,
}

/// Collects them.
pub(super) fn of(body: &[Stmt]) -> Bindings<'_> {
    let mut bindings = Bindings::default();
    bindings.visit_body(body);
    bindings
}

/// The one parameter of a function that takes one.
pub(super) fn one_parameter(lambda: &ExprLambda) -> Option<&str> {
    let parameters = lambda.parameters.as_ref()?;
    match (&parameters.args[..], parameters.len()) {
        ([only], 1) if only.default.is_none() => Some(only.parameter.name.as_str()),
        _ => None,
    }
}

impl<'a> Bindings<'a> {
    fn bind(&mut self, name: &'a str, binding: Binding<'a>) {
        self.names.entry(name).or_default().push(binding);
    }

    /// What a loop or a comprehension binds.
    fn each(&mut self, target: &'a Expr, over: &'a Expr) {
        let parts = match target {
            Expr::Name(name) => return self.bind(&name.id, Binding::Each(over)),
            Expr::Tuple(tuple) => &tuple.elts,
            _ => return self.visit_expr(target),
        };
        let together = match over {
            Expr::Call(call) if call.arguments.keywords.is_empty() => match &*call.func {
                Expr::Name(name) if name.id == "zip" => &call.arguments.args[..],
                _ => &[],
            },
            _ => &[],
        };
        for (index, part) in parts.iter().enumerate() {
            match part {
                Expr::Name(name) if together.len() == parts.len() => {
                    let binding = together.get(index).map_or(Binding::Unknown, Binding::Each);
                    self.bind(&name.id, binding);
                }
                Expr::Name(name) if parts.len() == 2 && index == 1 => {
                    self.bind(&name.id, Binding::Second(over));
                }
                Expr::Name(name) => self.bind(&name.id, Binding::Each(over)),
                _ => self.visit_expr(part),
            }
        }
    }

    /// Functions that pandas calls with the frame itself.
    fn give(&mut self, function: &'a Expr, frame: &'a Expr) {
        if let Expr::Lambda(lambda) = function {
            self.given.insert(lambda.range(), frame);
        }
    }
}

impl<'a> Visitor<'a> for Bindings<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Assign(assign) => {
                for target in &assign.targets {
                    if let Expr::Name(name) = target {
                        self.bind(&name.id, Binding::Is(&assign.value));
                    } else {
                        if let Some(name) = root(target) {
                            self.bind(name, Binding::Put(&assign.value));
                        }
                        self.visit_expr(target);
                    }
                }
                return self.visit_expr(&assign.value);
            }
            Stmt::AnnAssign(assign) => {
                if let (Expr::Name(name), Some(value)) = (&*assign.target, &assign.value) {
                    self.bind(&name.id, Binding::Is(value));
                    return self.visit_expr(value);
                }
            }
            Stmt::For(block) => {
                self.each(&block.target, &block.iter);
                self.visit_expr(&block.iter);
                self.visit_body(&block.body);
                return self.visit_body(&block.orelse);
            }
            Stmt::AugAssign(assign) => {
                if let (false, Some(name)) = (assign.target.is_name_expr(), root(&assign.target)) {
                    self.bind(name, Binding::Put(&assign.value));
                }
            }
            Stmt::FunctionDef(function) => self.bind(&function.name, Binding::Unknown),
            Stmt::ClassDef(class) => self.bind(&class.name, Binding::Unknown),
            _ => {}
        }
        visitor::walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Name(name) if name.ctx != ExprContext::Load => {
                self.bind(&name.id, Binding::Unknown);
            }
            Expr::Subscript(subscript) => {
                if let (Expr::StringLiteral(text), true) =
                    (&*subscript.slice, subscript.ctx != ExprContext::Load)
                {
                    self.made.insert(text.value.to_str());
                }
                let (frame, rows) = match (&*subscript.value, &*subscript.slice) {
                    (Expr::Attribute(attribute), Expr::Tuple(parts))
                        if attribute.attr.as_str() == "loc" =>
                    {
                        (&*attribute.value, parts.elts.first())
                    }
                    (Expr::Attribute(attribute), rows) if attribute.attr.as_str() == "loc" => {
                        (&*attribute.value, Some(rows))
                    }
                    (frame, rows) => (frame, Some(rows)),
                };
                if let Some(rows) = rows {
                    self.give(rows, frame);
                }
            }
            Expr::Call(call) => {
                if let Expr::Attribute(attribute) = &*call.func {
                    let arguments = &call.arguments;
                    let values = arguments.keywords.iter().map(|keyword| &keyword.value);
                    if attribute.attr.as_str() == "assign" {
                        values.for_each(|value| self.give(value, &attribute.value));
                        let names = arguments
                            .keywords
                            .iter()
                            .filter_map(|keyword| keyword.arg.as_ref());
                        self.made.extend(names.map(|name| name.as_str()));
                    } else if PUTS.contains(&attribute.attr.as_str())
                        && let Some(name) = root(&attribute.value)
                    {
                        for value in arguments.args.iter().chain(values) {
                            self.bind(name, Binding::Put(value));
                        }
                    }
                }
            }
            Expr::Dict(dict) => {
                // New names of columns, if it is a renaming.
                for item in &dict.items {
                    if let Expr::StringLiteral(text) = &item.value {
                        self.made.insert(text.value.to_str());
                    }
                }
            }
            Expr::Lambda(lambda) => {
                if let (Some(frame), Some(name)) =
                    (self.given.get(&lambda.range()), one_parameter(lambda))
                {
                    self.bind(name, Binding::Given(frame));
                    return self.visit_expr(&lambda.body);
                }
            }
            _ => {}
        }
        visitor::walk_expr(self, expression);
    }

    fn visit_comprehension(&mut self, comprehension: &'a Comprehension) {
        self.each(&comprehension.target, &comprehension.iter);
        self.visit_expr(&comprehension.iter);
        comprehension
            .ifs
            .iter()
            .for_each(|test| self.visit_expr(test));
    }

    fn visit_parameter(&mut self, parameter: &'a Parameter) {
        self.bind(&parameter.name, Binding::Unknown);
    }

    fn visit_alias(&mut self, alias: &'a Alias) {
        let known = matches!(
            (
                alias.name.as_str(),
                alias.asname.as_ref().map(|name| name.as_str())
            ),
            ("plotly.express" | "express", Some("px"))
                | ("plotly.graph_objects" | "graph_objects", Some("go"))
                | ("pandas", Some("pd"))
                | ("numpy", Some("np"))
        );
        if !known {
            let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
            self.bind(name, Binding::Unknown);
        }
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(inner) = handler;
        if let Some(name) = &inner.name {
            self.bind(name, Binding::Unknown);
        }
        visitor::walk_except_handler(self, handler);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        let name = match pattern {
            Pattern::MatchAs(found) => found.name.as_ref(),
            Pattern::MatchStar(found) => found.name.as_ref(),
            Pattern::MatchMapping(found) => found.rest.as_ref(),
            _ => None,
        };
        if let Some(name) = name {
            self.bind(name, Binding::Unknown);
        }
        visitor::walk_pattern(self, pattern);
    }
}
