//! Walks a script's syntax tree and notes what is refused.

use std::collections::HashMap;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{ExceptHandler, Expr, ExprContext, Parameter, Pattern, Stmt};
use ruff_text_size::{Ranged as _, TextRange};

use super::bound::Bound;
use super::names::{self, ALWAYS, BY_NAME, INTROSPECTION, METHODS, UNLESS_BOUND};
use super::position::Lines;
use super::{Finding, FindingCode};

/// Findings kept; a script can be made of nothing else.
const FINDINGS_MAX: usize = 200;
/// The walk that notes.
pub(super) struct Reader<'a> {
    lines: &'a Lines<'a>,
    bound: &'a Bound<'a>,
    /// What a name stands for: `pd` for `pandas`, also under the name that an import gives it.
    pub(super) libraries: HashMap<&'a str, &'static str>,
    findings: Vec<Finding>,
    depth: usize,
    brackets: usize,
    tree_depth_max: usize,
    brackets_max: usize,
    too_deep: bool,
    /// Whether this is directly in a class, where special methods are defined.
    in_class: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        lines: &'a Lines<'a>,
        bound: &'a Bound<'a>,
        brackets_max: usize,
        tree_depth_max: usize,
    ) -> Self {
        Self {
            lines,
            bound,
            libraries: ["pd", "np", "px", "go"].map(|name| (name, name)).into(),
            findings: Vec::new(),
            depth: 0,
            brackets: 0,
            tree_depth_max,
            brackets_max,
            too_deep: false,
            in_class: false,
        }
    }

    pub(super) fn into_findings(self) -> Vec<Finding> {
        self.findings
    }

    fn note(&mut self, range: TextRange, code: FindingCode, message: String) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings
                .push(self.lines.finding(range, code, message.trim_end()));
        }
    }

    pub(super) fn refuse(&mut self, range: TextRange, message: String) {
        self.note(range, FindingCode::Refused, message);
    }

    fn refuse_name(&mut self, range: TextRange, name: &str) {
        self.refuse(
            range,
            format!(
                "`{name}` is not available in Code Mode. {}",
                names::instead(name)
            ),
        );
    }

    /// A name that the script defines or reads.
    pub(super) fn own_name(&mut self, range: TextRange, name: &str) {
        if name.starts_with('_') && name != "_" && !(self.in_class && names::special(name)) {
            self.refuse(
                range,
                format!(
                    "`{name}`: names with an underscore in front are not available in Code Mode."
                ),
            );
        } else if name.ends_with("__roles__") {
            self.refuse_name(range, name);
        }
    }

    fn read_name(&mut self, range: TextRange, name: &str) {
        // The text "__main__", for `if __name__ == "__main__":`.
        if name != "__name__" {
            self.own_name(range, name);
        }
        let refused =
            ALWAYS.contains(&name) || (UNLESS_BOUND.contains(&name) && !self.bound.has(name));
        if refused {
            self.refuse_name(range, name);
        }
    }

    fn attribute(&mut self, value: &Expr, name: &str, range: TextRange) {
        if described(value, name) {
            return;
        }
        if name.starts_with('_') && name != "_" {
            self.refuse(
                range,
                format!(
                    "`.{name}`: names with an underscore in front are not available in Code Mode."
                ),
            );
        } else if INTROSPECTION.contains(&name) || METHODS.contains(&name) {
            self.refuse(
                range,
                format!(
                    "`.{name}` is not available in Code Mode. {}",
                    names::instead(name)
                ),
            );
        } else if let Some(library) = self.library(value)
            && names::listed(&library, name) == Some(false)
        {
            let hint = names::instead(name);
            self.refuse(
                range,
                format!("`{library}` has no `{name}` in Code Mode. {hint}"),
            );
        }
    }

    /// The title of the list behind `pd`, `np.random` and their like; none for anything else.
    fn library(&self, expression: &Expr) -> Option<String> {
        match expression {
            Expr::Name(name) if !self.bound.has(&name.id) => self
                .libraries
                .get(name.id.as_str())
                .map(|title| (*title).to_owned()),
            Expr::Attribute(attribute) => {
                let title = format!("{}.{}", self.library(&attribute.value)?, attribute.attr);
                let title = match title.as_str() {
                    "plotly.express" => "px",
                    "plotly.colors" => "px.colors",
                    "pd.tseries.offsets" => "pd.offsets",
                    title => title,
                };
                names::listed(title, "").map(|_| title.to_owned())
            }
            _ => None,
        }
    }

    /// Counts one level of the tree and, for brackets and blocks, one of those; past either bound the walk turns back.
    fn deeper(&mut self, range: TextRange, bracket: bool, walk: impl FnOnce(&mut Self)) {
        self.depth += 1;
        self.brackets += usize::from(bracket);
        if self.depth > self.tree_depth_max || self.brackets > self.brackets_max {
            if !self.too_deep {
                self.too_deep = true;
                self.note(
                    range,
                    FindingCode::Syntax,
                    "This is nested too deeply; use variables in between.".to_owned(),
                );
            }
        } else {
            walk(self);
        }
        self.depth -= 1;
        self.brackets -= usize::from(bracket);
    }
}

/// `x.__name__` and `x.__version__` are text, and `super().__init__` and `Base.__init__` are methods of the script's own
/// classes.
fn described(value: &Expr, name: &str) -> bool {
    matches!(name, "__name__" | "__version__")
        || (names::special(name) && matches!(value, Expr::Name(_) | Expr::Call(_)))
}

impl<'a> Visitor<'a> for Reader<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        let range = statement.range();
        match statement {
            Stmt::Import(import) => import.names.iter().for_each(|alias| self.import(alias)),
            Stmt::ImportFrom(import) => {
                let module = import.module.as_ref().map_or("", |module| module.as_str());
                import
                    .names
                    .iter()
                    .for_each(|alias| self.import_from(module, import.level, alias));
            }
            Stmt::FunctionDef(function) => {
                if function.is_async {
                    self.refuse(
                        range,
                        "async code is not available in Code Mode.".to_owned(),
                    );
                }
                self.own_name(function.name.range(), &function.name);
                if let Some(parameters) = &function.type_params {
                    self.refuse_type_parameters(parameters.range());
                }
            }
            Stmt::ClassDef(class) => {
                self.own_name(class.name.range(), &class.name);
                if let Some(parameters) = &class.type_params {
                    self.refuse_type_parameters(parameters.range());
                }
            }
            Stmt::Try(block) if block.is_star => {
                self.refuse(
                    range,
                    "`except*` is not available in Code Mode. Use except.".to_owned(),
                );
            }
            Stmt::With(block) if block.is_async => self.refuse(
                range,
                "async code is not available in Code Mode.".to_owned(),
            ),
            Stmt::For(block) if block.is_async => self.refuse(
                range,
                "async code is not available in Code Mode.".to_owned(),
            ),
            Stmt::TypeAlias(_) => self.refuse(
                range,
                "`type` statements are not available in Code Mode.".to_owned(),
            ),
            Stmt::IpyEscapeCommand(_) => {
                self.note(range, FindingCode::Syntax, "This is not Python.".to_owned())
            }
            Stmt::Global(global) => global
                .names
                .iter()
                .for_each(|name| self.own_name(name.range(), name)),
            Stmt::Nonlocal(names) => names
                .names
                .iter()
                .for_each(|name| self.own_name(name.range(), name)),
            _ => {}
        }
        let outside = self.in_class;
        match statement {
            Stmt::ClassDef(_) => self.in_class = true,
            Stmt::FunctionDef(_) => self.in_class = false,
            _ => {}
        }
        self.deeper(range, true, |reader| visitor::walk_stmt(reader, statement));
        self.in_class = outside;
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        let range = expression.range();
        match expression {
            Expr::Name(name) if name.ctx == ExprContext::Load => self.read_name(range, &name.id),
            Expr::Name(name) => {
                self.own_name(range, &name.id);
                if matches!(name.id.as_str(), "print" | "breakpoint" | "builtins") {
                    self.refuse(
                        range,
                        format!(
                            "`{}` cannot be given to something else in Code Mode.",
                            name.id
                        ),
                    );
                }
            }
            Expr::Attribute(attribute) => {
                self.attribute(&attribute.value, &attribute.attr, attribute.attr.range())
            }
            Expr::Call(call) => {
                if let Expr::Name(function) = &*call.func
                    && BY_NAME.contains(&function.id.as_str())
                    && let Some(Expr::StringLiteral(text)) = call.arguments.args.get(1)
                    && text.value.to_str().starts_with('_')
                {
                    let name = text.value.to_str().to_owned();
                    self.own_name(text.range(), &name);
                }
            }
            Expr::Await(_) => self.refuse(
                range,
                "async code is not available in Code Mode.".to_owned(),
            ),
            _ => {}
        }
        let bracket = matches!(
            expression,
            Expr::Subscript(_)
                | Expr::List(_)
                | Expr::Tuple(_)
                | Expr::Set(_)
                | Expr::Dict(_)
                | Expr::Lambda(_)
                | Expr::ListComp(_)
                | Expr::SetComp(_)
                | Expr::DictComp(_)
                | Expr::Generator(_)
        );
        self.deeper(range, bracket, |reader| {
            visitor::walk_expr(reader, expression)
        });
    }

    fn visit_arguments(&mut self, arguments: &'a ruff_python_ast::Arguments) {
        self.deeper(arguments.range(), true, |reader| {
            visitor::walk_arguments(reader, arguments)
        });
    }

    fn visit_parameter(&mut self, parameter: &'a Parameter) {
        self.own_name(parameter.name.range(), &parameter.name);
    }

    // An annotation is dropped before it could be evaluated.
    fn visit_annotation(&mut self, _expression: &'a Expr) {}

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        self.pattern(pattern);
        self.deeper(pattern.range(), true, |reader| {
            visitor::walk_pattern(reader, pattern)
        });
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(inner) = handler;
        if let Some(name) = &inner.name {
            self.own_name(name.range(), name);
        }
        visitor::walk_except_handler(self, handler);
    }
}
