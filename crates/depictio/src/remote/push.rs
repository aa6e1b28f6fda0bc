//! `depictio push PROJECT COLLECTION FILE...`: files from this disk become one version of a table, or nothing.

use super::answer;
use super::body::{Form, Sent, Source};
use super::find::{self, Found};
use super::progress::shown_while;
use super::server::Server;
use super::shown::{self, count, number};
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, EXPECT, HeaderValue};
use reqwest::{Method, Request};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use url::Url;

/// A body up to this length is read by the server even when it is refused, and the refusal comes back whole.
const SHORT_BYTES: u64 = 4 << 20;

/// How long a longer body waits for a refusal (RFC 9110, 10.1.1). The client's library does not tell when the server
/// says `100 Continue`, so this is waited for in any case: little beside what such a body takes.
const WAIT: Duration = Duration::from_millis(500);

/// Send files to a server, where they become one version of a table
#[derive(clap::Args)]
pub(crate) struct Push {
    /// The project, by its name or id
    project: String,
    /// The collection, by its name or id
    collection: String,
    /// The files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// What becomes of the rows that are there
    #[arg(long, value_enum, default_value_t = Mode::Append)]
    mode: Mode,
    /// For upsert: the key's column, or several with commas between
    #[arg(long, value_name = "COLUMNS", required_if_eq("mode", "upsert"))]
    key: Option<String>,
    /// Set rows aside that do not fit, instead of refusing the files
    #[arg(long)]
    set_aside: bool,
    /// More markers of a missing value, with commas between
    #[arg(long, value_name = "MARKERS", allow_hyphen_values = true)]
    missing: Option<String>,
    /// The sheet of a workbook; the first one when not given
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// Make the collection when there is none of that name
    #[arg(long)]
    create: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Mode {
    /// They stay
    Append,
    /// They go
    Overwrite,
    /// Those with a key of the files are replaced
    Upsert,
}

impl Mode {
    fn as_str(self) -> &'static str {
        match self {
            Self::Append => "append",
            Self::Overwrite => "overwrite",
            Self::Upsert => "upsert",
        }
    }
}

/// A version that was made.
#[derive(Deserialize)]
struct Made {
    version: u64,
    rows: u64,
    total_rows: u64,
    columns: Vec<IgnoredAny>,
    #[serde(default)]
    set_aside: u64,
    #[serde(default)]
    rows_updated: u64,
}

impl Push {
    /// Sends the files and says what came of them.
    ///
    /// # Errors
    /// One sentence. Nothing of the files is kept then.
    pub(super) async fn send(self, server: &Server) -> Result<String, String> {
        // Before anything is asked for, so that a misspelt name makes no collection.
        let files = self.files.iter().map(|path| Source::open(path));
        let files = files.collect::<Result<Vec<_>, _>>()?;
        let project = find::project(server, &self.project).await?;
        let (collection, is_new) =
            find::collection(server, &project, &self.collection, self.create).await?;
        let path = ["projects", &project.id, "collections", &collection.id];
        let made = self.upload(server, &path, files).await;
        let made = made.map_err(|words| match is_new {
            true => with_new(&words, &collection),
            false => words,
        })?;
        let mut said = self.told(&collection, &made);
        if made.set_aside > 0 {
            let version = made.version.to_string();
            let report = [path.as_slice(), &["versions", &version, "set_aside"]].concat();
            let were = if made.set_aside == 1 { "was" } else { "were" };
            said.push_str(&format!(
                " {} did not fit and {were} set aside; which and why: {}",
                count(made.set_aside, "row"),
                server.address(&report)
            ));
        }
        Ok(said)
    }

    /// The address to send to, with how the files are to be read.
    fn address(&self, server: &Server, path: &[&str]) -> Url {
        let mut url = server.address(&[path, &["uploads"]].concat());
        let mut query = url.query_pairs_mut();
        query.append_pair("mode", self.mode.as_str());
        if self.set_aside {
            query.append_pair("bad_rows", "set_aside");
        }
        for (name, value) in [
            ("key", &self.key),
            ("missing", &self.missing),
            ("sheet", &self.sheet),
        ] {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        drop(query);
        url
    }

    async fn upload(
        &self,
        server: &Server,
        path: &[&str],
        files: Vec<Source>,
    ) -> Result<Made, String> {
        let way = Way::of(&files);
        let sent = Arc::new(Sent::default());
        let url = self.address(server, path);
        let request = request(server, url, files, sent.clone())?;
        let answered = async {
            let response = server.send(request).await?;
            sent.is_answered.store(true, Ordering::Release);
            answer::read::<Made>(response).await
        };
        let line = |bytes, rate| way.line(bytes, rate);
        let made = shown_while(&sent.bytes, line, answered).await;
        made.map_err(|failure| {
            let is_sent = way.is_sent(sent.bytes.load(Ordering::Relaxed));
            match failure.status {
                // Who sends them again without a look may have the rows twice.
                None if is_sent => format!(
                    "{failure}; the versions of the collection tell whether the rows came in all the same"
                ),
                _ => failure.into(),
            }
        })
    }

    fn told(&self, collection: &Found, made: &Made) -> String {
        let changes = match self.mode {
            Mode::Append => format!("{} added, ", count(made.rows, "row")),
            Mode::Overwrite => String::new(),
            Mode::Upsert => {
                let added = made.rows.saturating_sub(made.rows_updated);
                let added = count(added, "row");
                format!("{added} added, {} replaced, ", number(made.rows_updated))
            }
        };
        let all = match self.mode {
            Mode::Overwrite => count(made.total_rows, "row"),
            _ => number(made.total_rows),
        };
        format!(
            "Version {} of {}: {changes}{all} in all, {}.",
            made.version,
            collection.name,
            count(made.columns.len() as u64, "column")
        )
    }
}

/// What went wrong, and what is there all the same.
fn with_new(words: &str, collection: &Found) -> String {
    let words = words.trim_end_matches('.');
    let name = &collection.name;
    format!("{words}. The collection {name:?} was made before that.")
}

fn request(
    server: &Server,
    url: Url,
    files: Vec<Source>,
    sent: Arc<Sent>,
) -> Result<Request, String> {
    let form = Form::of(files, keys::token(&keys::SystemRng));
    let length = form.length();
    let kind = HeaderValue::from_str(&form.content_type()).map_err(|error| error.to_string())?;
    let mut request = server.request(Method::POST, url);
    let headers = request.headers_mut();
    headers.insert(CONTENT_TYPE, kind);
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    let wait = (length > SHORT_BYTES).then_some(WAIT);
    if wait.is_some() {
        headers.insert(EXPECT, HeaderValue::from_static("100-continue"));
    }
    *request.body_mut() = Some(form.into_body(wait, sent));
    Ok(request)
}

/// The files one after the other, for the line that says how far they are.
struct Way {
    /// Where each ends, and its name.
    ends: Vec<(u64, String)>,
    total: u64,
}

impl Way {
    fn of(files: &[Source]) -> Self {
        let mut total = 0_u64;
        let mut ends = Vec::with_capacity(files.len());
        for file in files {
            total = total.saturating_add(file.bytes);
            ends.push((total, shown::short(&file.name)));
        }
        Self { ends, total }
    }

    fn is_sent(&self, bytes: u64) -> bool {
        bytes > 0 && bytes >= self.total
    }

    fn line(&self, bytes: u64, rate: u64) -> String {
        let now = self.ends.iter().find(|(end, _)| bytes < *end);
        let Some((_, name)) = now else {
            return "Sent. The server reads and checks the rows…".to_owned();
        };
        let (size, unit) = shown::unit(self.total);
        // Of a total of nothing there is no such file.
        let percent = u128::from(bytes) * 100 / u128::from(self.total.max(1));
        format!(
            "Sending {name}  {} of {} {unit}  {percent} %  {}/s",
            number(bytes / size),
            number(self.total / size),
            shown::bytes(rate)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_names_the_file_on_its_way_and_then_who_works() {
        let way = Way {
            ends: vec![
                (1_000_000_000, "features.csv".to_owned()),
                (1_081_000_000, "more.csv".to_owned()),
            ],
            total: 1_081_000_000,
        };
        assert_eq!(
            way.line(412_300_000, 92_000_000),
            "Sending features.csv  412 of 1,081 MB  38 %  92 MB/s"
        );
        assert!(
            way.line(1_000_000_000, 0)
                .starts_with("Sending more.csv  1,000 of")
        );
        assert!(way.line(1_081_000_000, 0).starts_with("Sent."));
        let none = Way {
            ends: vec![(0, "empty.csv".to_owned())],
            total: 0,
        };
        assert!(none.line(0, 0).starts_with("Sent."));
    }
}
