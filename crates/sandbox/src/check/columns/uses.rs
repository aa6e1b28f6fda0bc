//! Holds every use of the whole frame against the forms whose columns are all written out, and collects the words.

use std::collections::HashSet;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{
    Alias, CmpOp, Comprehension, Expr, ExprCall, ExprCompare, ExprContext, Keyword, Stmt,
};

use super::bindings::one_parameter;
use super::calls;
use super::drawn;
use super::kinds::{Kind, Kinds};

/// The walk.
pub(super) struct Uses<'a> {
    kinds: &'a Kinds<'a>,
    /// Every word that may be a column's name.
    words: HashSet<&'a str>,
    safe: bool,
}

impl<'a> Uses<'a> {
    /// The words of a script all of whose uses are known; none when one is not.
    pub(super) fn of(kinds: &'a Kinds<'a>, body: &'a [Stmt]) -> Option<HashSet<&'a str>> {
        let mut uses = Self {
            kinds,
            words: HashSet::new(),
            safe: true,
        };
        uses.visit_body(body);
        uses.safe.then_some(uses.words)
    }

    fn whole(&self, expression: &Expr) -> bool {
        matches!(self.kinds.kind(expression), Some(Kind::Frame | Kind::Group))
    }

    fn frame(&self, expression: &Expr) -> bool {
        self.kinds.kind(expression) == Some(Kind::Frame)
    }

    /// A whole frame where one is in order: what it is made from is held to the same.
    fn within(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Name(_) => {}
            Expr::If(choice) => {
                self.visit_expr(&choice.test);
                self.within(&choice.body);
                self.within(&choice.orelse);
            }
            Expr::Subscript(subscript) => {
                match &*subscript.value {
                    Expr::Attribute(indexer) if self.frame(&indexer.value) => {
                        self.within(&indexer.value);
                    }
                    frame => self.within(frame),
                }
                self.rows(&subscript.slice);
            }
            Expr::Call(call) => {
                if let Expr::Attribute(method) = &*call.func {
                    self.within(&method.value);
                    for argument in &call.arguments.args {
                        self.visit_expr(argument);
                    }
                    for keyword in &call.arguments.keywords {
                        self.word(keyword);
                        match method.attr.as_str() {
                            "assign" => self.rows(&keyword.value),
                            _ => self.visit_expr(&keyword.value),
                        }
                    }
                } else {
                    self.safe = false;
                }
            }
            _ => self.safe = false,
        }
    }

    /// A choice of rows, or a function that pandas calls with the frame.
    fn rows(&mut self, index: &'a Expr) {
        match index {
            Expr::Lambda(lambda) => {
                self.safe &= one_parameter(lambda).is_some_and(|name| self.kinds.is_frame(name));
                self.visit_expr(&lambda.body);
            }
            Expr::Tuple(parts) => parts.elts.iter().for_each(|part| self.rows(part)),
            other => self.visit_expr(other),
        }
    }

    fn word(&mut self, keyword: &'a Keyword) {
        self.words
            .extend(keyword.arg.as_ref().map(|name| name.as_str()));
    }

    /// What is not a whole frame itself but is made from one, in a known form.
    fn made_from(&mut self, expression: &'a Expr) -> bool {
        match expression {
            Expr::Subscript(subscript) => {
                let named = self.kinds.kind(expression) == Some(Kind::Data);
                match &*subscript.value {
                    Expr::Attribute(indexer) if self.frame(&indexer.value) => {
                        let place = match &*subscript.slice {
                            Expr::Tuple(parts) => parts.elts.first(),
                            _ => None,
                        };
                        let rows = place.is_none_or(|place| {
                            place.is_lambda_expr() || self.kinds.no_function(place)
                        });
                        self.safe &= named && rows;
                        self.words.insert(&indexer.attr);
                        self.within(&indexer.value);
                        self.rows(&subscript.slice);
                        true
                    }
                    frame if self.whole(frame) => {
                        self.safe &= named;
                        self.within(frame);
                        self.visit_expr(&subscript.slice);
                        true
                    }
                    _ => false,
                }
            }
            Expr::Attribute(attribute) if self.whole(&attribute.value) => {
                self.safe &= self.kinds.kind(expression) == Some(Kind::Data)
                    && attribute.ctx == ExprContext::Load;
                self.words.insert(&attribute.attr);
                self.within(&attribute.value);
                true
            }
            Expr::Call(call) => self.called(expression, call),
            Expr::Compare(compare) => self.has_column(compare),
            _ => false,
        }
    }

    fn called(&mut self, expression: &'a Expr, call: &'a ExprCall) -> bool {
        match &*call.func {
            Expr::Attribute(method) if self.whole(&method.value) => {
                self.safe &= self.kinds.kind(expression) == Some(Kind::Data);
                self.within(&method.value);
                self.visit_arguments(&call.arguments);
                true
            }
            Expr::Attribute(method) if calls::among(calls::BY_COLUMN, &method.attr) => {
                match &*method.value {
                    Expr::Subscript(columns)
                        if self.kinds.kind(&columns.value) == Some(Kind::Group)
                            && columns.slice.is_list_expr()
                            && self.kinds.kind(&columns.slice) == Some(Kind::Text) =>
                    {
                        self.within(&columns.value);
                        self.visit_expr(&columns.slice);
                        self.visit_arguments(&call.arguments);
                        true
                    }
                    _ => false,
                }
            }
            Expr::Attribute(function) if self.kinds.is_global(&function.value, "px") => {
                match drawn::frame(&call.arguments) {
                    Some(frame) if self.frame(frame) => {
                        self.safe &=
                            drawn::names_columns(self.kinds, &function.attr, &call.arguments);
                        self.within(frame);
                        let given = |value: &Expr| std::ptr::eq(value, frame);
                        for argument in call.arguments.args.iter().filter(|value| !given(value)) {
                            self.visit_expr(argument);
                        }
                        for keyword in &call.arguments.keywords {
                            if !given(&keyword.value) {
                                self.visit_keyword(keyword);
                            }
                        }
                        true
                    }
                    _ => false,
                }
            }
            function if self.kinds.is_global(function, "len") => match &call.arguments.args[..] {
                [only] if self.frame(only) => {
                    self.within(only);
                    true
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// `"mass" in df`, `"mass" in df.columns`.
    fn has_column(&mut self, compare: &'a ExprCompare) -> bool {
        let ([CmpOp::In | CmpOp::NotIn], [columns]) = (&compare.ops[..], &compare.comparators[..])
        else {
            return false;
        };
        let frame = match columns {
            Expr::Attribute(attribute) if attribute.attr.as_str() == "columns" => &*attribute.value,
            frame => frame,
        };
        if !self.frame(frame) || self.kinds.kind(&compare.left) != Some(Kind::Text) {
            return false;
        }
        self.within(frame);
        self.visit_expr(&compare.left);
        true
    }

    /// A loop over groups takes key and rows apart.
    fn iterate(&mut self, target: &'a Expr, over: &'a Expr) {
        let pair = matches!(target, Expr::Tuple(pair) if matches!(&pair.elts[..], [_, rows] if self.frame(rows)));
        if pair && self.kinds.kind(over) == Some(Kind::Group) {
            self.within(over);
        } else {
            self.visit_expr(over);
        }
    }
}

impl<'a> Visitor<'a> for Uses<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Assign(assign) if self.whole(&assign.value) => {
                // A name that stands for the same wherever it is given.
                let kind = self.kinds.kind(&assign.value);
                let kept = |target: &Expr| target.is_name_expr() && self.kinds.kind(target) == kind;
                self.safe &= assign.targets.iter().all(kept);
                self.within(&assign.value);
            }
            Stmt::Expr(alone) if self.whole(&alone.value) => self.within(&alone.value),
            Stmt::For(block) => {
                self.iterate(&block.target, &block.iter);
                if !block.target.is_name_expr() && !block.target.is_tuple_expr() {
                    self.visit_expr(&block.target);
                }
                self.visit_body(&block.body);
                self.visit_body(&block.orelse);
            }
            _ => visitor::walk_stmt(self, statement),
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if !self.safe {
            return;
        }
        match expression {
            Expr::StringLiteral(text) => drop(self.words.insert(text.value.to_str())),
            Expr::Attribute(attribute) => drop(self.words.insert(&attribute.attr)),
            // Names are given their values elsewhere.
            Expr::Name(name) if name.ctx == ExprContext::Store => return,
            _ => {}
        }
        if self.made_from(expression) {
            return;
        }
        if self.whole(expression) {
            self.safe = false;
            return;
        }
        visitor::walk_expr(self, expression);
    }

    fn visit_comprehension(&mut self, comprehension: &'a Comprehension) {
        self.iterate(&comprehension.target, &comprehension.iter);
        comprehension
            .ifs
            .iter()
            .for_each(|test| self.visit_expr(test));
    }

    fn visit_keyword(&mut self, keyword: &'a Keyword) {
        self.word(keyword);
        visitor::walk_keyword(self, keyword);
    }

    // Dropped before it could be evaluated.
    fn visit_annotation(&mut self, _expression: &'a Expr) {}

    fn visit_alias(&mut self, _alias: &'a Alias) {}
}
