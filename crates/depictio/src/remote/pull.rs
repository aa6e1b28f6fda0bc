//! `depictio pull PROJECT COLLECTION FILE`: the rows of a version as a file, whole or not at all.

use super::answer;
use super::find;
use super::place::Draft;
use super::progress::shown_while;
use super::server::Server;
use super::shown;
use reqwest::header::TRANSFER_ENCODING;
use reqwest::{Method, Response};
use std::ffi::OsStr;
use std::io::{ErrorKind, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use url::Url;

/// Fetch a version of a table from a server as a file
#[derive(clap::Args)]
pub(crate) struct Pull {
    /// The project, by its name or id
    project: String,
    /// The collection, by its name or id
    collection: String,
    /// The file, whose ending says the format: .csv, .parquet, .arrows or .jsonl; - is standard output
    file: PathBuf,
    /// The format, whatever the file is called
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// A version; the latest when not given
    #[arg(long = "version", value_name = "N")]
    number: Option<u64>,
    /// Only the rows that meet this filter, such as 'age > 30 and sex = "female"'
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// In CSV: write text that a spreadsheet would compute as it is, without an apostrophe before it
    #[arg(long)]
    keep_formulas: bool,
    /// Put the file in the place of one that is there
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Comma-separated values
    Csv,
    /// Parquet
    Parquet,
    /// An Arrow stream
    Arrow,
    /// One JSON object a line
    Jsonl,
}

impl Format {
    fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
            Self::Jsonl => "jsonl",
        }
    }

    fn of(path: &Path) -> Result<Self, String> {
        let ending = path.extension().and_then(OsStr::to_str);
        let shown = path.display();
        match ending.unwrap_or_default().to_ascii_lowercase().as_str() {
            "csv" => Ok(Self::Csv),
            "parquet" | "pq" => Ok(Self::Parquet),
            "arrows" => Ok(Self::Arrow),
            "jsonl" | "ndjson" => Ok(Self::Jsonl),
            // Who opens such a file expects a table of its parts at its end, which a stream has not.
            "arrow" | "feather" | "ipc" => Err(format!(
                "{shown}: the server gives an Arrow stream, which is named .arrows; or add --format arrow"
            )),
            _ => Err(format!(
                "{shown}: the ending does not say a format: .csv, .parquet, .arrows or .jsonl; or add --format"
            )),
        }
    }
}

/// Why the rows did not come whole.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error("the transfer was cut off before its end ({0})")]
    Cut(String),
    #[error("{0}")]
    Write(std::io::Error),
}

impl Pull {
    /// Whether the rows go to standard output.
    pub(super) fn is_to_stdout(&self) -> bool {
        self.file.as_os_str() == "-"
    }

    /// Fetches the rows and says so; nothing is said when whoever read them has enough.
    ///
    /// # Errors
    /// One sentence. No file is left then, and one that was there is as it was.
    pub(super) async fn fetch(self, server: &Server) -> Result<Option<String>, String> {
        tokio::select! {
            said = self.rows(server) => said,
            // Else the kernel would end us where we stand, and half a file would be left.
            () = stopped() => Err("stopped".to_owned()),
        }
    }

    async fn rows(&self, server: &Server) -> Result<Option<String>, String> {
        let format = self.chosen()?;
        let shown = self.file.display();
        // Made before anything is asked for: what cannot be kept is not exported.
        let draft = match self.is_to_stdout() {
            true => None,
            false => Some(Draft::beside(&self.file, self.force)?),
        };
        let project = find::project(server, &self.project).await?;
        let (collection, _) = find::collection(server, &project, &self.collection, false).await?;
        let path = [
            "projects",
            &project.id,
            "collections",
            &collection.id,
            "export",
        ];
        let url = self.address(server.address(&path), format);
        let response = server.send(server.request(Method::GET, url)).await?;
        let response = answer::accepted(response).await?;
        let version = whole_version(&response)?;
        let rows = if self.filter.is_some() {
            "the rows that meet the filter, "
        } else {
            ""
        };
        let name = format!("Version {version} of {}: {rows}", collection.name);
        let Some(draft) = draft else {
            return match self.receive(response, tokio::io::stdout()).await {
                Ok(bytes) => Ok(Some(format!("{name}{}.", shown::count(bytes, "byte")))),
                // As `head` has.
                Err(Broken::Write(error)) if error.kind() == ErrorKind::BrokenPipe => Ok(None),
                Err(broken) => Err(format!("{broken}; what was written is not whole")),
            };
        };
        let file = tokio::fs::File::from_std(draft.open()?);
        let bytes = self.receive(response, file).await;
        let bytes = bytes.map_err(|broken| format!("{shown}: {broken}; nothing was kept"))?;
        draft.put()?;
        Ok(Some(format!(
            "{name}{} in {shown}.",
            shown::count(bytes, "byte")
        )))
    }

    fn chosen(&self) -> Result<Format, String> {
        match self.format {
            Some(format) => Ok(format),
            None if self.is_to_stdout() => {
                let words =
                    "for standard output name the format: --format csv, parquet, arrow or jsonl";
                Err(words.to_owned())
            }
            None => Format::of(&self.file),
        }
    }

    fn address(&self, mut url: Url, format: Format) -> Url {
        let mut query = url.query_pairs_mut();
        query.append_pair("format", format.as_str());
        if let Some(number) = self.number {
            query.append_pair("version", &number.to_string());
        }
        if let Some(filter) = &self.filter {
            query.append_pair("filter", filter);
        }
        if self.keep_formulas {
            query.append_pair("formulas", "keep");
        }
        drop(query);
        url
    }

    /// Writes what comes; how many bytes it was.
    async fn receive(
        &self,
        response: Response,
        out: impl AsyncWrite + Unpin,
    ) -> Result<u64, Broken> {
        let arrived = AtomicU64::new(0);
        let work = write(response, out, &arrived);
        if self.is_to_stdout() && std::io::stdout().is_terminal() {
            // The rows themselves are on the screen.
            work.await?;
        } else {
            let name = match self.is_to_stdout() {
                true => "rows".to_owned(),
                false => shown::short(&self.file.to_string_lossy()),
            };
            let line = |bytes, rate| {
                let (bytes, rate) = (shown::bytes(bytes), shown::bytes(rate));
                format!("Receiving {name}  {bytes}  {rate}/s")
            };
            shown_while(&arrived, line, work).await?;
        }
        Ok(arrived.into_inner())
    }
}

/// The version that is on its way, when it comes in a way that shows whether it was cut: with its length before it, or
/// in pieces of which the last says so. Some proxies hand on neither, and the end of the connection then means nothing.
fn whole_version(response: &Response) -> Result<u64, String> {
    let version = response.headers().get("x-version");
    let version = version.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let Some(version) = version else {
        return Err(answer::stranger(response).into());
    };
    if response.content_length().is_none() && !response.headers().contains_key(TRANSFER_ENCODING) {
        return Err(
            "a proxy in the way leaves out what shows whether a file is whole; have it speak HTTP/1.1 to the server"
                .to_owned(),
        );
    }
    Ok(version)
}

async fn write(
    mut response: Response,
    mut out: impl AsyncWrite + Unpin,
    arrived: &AtomicU64,
) -> Result<(), Broken> {
    loop {
        let piece = response.chunk().await;
        let piece = piece.map_err(|error| Broken::Cut(answer::last_cause(&error)))?;
        let Some(piece) = piece else {
            break;
        };
        out.write_all(&piece).await.map_err(Broken::Write)?;
        arrived.fetch_add(piece.len() as u64, Ordering::Relaxed);
    }
    out.flush().await.map_err(Broken::Write)
}

/// Ends when somebody presses Ctrl-C.
async fn stopped() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_says_the_format_or_what_would() {
        let of = |name: &str| Format::of(Path::new(name));
        assert_eq!(of("a/Table.CSV"), Ok(Format::Csv));
        assert_eq!(of("t.parquet"), Ok(Format::Parquet));
        assert_eq!(of("t.arrows"), Ok(Format::Arrow));
        assert_eq!(of("t.ndjson"), Ok(Format::Jsonl));
        assert!(of("t.arrow").unwrap_err().contains(".arrows"));
        for name in ["t.xlsx", "t", ".csv", "t.csv.gz"] {
            assert!(of(name).unwrap_err().contains("--format"), "{name}");
        }
    }
}
