//! The words of an expression.

use super::error::{ExpressionFault, Slip, Span};

/// A word, a value or a sign.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token {
    /// A keyword, a function or the plain name of a column.
    Word(String),
    /// A name in backticks.
    Name(String),
    /// Text in quotes.
    Text(String),
    /// Digits alone.
    Whole(String),
    /// Digits with a point or an exponent.
    Decimal(String),
    /// `( ) , - = != < <= > >=`, as one way to write each.
    Sign(&'static str),
    /// After the last one.
    End,
}

/// Signs, longer ones first, and what each is written as here.
const SIGNS: [(&str, &str); 15] = [
    ("==", "="),
    ("!=", "!="),
    ("<>", "!="),
    ("<=", "<="),
    (">=", ">="),
    ("=", "="),
    ("<", "<"),
    (">", ">"),
    ("(", "("),
    (")", ")"),
    (",", ","),
    ("-", "-"),
    ("≠", "!="),
    ("≤", "<="),
    ("≥", ">="),
];

/// What people write from other languages, and what is meant.
const FOREIGN: [(&str, &str); 12] = [
    ("&&", "write `and`"),
    ("&", "write `and`"),
    ("||", "write `or`"),
    ("|", "write `or`"),
    ("!", "write `not`, or `!=` between two values"),
    ("~", "write `not`, or `like` for a pattern"),
    ("“", "text stands in straight quotes, \" or '"),
    ("”", "text stands in straight quotes, \" or '"),
    ("„", "text stands in straight quotes, \" or '"),
    ("‘", "text stands in straight quotes, \" or '"),
    ("’", "text stands in straight quotes, \" or '"),
    (";", "a filter is one condition, without a semicolon"),
];

/// All words with their places; the last one is the end.
pub(crate) fn tokens(text: &str) -> Result<Vec<(Token, Span)>, Slip> {
    let mut reader = Reader { text, at: 0 };
    let mut tokens = Vec::new();
    loop {
        let (token, span) = reader.next()?;
        let end = token == Token::End;
        tokens.push((token, span));
        if end {
            return Ok(tokens);
        }
    }
}

/// Whether a name can stand without backticks, keywords aside.
pub(crate) fn is_plain(name: &str) -> bool {
    name.starts_with(starts_word) && name.chars().all(continues_word)
}

fn starts_word(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn continues_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.')
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take_while(&mut self, keep: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let taken = rest
            .get(..rest.find(|c| !keep(c)).unwrap_or(rest.len()))
            .unwrap_or_default();
        self.at += taken.len();
        taken
    }

    fn next(&mut self) -> Result<(Token, Span), Slip> {
        self.take_while(char::is_whitespace);
        let start = self.at;
        let token = match self.peek() {
            None => Token::End,
            Some('"' | '\'') => Token::Text(self.quoted()?),
            Some('`') => Token::Name(self.name()?),
            Some(c) if starts_word(c) => Token::Word(self.take_while(continues_word).to_owned()),
            Some(c) if c.is_ascii_digit() => self.number()?,
            Some('.')
                if self
                    .rest()
                    .chars()
                    .nth(1)
                    .is_some_and(|c| c.is_ascii_digit()) =>
            {
                self.number()?
            }
            Some(c) => self.sign(c)?,
        };
        Ok((token, Span::new(start, self.at)))
    }

    fn sign(&mut self, c: char) -> Result<Token, Slip> {
        let rest = self.rest();
        if let Some((written, sign)) = SIGNS.iter().find(|(written, _)| rest.starts_with(written)) {
            self.at += written.len();
            return Ok(Token::Sign(sign));
        }
        let foreign = FOREIGN
            .iter()
            .find(|(written, _)| rest.starts_with(written));
        let (length, message) = match foreign {
            Some((written, hint)) => (
                written.len(),
                format!("`{written}` has no meaning here: {hint}"),
            ),
            None if matches!(c, '+' | '*' | '/' | '%' | '^') => (
                c.len_utf8(),
                format!("`{c}` has no meaning here: filters do not calculate"),
            ),
            None => {
                let shown = c.escape_debug();
                let hint = "a column whose name has such characters stands in backticks";
                (
                    c.len_utf8(),
                    format!("`{shown}` has no meaning here; {hint}"),
                )
            }
        };
        Err(Slip::syntax(Span::new(self.at, self.at + length), message))
    }

    fn number(&mut self) -> Result<Token, Slip> {
        let start = self.at;
        self.take_while(|c| c.is_ascii_digit());
        let mut whole = true;
        if self.peek() == Some('.') {
            whole = false;
            self.at += 1;
            if self.take_while(|c| c.is_ascii_digit()).is_empty() {
                return Err(self.bad_number(start, "digits are missing after the point"));
            }
        }
        if matches!(self.peek(), Some('e' | 'E')) {
            whole = false;
            self.at += 1;
            if matches!(self.peek(), Some('+' | '-')) {
                self.at += 1;
            }
            if self.take_while(|c| c.is_ascii_digit()).is_empty() {
                return Err(self.bad_number(start, "digits are missing in the exponent"));
            }
        }
        if self.peek().is_some_and(continues_word) {
            let hint = "a number ends where this goes on; a column whose name begins with a digit stands in backticks, \
                        and text in quotes";
            self.take_while(continues_word);
            return Err(self.bad_number(start, hint));
        }
        let text = self.text.get(start..self.at).unwrap_or_default().to_owned();
        Ok(if whole {
            Token::Whole(text)
        } else {
            Token::Decimal(text)
        })
    }

    fn bad_number(&self, start: usize, message: &str) -> Slip {
        Slip::new(ExpressionFault::Value, Span::new(start, self.at), message)
    }

    /// A name in backticks; a backtick in it is doubled.
    fn name(&mut self) -> Result<String, Slip> {
        let start = self.at;
        self.at += 1;
        let mut name = String::new();
        loop {
            name.push_str(self.take_while(|c| c != '`'));
            if self.peek().is_none() {
                let open = Span::new(start, start + 1);
                return Err(Slip::new(
                    ExpressionFault::Quotes,
                    open,
                    "this backtick is not closed",
                ));
            }
            self.at += 1;
            if self.peek() != Some('`') {
                return Ok(name);
            }
            self.at += 1;
            name.push('`');
        }
    }

    /// Text in quotes; a quote of the same kind in it is doubled or has a backslash before it.
    fn quoted(&mut self) -> Result<String, Slip> {
        let start = self.at;
        let quote = if self.peek() == Some('\'') { '\'' } else { '"' };
        self.at += 1;
        let mut text = String::new();
        loop {
            text.push_str(self.take_while(|c| c != quote && c != '\\'));
            match self.peek() {
                Some('\\') => text.push(self.escaped()?),
                Some(_) => {
                    self.at += 1;
                    if self.peek() != Some(quote) {
                        return Ok(text);
                    }
                    self.at += 1;
                    text.push(quote);
                }
                None => {
                    let open = Span::new(start, start + 1);
                    return Err(Slip::new(
                        ExpressionFault::Quotes,
                        open,
                        "this quote is not closed",
                    ));
                }
            }
        }
    }

    fn escaped(&mut self) -> Result<char, Slip> {
        let start = self.at;
        self.at += 1;
        let c = self.peek();
        self.at += c.map_or(0, char::len_utf8);
        match c {
            Some(c @ ('"' | '\'' | '\\')) => return Ok(c),
            Some('n') => return Ok('\n'),
            Some('r') => return Ok('\r'),
            Some('t') => return Ok('\t'),
            Some('u') => {
                if let Some(c) = self.code_point() {
                    return Ok(c);
                }
            }
            _ => {}
        }
        let message = r#"a backslash in text stands before ", ', another backslash, n, r, t or u{..}; write \\ for one"#;
        Err(Slip::new(
            ExpressionFault::Quotes,
            Span::new(start, self.at),
            message,
        ))
    }

    /// `{1F600}` after `\u`.
    fn code_point(&mut self) -> Option<char> {
        let (digits, _) = self.rest().strip_prefix('{')?.split_once('}')?;
        if !(1..=6).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        self.at += digits.len() + 2;
        char::from_u32(u32::from_str_radix(digits, 16).ok()?)
    }
}
