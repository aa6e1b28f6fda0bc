//! The canonical text of an expression: what is read from it is the same expression again.

use super::moment::{print_day, print_naive, print_utc};
use super::operands::KEYWORDS;
use super::token::is_plain;
use super::{Expression, Literal, Operand};
use std::fmt::{self, Display, Formatter, Write as _};

/// Text in quotes, all in one line and with nothing in it that turns its direction.
fn quoted(text: &str, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(f, "\\{c}")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            c if c.is_control() || crate::name::disguises(c) => {
                write!(f, "\\u{{{:x}}}", u32::from(c))?
            }
            c => f.write_char(c)?,
        }
    }
    f.write_char('"')
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            // With a point or an exponent always, and as many digits as it takes to be read as the same.
            Self::Float(value) => write!(f, "{value:?}"),
            Self::Text(text) => quoted(text, f),
            Self::Date(day) => quoted(&print_day(*day), f),
            Self::Timestamp(moment) => quoted(&print_naive(*moment), f),
            Self::TimestampTz(moment) => quoted(&print_utc(*moment), f),
        }
    }
}

impl Display for Operand {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Column(name) => {
                let keyword = KEYWORDS.iter().any(|word| word.eq_ignore_ascii_case(name));
                if is_plain(name) && !keyword {
                    f.write_str(name)
                } else {
                    write!(f, "`{}`", name.replace('`', "``"))
                }
            }
            Self::Call { function, of } => write!(f, "{}({of})", function.as_str()),
            Self::Literal(literal) => literal.fmt(f),
        }
    }
}

fn join(of: &[Expression], word: &str, f: &mut Formatter<'_>) -> fmt::Result {
    for (at, one) in of.iter().enumerate() {
        if at > 0 {
            write!(f, " {word} ")?;
        }
        // `and` binds more tightly than `or`.
        if word == "and" && matches!(one, Expression::Or { .. }) {
            write!(f, "({one})")?;
        } else {
            one.fmt(f)?;
        }
    }
    Ok(())
}

impl Display for Expression {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let not = |negated: &bool| if *negated { " not" } else { "" };
        match self {
            Self::And { of } => join(of, "and", f),
            Self::Or { of } => join(of, "or", f),
            Self::Not { of } => write!(f, "not ({of})"),
            Self::Compare { left, op, right } => write!(f, "{left} {} {right}", op.as_str()),
            Self::OneOf {
                operand,
                values,
                negated,
            } => {
                write!(f, "{operand}{} in (", not(negated))?;
                for (at, value) in values.iter().enumerate() {
                    let comma = if at > 0 { ", " } else { "" };
                    write!(f, "{comma}{value}")?;
                }
                f.write_char(')')
            }
            Self::Between {
                operand,
                low,
                high,
                negated,
            } => {
                write!(f, "{operand}{} between {low} and {high}", not(negated))
            }
            Self::Like {
                operand,
                pattern,
                negated,
            } => {
                let (text, escape) = pattern.canonical();
                write!(f, "{operand}{} like ", not(negated))?;
                quoted(&text, f)?;
                match escape {
                    Some(escape) => write!(f, " escape \"{escape}\""),
                    None => Ok(()),
                }
            }
            Self::Part {
                operand,
                at,
                text,
                negated,
            } => {
                write!(f, "{operand}{} {} ", not(negated), at.as_str())?;
                quoted(text, f)
            }
            Self::Missing { operand, negated } => write!(f, "{operand} is{} null", not(negated)),
        }
    }
}
