//! Somebody at a machine of their own, who calls `depictio` with the address of a server and a token.

use crate::client::Client;
use crate::server::{Server, program};
use std::process::{Command, Stdio};

/// Where somebody works: a folder on a machine of their own, the address of a server, and a token.
pub(crate) struct Desk {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) url: String,
    pub(crate) token: String,
}

/// What a command came to.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Desk {
    pub(crate) fn new(url: String, token: &str) -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            url,
            token: token.to_owned(),
        }
    }

    pub(crate) fn of(client: &Client, server: &Server) -> Self {
        Self::new(format!("http://{}", server.address), client.token())
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.dir.path().join(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.dir.path().join(name)).unwrap()
    }

    /// What lies in the folder, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.dir.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = program(self.dir.path());
        command
            .env("DEPICTIO_URL", &self.url)
            .env("DEPICTIO_TOKEN", &self.token)
            .stdin(Stdio::null())
            .args(words);
        command
    }

    /// Runs a command. Whatever comes of it, no token is shown, no terminal is steered and no data directory made.
    #[track_caller]
    pub(crate) fn end(&self, command: &mut Command) -> Ran {
        let done = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (out, err) = (text(&done.stdout), text(&done.stderr));
        for shown in [&out, &err] {
            assert!(!shown.contains(&self.token), "{shown}");
            assert!(!shown.contains('\x1b'), "{shown:?}");
        }
        assert!(!self.dir.path().join("data").exists());
        Ran {
            code: done.status.code(),
            out,
            err,
        }
    }

    #[track_caller]
    pub(crate) fn run(&self, words: &[&str]) -> Ran {
        self.end(&mut self.command(words))
    }

    /// Runs a command that succeeds; the sentence it says.
    #[track_caller]
    pub(crate) fn done(&self, words: &[&str]) -> String {
        let ran = self.run(words);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{words:?}");
        ran.out
    }

    /// Runs a command that fails with one line; the line.
    #[track_caller]
    pub(crate) fn refused(&self, words: &[&str]) -> String {
        self.refused_by(&mut self.command(words))
    }

    #[track_caller]
    pub(crate) fn refused_by(&self, command: &mut Command) -> String {
        let ran = self.end(command);
        assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{}", ran.err);
        assert_eq!(ran.err.trim_end().lines().count(), 1, "{}", ran.err);
        ran.err
    }
}
