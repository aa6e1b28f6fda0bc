//! What stands on the sides of a condition: columns, values and functions.

use super::check::{Typed, described, named};
use super::error::{ExpressionFault, Slip, Span};
use super::moment::{parse_day, parse_moment};
use super::parse::Parser;
use super::token::Token;
use super::{Function, Literal, Operand, PartAt};
use crate::near::nearest;

/// Words that name no column unless they stand in backticks.
pub(crate) const KEYWORDS: [&str; 10] = [
    "and", "or", "not", "in", "between", "like", "is", "null", "true", "false",
];

/// Functions other languages have and filters do not, and why.
const ABSENT: [(&[&str], &str); 2] = [
    (
        &["today", "now", "current_date", "current_timestamp"],
        "the same filter always finds the same rows, so write the day itself",
    ),
    (
        &["count", "sum", "avg", "mean", "min", "max", "median"],
        "a filter looks at one row at a time",
    ),
];

impl Parser<'_> {
    pub(crate) fn operand(&mut self) -> Result<Typed, Slip> {
        let span = self.span();
        let token = self.peek().clone();
        match token {
            Token::Text(text) => {
                self.at += 1;
                Ok(Typed::literal(Literal::Text(text), span))
            }
            Token::Whole(_) | Token::Decimal(_) => self.number(span),
            Token::Sign("-") => {
                self.at += 1;
                if !matches!(self.peek(), Token::Whole(_) | Token::Decimal(_)) {
                    return Err(Slip::syntax(
                        self.span(),
                        "a number is expected after the minus",
                    ));
                }
                self.number(span)
            }
            Token::Name(name) => {
                self.at += 1;
                self.column(name, span)
            }
            Token::Word(word) => self.word(&word, span),
            Token::End => Err(Slip::syntax(
                span,
                "a column or a value is expected here, and the filter ends",
            )),
            Token::Sign("(") => Err(Slip::syntax(
                span,
                "a column or a value is expected here; parentheses hold whole conditions",
            )),
            Token::Sign(sign) => Err(Slip::syntax(
                span,
                format!("a column or a value is expected here, not `{sign}`"),
            )),
        }
    }

    fn word(&mut self, word: &str, span: Span) -> Result<Typed, Slip> {
        let called = matches!(self.second(), Token::Sign("("));
        let lower = word.to_ascii_lowercase();
        match lower.as_str() {
            "true" | "false" => {
                self.at += 1;
                Ok(Typed::literal(Literal::Bool(lower == "true"), span))
            }
            "null" => Err(Slip::syntax(
                span,
                "nothing is equal to a missing value: write `is null` or `is not null`",
            )),
            keyword if KEYWORDS.contains(&keyword) => {
                let message = format!(
                    "a column or a value is expected here; a column called `{word}` stands in backticks"
                );
                Err(Slip::syntax(span, message))
            }
            _ if called => self.call(word, &lower, span),
            _ => {
                self.at += 1;
                self.column(word.to_owned(), span)
            }
        }
    }

    fn column(&self, name: String, span: Span) -> Result<Typed, Slip> {
        if let Some(kind) = self.columns.get(name.as_str()) {
            return Ok(Typed {
                operand: Operand::Column(name),
                kind: Some(*kind),
                span,
            });
        }
        // Sorted, so that the same mistake is always told the same way.
        let mut names: Vec<&str> = self.columns.keys().copied().collect();
        names.sort_unstable();
        let near = nearest(&name, names.into_iter());
        let hint = match near.first() {
            Some(near) => format!("; perhaps \"{near}\" is meant"),
            None => "; text stands in quotes".to_owned(),
        };
        let shown: String = name.chars().take(100).collect();
        Err(Slip {
            near,
            ..Slip::new(
                ExpressionFault::Column,
                span,
                format!("there is no column \"{shown}\"{hint}"),
            )
        })
    }

    fn call(&mut self, word: &str, lower: &str, span: Span) -> Result<Typed, Slip> {
        let function = Function::ALL
            .into_iter()
            .find(|function| function.as_str() == lower);
        if function.is_none() && lower != "timestamp" {
            return Err(unknown_function(word, lower, span));
        }
        // The word and the parenthesis.
        self.at += 2;
        let of = self.deeper(Self::operand)?;
        let why = if self.is_sign(",") {
            ": this function takes one value"
        } else {
            ""
        };
        self.want_sign(")", &format!("after the value{why}"))?;
        let span = span.to(self.last());
        match function {
            Some(function) => call(function, of, span),
            None => timestamp(of, span),
        }
    }

    /// A number, from its sign on.
    fn number(&mut self, start: Span) -> Result<Typed, Slip> {
        let span = start.to(self.span());
        let minus = if start == self.span() { "" } else { "-" };
        let literal = match self.peek() {
            Token::Whole(digits) => format!("{minus}{digits}").parse().ok().map(Literal::Int),
            Token::Decimal(digits) => format!("{minus}{digits}")
                .parse()
                .ok()
                .filter(|n: &f64| n.is_finite())
                .map(Literal::Float),
            _ => None,
        };
        self.at += 1;
        literal
            .map(|literal| Typed::literal(literal, span))
            .ok_or_else(|| {
                let message = "this number is too large: whole ones reach to 9223372036854775807, \
                           and ones with an exponent, like 1e20, to about 1.8e308";
                Slip::new(ExpressionFault::Value, span, message)
            })
    }
}

fn unknown_function(word: &str, lower: &str, span: Span) -> Slip {
    let absent = ABSENT.iter().find(|(names, _)| names.contains(&lower));
    let names = Function::ALL.map(Function::as_str);
    let parts = PartAt::ALL.map(PartAt::as_str);
    let known = || names.into_iter().chain(["timestamp"]).chain(parts);
    let near = nearest(lower, known());
    let shown: String = word.chars().take(100).collect();
    let message = match (absent, near.first()) {
        (Some((_, why)), _) => format!("there is no function {shown}(): {why}"),
        (None, Some(near)) => format!("there is no function {shown}(); perhaps {near}() is meant"),
        (None, None) if KEYWORDS.contains(&lower) => format!("`{shown}` is no function"),
        (None, None) => {
            let all: Vec<&str> = known().collect();
            format!(
                "there is no function {shown}(); there are {}",
                all.join(", ")
            )
        }
    };
    Slip {
        near,
        ..Slip::new(ExpressionFault::Function, span, message)
    }
}

fn call(function: Function, of: Typed, whole: Span) -> Result<Typed, Slip> {
    let name = function.as_str();
    if let (Function::Date, Operand::Literal(Literal::Text(text))) = (function, &of.operand) {
        return match parse_day(text) {
            Some(day) => Ok(Typed::literal(Literal::Date(day), whole)),
            None => Err(Slip::new(
                ExpressionFault::Value,
                of.span,
                "this is not a day like 2024-02-29",
            )),
        };
    }
    let (operand, kind, span) = of.variable()?;
    let fits = if function.takes_text() {
        kind.is_text()
    } else {
        kind.is_time()
    };
    if !fits {
        let wanted = if function.takes_text() {
            "text"
        } else {
            "a day or moment"
        };
        let message = format!(
            "{name}() takes {wanted}, and {} is {}",
            named(&operand),
            described(kind)
        );
        return Err(Slip::kind(span, message));
    }
    let operand = Operand::Call {
        function,
        of: Box::new(operand),
    };
    Ok(Typed {
        operand,
        kind: Some(function.result()),
        span: whole,
    })
}

/// `timestamp("..")`, a moment written down.
fn timestamp(of: Typed, whole: Span) -> Result<Typed, Slip> {
    let Operand::Literal(Literal::Text(text)) = &of.operand else {
        return Err(Slip::kind(of.span, "timestamp() takes a moment in quotes"));
    };
    match parse_moment(text) {
        Some(moment) if moment.zoned => Ok(Typed::literal(
            Literal::TimestampTz(moment.utc.and_utc()),
            whole,
        )),
        Some(moment) => Ok(Typed::literal(Literal::Timestamp(moment.utc), whole)),
        None => Err(Slip::new(
            ExpressionFault::Value,
            of.span,
            "this is not a moment like 2024-02-29T12:00:00Z",
        )),
    }
}
