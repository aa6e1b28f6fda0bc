//! Types: which operands go together, and what a literal beside a column means.

use super::error::{ExpressionFault, Slip, Span};
use super::moment::{parse_day, parse_moment};
use super::{Comparison, Expression, Literal, Operand, PartAt, Pattern};
use crate::table::ColumnType;

/// An operand, its type unless it is a literal, and its place.
#[derive(Debug)]
pub(crate) struct Typed {
    pub(crate) operand: Operand,
    pub(crate) kind: Option<ColumnType>,
    pub(crate) span: Span,
}

impl Typed {
    pub(crate) fn literal(literal: Literal, span: Span) -> Self {
        Self {
            operand: Operand::Literal(literal),
            kind: None,
            span,
        }
    }

    /// The operand and its type; a literal cannot stand here.
    pub(crate) fn variable(self) -> Result<(Operand, ColumnType, Span), Slip> {
        match self.kind {
            Some(kind) => Ok((self.operand, kind, self.span)),
            None => Err(Slip::kind(
                self.span,
                "a column, or a function of one, is expected here",
            )),
        }
    }
}

/// A type in words.
pub(crate) fn described(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::String | ColumnType::Category => "text",
        ColumnType::Int64 => "a whole number",
        ColumnType::Float64 => "a number",
        ColumnType::Bool => "true or false",
        ColumnType::Date => "a day",
        ColumnType::Timestamp | ColumnType::TimestampTz => "a moment",
    }
}

fn described_literal(literal: &Literal) -> &'static str {
    match literal {
        Literal::Bool(_) => "true or false",
        Literal::Int(_) | Literal::Float(_) => "a number",
        Literal::Text(_) => "text",
        Literal::Date(_) => "a day",
        Literal::Timestamp(_) | Literal::TimestampTz(_) => "a moment",
    }
}

/// The operand as a sentence can name it.
pub(crate) fn named(operand: &Operand) -> String {
    let text = operand.to_string();
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    }
}

/// What the literal is beside something of this type.
pub(crate) fn fit(
    subject: &Operand,
    kind: ColumnType,
    literal: Literal,
    span: Span,
) -> Result<Literal, Slip> {
    use ColumnType as Kind;
    let wrong_value = |message: &str| {
        Err(Slip::new(
            ExpressionFault::Value,
            span,
            format!("{} is {}, and {message}", named(subject), described(kind)),
        ))
    };
    match (kind, literal) {
        (Kind::String | Kind::Category, literal @ Literal::Text(_))
        | (Kind::Int64 | Kind::Float64, literal @ (Literal::Int(_) | Literal::Float(_)))
        | (Kind::Bool, literal @ Literal::Bool(_))
        | (Kind::Date | Kind::Timestamp | Kind::TimestampTz, literal @ Literal::Date(_))
        | (Kind::Timestamp, literal @ Literal::Timestamp(_))
        | (Kind::TimestampTz, literal @ Literal::TimestampTz(_)) => Ok(literal),
        (Kind::TimestampTz, Literal::Timestamp(moment)) => {
            Ok(Literal::TimestampTz(moment.and_utc()))
        }
        (Kind::Timestamp, Literal::TimestampTz(moment)) => {
            Ok(Literal::Timestamp(moment.naive_utc()))
        }
        (Kind::Date, Literal::Text(text)) => match parse_day(&text) {
            Some(day) => Ok(Literal::Date(day)),
            None => wrong_value("this is not a day like 2024-02-29"),
        },
        (Kind::Timestamp | Kind::TimestampTz, Literal::Text(text)) => {
            match (parse_day(&text), parse_moment(&text)) {
                (Some(day), _) => Ok(Literal::Date(day)),
                (None, Some(moment)) if kind == Kind::Timestamp => {
                    Ok(Literal::Timestamp(moment.utc))
                }
                (None, Some(moment)) => Ok(Literal::TimestampTz(moment.utc.and_utc())),
                (None, None) => wrong_value(
                    "this is not a day or moment like 2024-02-29 or 2024-02-29T12:00:00Z",
                ),
            }
        }
        (_, literal) => {
            let hint = match (&literal, kind) {
                (Literal::Text(text), Kind::Int64 | Kind::Float64)
                    if text.parse::<f64>().is_ok() =>
                {
                    ": write the number without quotes"
                }
                (Literal::Text(text), Kind::Bool) if text.eq_ignore_ascii_case("true") => {
                    ": write true without quotes"
                }
                (Literal::Text(text), Kind::Bool) if text.eq_ignore_ascii_case("false") => {
                    ": write false without quotes"
                }
                (
                    Literal::Int(_) | Literal::Float(_) | Literal::Bool(_),
                    Kind::String | Kind::Category,
                ) => ": write it in quotes",
                (Literal::Int(0 | 1), Kind::Bool) => ": write true or false",
                (Literal::Int(_), Kind::Date | Kind::Timestamp | Kind::TimestampTz) => {
                    ": write a day in quotes, or compare year(..)"
                }
                (Literal::Timestamp(_) | Literal::TimestampTz(_), Kind::Date) => {
                    ": write the day alone"
                }
                _ => "",
            };
            let message = format!(
                "{} is {}, and this is {}{hint}",
                named(subject),
                described(kind),
                described_literal(&literal)
            );
            Err(Slip::kind(span, message))
        }
    }
}

/// Whether two columns can be compared, as one says it to the other.
fn go_together(left: ColumnType, right: ColumnType) -> bool {
    let moment = |kind| matches!(kind, ColumnType::Timestamp | ColumnType::TimestampTz);
    left == right
        || (left.is_text() && right.is_text())
        || (left.is_number() && right.is_number())
        || (moment(left) && moment(right))
}

fn against(left: &Operand, kind: ColumnType, right: Typed) -> Result<Operand, Slip> {
    match (right.operand, right.kind) {
        (Operand::Literal(literal), _) => {
            fit(left, kind, literal, right.span).map(Operand::Literal)
        }
        (operand, Some(other)) if !go_together(kind, other) => {
            let hint = if kind.is_time() && other.is_time() {
                ": date(..) makes a day of a moment"
            } else {
                ""
            };
            let message = format!(
                "{} is {}, and {} is {}{hint}",
                named(left),
                described(kind),
                named(&operand),
                described(other)
            );
            Err(Slip::kind(right.span, message))
        }
        (operand, _) => Ok(operand),
    }
}

fn ordered(kind: ColumnType, span: Span) -> Result<(), Slip> {
    if kind == ColumnType::Bool {
        return Err(Slip::kind(
            span,
            "true and false have no order: write = or !=",
        ));
    }
    Ok(())
}

pub(crate) fn compare(left: Typed, op: Comparison, right: Typed) -> Result<Expression, Slip> {
    let whole = left.span.to(right.span);
    let (left, op, right) = match (left.kind, right.kind) {
        (None, None) => {
            return Err(Slip::kind(
                whole,
                "this compares two fixed values: one side must be a column",
            ));
        }
        (None, Some(_)) => (right, op.flipped(), left),
        _ => (left, op, right),
    };
    let (left, kind, _) = left.variable()?;
    let right = against(&left, kind, right)?;
    if !matches!(op, Comparison::Eq | Comparison::Ne) {
        ordered(kind, whole)?;
    }
    Ok(Expression::Compare { left, op, right })
}

pub(crate) fn between(
    operand: Typed,
    low: Typed,
    high: Typed,
    negated: bool,
) -> Result<Expression, Slip> {
    let whole = operand.span.to(high.span);
    let (operand, kind, _) = operand.variable()?;
    let low = against(&operand, kind, low)?;
    let high = against(&operand, kind, high)?;
    ordered(kind, whole)?;
    Ok(Expression::Between {
        operand,
        low,
        high,
        negated,
    })
}

pub(crate) fn one_of(
    operand: Typed,
    values: Vec<Typed>,
    negated: bool,
) -> Result<Expression, Slip> {
    let (operand, kind, _) = operand.variable()?;
    let mut literals = Vec::with_capacity(values.len());
    for value in values {
        match value.operand {
            Operand::Literal(literal) => literals.push(fit(&operand, kind, literal, value.span)?),
            _ => {
                return Err(Slip::syntax(
                    value.span,
                    "a list holds values, not columns; text stands in quotes",
                ));
            }
        }
    }
    Ok(Expression::OneOf {
        operand,
        values: literals,
        negated,
    })
}

fn text(operand: Typed, what: &str) -> Result<Operand, Slip> {
    let (operand, kind, span) = operand.variable()?;
    if kind.is_text() {
        return Ok(operand);
    }
    Err(Slip::kind(
        span,
        format!(
            "{what} looks at text, and {} is {}",
            named(&operand),
            described(kind)
        ),
    ))
}

pub(crate) fn like(operand: Typed, pattern: Pattern, negated: bool) -> Result<Expression, Slip> {
    let operand = text(operand, "`like`")?;
    Ok(Expression::Like {
        operand,
        pattern,
        negated,
    })
}

pub(crate) fn part(
    operand: Typed,
    at: PartAt,
    wanted: String,
    negated: bool,
) -> Result<Expression, Slip> {
    let operand = text(operand, &format!("`{}`", at.as_str()))?;
    Ok(Expression::Part {
        operand,
        at,
        text: wanted,
        negated,
    })
}

pub(crate) fn missing(operand: Typed, negated: bool) -> Result<Expression, Slip> {
    let (operand, ..) = operand.variable()?;
    Ok(Expression::Missing { operand, negated })
}

/// An operand alone, which is a condition when it is true or false.
pub(crate) fn truth(operand: Typed) -> Result<Expression, Slip> {
    match (operand.operand, operand.kind) {
        (left, Some(ColumnType::Bool)) => {
            let right = Operand::Literal(Literal::Bool(true));
            Ok(Expression::Compare {
                left,
                op: Comparison::Eq,
                right,
            })
        }
        (left, Some(kind)) => {
            let message = format!(
                "{} is {}: what is it compared with?",
                named(&left),
                described(kind)
            );
            Err(Slip::kind(operand.span, message))
        }
        (_, None) => Err(Slip::kind(
            operand.span,
            "a value alone is no condition: compare a column with it",
        )),
    }
}
