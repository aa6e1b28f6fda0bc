//! The grammar, by recursive descent; a bound on the depth is a bound on the stack.
//!
//! ```text
//! any       = all { "or" all }
//! all       = one { "and" one }
//! one       = "not" one | "(" any ")" | condition
//! condition = operand ( sign operand
//!                     | [ "not" ] "in" "(" value { "," value } ")"
//!                     | [ "not" ] "between" operand "and" operand
//!                     | [ "not" ] "like" text [ "escape" text ]
//!                     | [ "not" ] part text
//!                     | "is" [ "not" ] ( "null" | "missing" ) )
//!           | part "(" operand "," text ")"
//!           | operand                                   of true and false
//! operand   = column | value | function "(" operand ")"
//! value     = number | text | "true" | "false" | ( "date" | "timestamp" ) "(" text ")"
//! part      = "contains" | "starts_with" | "ends_with"
//! ```

use super::check::{self, Typed};
use super::error::{ExpressionFault, Slip, Span};
use super::token::{Token, tokens};
use super::{Comparison, Expression, PartAt, Pattern};
use crate::limits::RequestLimits;
use crate::table::{Column, ColumnType};
use std::collections::HashMap;

/// Reads a whole text.
pub(crate) fn read(
    text: &str,
    columns: &[Column],
    limits: &RequestLimits,
) -> Result<Expression, Slip> {
    let too_long = |at: usize, what: &str| {
        let message = format!(
            "{what} is longer than {} characters, which is the most",
            limits.filter_expression_chars_max
        );
        Slip::new(ExpressionFault::Long, Span::new(at, at), message)
    };
    let chars_max = usize::try_from(limits.filter_expression_chars_max).unwrap_or(usize::MAX);
    if let Some((at, _)) = text.char_indices().nth(chars_max) {
        return Err(too_long(at, "the filter"));
    }
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
        depth: 0,
        conditions: 0,
        columns: columns
            .iter()
            .map(|column| (column.name.as_str(), column.kind))
            .collect(),
        limits,
    };
    let expression = parser.any()?;
    parser.end()?;
    // What was accepted is accepted again as it is printed.
    if expression.to_string().chars().count() > chars_max {
        return Err(too_long(0, "the filter, written out in full,"));
    }
    Ok(expression)
}

/// The words, and where in them the reading is.
pub(crate) struct Parser<'a> {
    tokens: Vec<(Token, Span)>,
    pub(crate) at: usize,
    depth: u64,
    conditions: u64,
    pub(crate) columns: HashMap<&'a str, ColumnType>,
    limits: &'a RequestLimits,
}

impl Parser<'_> {
    pub(crate) fn peek(&self) -> &Token {
        self.tokens
            .get(self.at)
            .map_or(&Token::End, |(token, _)| token)
    }

    pub(crate) fn second(&self) -> &Token {
        self.tokens
            .get(self.at + 1)
            .map_or(&Token::End, |(token, _)| token)
    }

    pub(crate) fn span(&self) -> Span {
        self.tokens
            .get(self.at)
            .or(self.tokens.last())
            .map_or(Span::new(0, 0), |(_, span)| *span)
    }

    /// The place of the word just taken.
    pub(crate) fn last(&self) -> Span {
        self.tokens
            .get(self.at.saturating_sub(1))
            .map_or(Span::new(0, 0), |(_, span)| *span)
    }

    pub(crate) fn is_sign(&self, sign: &str) -> bool {
        matches!(self.peek(), Token::Sign(other) if *other == sign)
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let is = self.is_sign(sign);
        self.at += usize::from(is);
        is
    }

    fn take_word(&mut self, word: &str) -> bool {
        let is = is_word(self.peek(), word);
        self.at += usize::from(is);
        is
    }

    pub(crate) fn want_sign(&mut self, sign: &str, why: &str) -> Result<(), Slip> {
        if self.take_sign(sign) {
            return Ok(());
        }
        Err(Slip::syntax(
            self.span(),
            format!("`{sign}` is expected here {why}"),
        ))
    }

    /// Something one level further in.
    pub(crate) fn deeper<T>(
        &mut self,
        inner: impl FnOnce(&mut Self) -> Result<T, Slip>,
    ) -> Result<T, Slip> {
        let max = self.limits.filter_expression_depth_max;
        if self.depth >= max {
            let message = format!(
                "parentheses, `not` and functions stand in each other more than {max} deep"
            );
            return Err(Slip::new(ExpressionFault::Deep, self.span(), message));
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    fn end(&mut self) -> Result<(), Slip> {
        let span = self.span();
        let message = match self.peek() {
            Token::End => return Ok(()),
            Token::Sign(")") => "this parenthesis was never opened".to_owned(),
            Token::Sign("-") => {
                "filters do not calculate; a column whose name has a minus in it stands in backticks".to_owned()
            }
            Token::Sign("=" | "!=" | "<" | "<=" | ">" | ">=") => {
                "a condition has one comparison: join two with `and`, or write `between`; \
                 parentheses hold whole conditions"
                    .to_owned()
            }
            Token::Word(word) if word.eq_ignore_ascii_case("not") => {
                "after `not` here: in, between, like, contains, starts_with or ends_with".to_owned()
            }
            Token::Word(_) | Token::Name(_) | Token::Text(_) | Token::Whole(_) | Token::Decimal(_) => {
                "`and` or `or` is expected before this; a column whose name has spaces stands in backticks".to_owned()
            }
            Token::Sign(sign) => format!("`{sign}` is out of place after a whole condition"),
        };
        Err(Slip::syntax(span, message))
    }

    fn any(&mut self) -> Result<Expression, Slip> {
        let mut of = Vec::new();
        loop {
            // What parentheses held is one of many here.
            match self.all()? {
                Expression::Or { of: inner } => of.extend(inner),
                one => of.push(one),
            }
            if !self.take_word("or") {
                break;
            }
        }
        Ok(joined(of, |of| Expression::Or { of }))
    }

    fn all(&mut self) -> Result<Expression, Slip> {
        let mut of = Vec::new();
        loop {
            match self.one()? {
                Expression::And { of: inner } => of.extend(inner),
                one => of.push(one),
            }
            if !self.take_word("and") {
                break;
            }
        }
        Ok(joined(of, |of| Expression::And { of }))
    }

    fn one(&mut self) -> Result<Expression, Slip> {
        if self.take_word("not") {
            return self.deeper(|parser| Ok(parser.one()?.negate()));
        }
        let open = self.span();
        if self.take_sign("(") {
            let inner = self.deeper(Self::any)?;
            if *self.peek() == Token::End {
                return Err(Slip::new(
                    ExpressionFault::Quotes,
                    open,
                    "this parenthesis is not closed",
                ));
            }
            if !self.is_sign(")") {
                self.end()?;
            }
            self.at += 1;
            return Ok(inner);
        }
        self.condition()
    }

    fn condition(&mut self) -> Result<Expression, Slip> {
        self.conditions += 1;
        let max = self.limits.filter_expression_conditions_max;
        if self.conditions > max {
            let message = format!(
                "a filter has at most {max} conditions; for many values of one column write `in`"
            );
            return Err(Slip::new(ExpressionFault::Many, self.span(), message));
        }
        if let (Some(at), Token::Sign("(")) = (part(self.peek()), self.second()) {
            return self.part_call(at);
        }
        let left = self.operand()?;
        if let Some(op) = comparison(self.peek()) {
            self.at += 1;
            let right = self.operand()?;
            return check::compare(left, op, right);
        }
        let negated = is_word(self.peek(), "not") && {
            let next = self.second();
            part(next).is_some()
                || ["in", "between", "like"]
                    .iter()
                    .any(|word| is_word(next, word))
        };
        self.at += usize::from(negated);
        if let Some(at) = part(self.peek()) {
            self.at += 1;
            let (text, _) = self.text("text in quotes is expected here")?;
            return check::part(left, at, text, negated);
        }
        if self.take_word("in") {
            return self.list(left, negated);
        }
        if self.take_word("between") {
            let low = self.operand()?;
            if !self.take_word("and") {
                return Err(Slip::syntax(
                    self.span(),
                    "`and` is expected here: `between` has two ends, both in",
                ));
            }
            let high = self.operand()?;
            return check::between(left, low, high, negated);
        }
        if self.take_word("like") {
            return self.like(left, negated);
        }
        if self.take_word("is") {
            let negated = self.take_word("not");
            if !self.take_word("null") && !self.take_word("missing") {
                return Err(Slip::syntax(
                    self.span(),
                    "after `is`: null or missing, or `not` and one of them",
                ));
            }
            return check::missing(left, negated);
        }
        check::truth(left)
    }

    fn part_call(&mut self, at: PartAt) -> Result<Expression, Slip> {
        // The word and the parenthesis.
        self.at += 2;
        let of = self.deeper(Self::operand)?;
        self.want_sign(",", "before the text looked for")?;
        let (text, _) = self.text("text in quotes is expected here")?;
        self.want_sign(")", "after the text looked for")?;
        check::part(of, at, text, false)
    }

    fn text(&mut self, otherwise: &str) -> Result<(String, Span), Slip> {
        let span = self.span();
        let Token::Text(text) = self.peek().clone() else {
            return Err(Slip::syntax(span, otherwise));
        };
        self.at += 1;
        Ok((text, span))
    }

    fn list(&mut self, left: Typed, negated: bool) -> Result<Expression, Slip> {
        let open = self.span();
        self.want_sign("(", "before the values, as in `in (\"a\", \"b\")`")?;
        if self.is_sign(")") {
            return Err(Slip::syntax(
                open.to(self.span()),
                "this list is empty: it needs one or more values",
            ));
        }
        let max = self.limits.filter_values_max;
        let mut values = Vec::new();
        loop {
            if u64::try_from(values.len()).unwrap_or(u64::MAX) >= max {
                let message = format!("a list has at most {max} values");
                return Err(Slip::new(ExpressionFault::Many, self.span(), message));
            }
            values.push(self.operand()?);
            if !self.take_sign(",") {
                break;
            }
        }
        if *self.peek() == Token::End {
            return Err(Slip::new(
                ExpressionFault::Quotes,
                open,
                "this parenthesis is not closed",
            ));
        }
        self.want_sign(")", "after the values, and `,` between them")?;
        check::one_of(left, values, negated)
    }

    fn like(&mut self, left: Typed, negated: bool) -> Result<Expression, Slip> {
        let (text, span) = self.text("a pattern in quotes is expected here")?;
        let max = self.limits.filter_pattern_chars_max;
        if u64::try_from(text.chars().count()).unwrap_or(u64::MAX) > max {
            let message = format!("a pattern has at most {max} characters");
            return Err(Slip::new(ExpressionFault::Long, span, message));
        }
        let mut escape = None;
        if self.take_word("escape") {
            let (text, span) = self.text("a character in quotes is expected here")?;
            let mut chars = text.chars();
            match (chars.next(), chars.next()) {
                (Some(c), None) if !matches!(c, '%' | '_') => escape = Some(c),
                _ => {
                    return Err(Slip::syntax(
                        span,
                        "the escape is one character, and neither % nor _",
                    ));
                }
            }
        }
        let pattern = Pattern::parse(&text, escape).map_err(|at| {
            let message = format!(
                "the escape at character {} of the pattern stands before %, _ or itself only",
                at + 1
            );
            Slip::new(ExpressionFault::Value, span, message)
        })?;
        check::like(left, pattern, negated)
    }
}

/// One condition alone, or all of them as one.
fn joined(mut of: Vec<Expression>, join: fn(Vec<Expression>) -> Expression) -> Expression {
    match of.pop() {
        Some(one) if of.is_empty() => one,
        last => {
            of.extend(last);
            join(of)
        }
    }
}

fn is_word(token: &Token, word: &str) -> bool {
    matches!(token, Token::Word(other) if other.eq_ignore_ascii_case(word))
}

fn part(token: &Token) -> Option<PartAt> {
    PartAt::ALL
        .into_iter()
        .find(|part| is_word(token, part.as_str()))
}

fn comparison(token: &Token) -> Option<Comparison> {
    let Token::Sign(sign) = token else {
        return None;
    };
    Comparison::ALL
        .into_iter()
        .find(|comparison| comparison.as_str() == *sign)
}
