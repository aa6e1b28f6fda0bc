//! Mail that carries a link to the person it is for, by the operator's own server (SMTP, RFC 5321).

use keys::Secret;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Message, SmtpTransport, Transport};
use std::time::Duration;
use url::Url;

/// How long a server may take to accept a message. Somebody waits for the answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why mail cannot be sent as it was configured.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The address of the server cannot be used.
    #[error("such as smtps://name:password@mail.example?from=depictio@lab.example: {0}")]
    Address(&'static str),
    /// Its TLS cannot be set up.
    #[error("TLS for mail: {0}")]
    Tls(lettre::transport::smtp::Error),
}

/// What a link in a mail is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// A new password.
    Reset,
    /// A new account.
    Invitation,
}

/// Sends mail. Cheap to clone.
#[derive(Clone)]
pub struct Mailer {
    transport: SmtpTransport,
    from: Mailbox,
    page: Url,
}

impl Mailer {
    /// Reads `smtp://` (STARTTLS, port 587) or `smtps://` (TLS from the first byte, port 465), with name
    /// and password percent-encoded, and `?from=` the sender's address. Links lead to `page`. With
    /// `plaintext` a server at `smtp://` is spoken to without TLS.
    ///
    /// # Errors
    /// When the address cannot be used.
    pub fn new(server: &Secret<String>, page: Url, plaintext: bool) -> Result<Self, MailError> {
        let url: Url = server
            .expose()
            .parse()
            .map_err(|_| MailError::Address("it is no URL"))?;
        let host = url.host_str().unwrap_or_default().to_owned();
        if host.is_empty() {
            return Err(MailError::Address("it names no server"));
        }
        let parameters = || TlsParameters::new(host.clone()).map_err(MailError::Tls);
        let (tls, port) = match (url.scheme(), plaintext) {
            ("smtps", _) => (Tls::Wrapper(parameters()?), 465),
            ("smtp", false) => (Tls::Required(parameters()?), 587),
            ("smtp", true) => (Tls::None, 25),
            _ => return Err(MailError::Address("it begins with smtp:// or smtps://")),
        };
        let mut builder = SmtpTransport::builder_dangerous(host)
            .port(url.port().unwrap_or(port))
            .tls(tls)
            .timeout(Some(PATIENCE));
        if !url.username().is_empty() {
            let password = url.password().unwrap_or_default();
            let credentials = Credentials::new(decoded(url.username())?, decoded(password)?);
            builder = builder.credentials(credentials);
        }
        let from = url.query_pairs().find(|(name, _)| name == "from");
        let from = from.ok_or(MailError::Address("?from= names the sender"))?.1;
        let from = from
            .parse()
            .map_err(|_| MailError::Address("?from= is an e-mail address"))?;
        Ok(Self {
            transport: builder.build(),
            from: Mailbox::new(Some("Depictio".to_owned()), from),
            page,
        })
    }

    /// Sends a link to the person it is for; `path` is that of the page, with what opens it behind
    /// the `#`. Answers whether the server took it; what went wrong is in the log.
    pub async fn send(&self, occasion: Occasion, to: &str, path: &str) -> bool {
        let Some(message) = self.message(occasion, to, path) else {
            tracing::warn!("mail was not sent: the address cannot be written to");
            return false;
        };
        let transport = self.transport.clone();
        let sending = tokio::task::spawn_blocking(move || transport.send(&message));
        match sending.await {
            Ok(Ok(_)) => true,
            Ok(Err(error)) => {
                tracing::warn!(%error, "mail was not sent");
                false
            }
            Err(_) => false,
        }
    }

    fn message(&self, occasion: Occasion, to: &str, path: &str) -> Option<Message> {
        let link = self.page.join(path).ok()?;
        let (subject, words) = match occasion {
            Occasion::Reset => (
                "A new password for Depictio",
                "An administrator made you a link to set a new password. It is good once:",
            ),
            Occasion::Invitation => (
                "An invitation to Depictio",
                "You are invited to make an account. This link is good once:",
            ),
        };
        let body = format!(
            "{words}\n\n{link}\n\nIf you do not expect this, leave it: nothing happens without the link.\n"
        );
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to.parse().ok()?))
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .body(body)
            .ok()
    }
}

/// What stands percent-encoded in a URL.
fn decoded(text: &str) -> Result<String, MailError> {
    // A form's way of writing is the same but for the plus sign, which stays one here.
    let pairs = text.replace('+', "%2B");
    let decoded = url::form_urlencoded::parse(pairs.as_bytes())
        .next()
        .map(|(name, _)| name.into_owned());
    decoded
        .filter(|text| !text.contains('\u{fffd}'))
        .or_else(|| text.is_empty().then(String::new))
        .ok_or(MailError::Address(
            "name and password are percent-encoded UTF-8",
        ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mailer(server: &str, plaintext: bool) -> Result<Mailer, MailError> {
        let page = "https://dashboards.example/".parse().unwrap();
        Mailer::new(&Secret::new(server.to_owned()), page, plaintext)
    }

    #[test]
    fn the_address_of_a_server_is_read_and_a_wrong_one_says_why() {
        for good in [
            "smtps://mail.example?from=depictio@lab.example",
            "smtp://name:p%40ss+word@mail.example:2525/?from=depictio@lab.example",
        ] {
            assert!(mailer(good, false).is_ok(), "{good}");
        }
        for (bad, why) in [
            ("mail.example", "no URL"),
            ("https://mail.example?from=a@b.example", "begins with"),
            ("smtps://mail.example", "?from= names"),
            ("smtps://mail.example?from=nobody", "?from= is"),
            ("smtps://?from=a@b.example", "no server"),
        ] {
            let error = mailer(bad, false).err().unwrap().to_string();
            assert!(error.contains(why), "{bad}: {error}");
        }
        assert_eq!(decoded("p%40ss+word").unwrap(), "p@ss+word");
        assert_eq!(decoded("").unwrap(), "");
        assert!(decoded("%ff").is_err());
    }

    #[test]
    fn a_mail_has_the_link_whole_and_one_reader() {
        let mailer = mailer("smtps://mail.example?from=depictio@lab.example", false).unwrap();
        let message = mailer.message(Occasion::Reset, "ada@lab.example", "/reset#token");
        let text = String::from_utf8(message.unwrap().formatted()).unwrap();
        assert!(
            text.contains("https://dashboards.example/reset#token\r\n"),
            "{text}"
        );
        assert!(text.contains("To: ada@lab.example\r\n"), "{text}");
        for to in [
            "ada@lab.example\r\nBcc: eve@lab.example",
            "ada@lab.example, eve@lab.example",
        ] {
            assert!(
                mailer
                    .message(Occasion::Reset, to, "/reset#token")
                    .is_none(),
                "{to}"
            );
        }
    }
}
