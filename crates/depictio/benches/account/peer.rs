//! The peer: the same work as a Python server does it.

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::wire::{Connection, get};
use crate::{Fallible, Running};

/// Starts `benches/peers/account.py`; it prints its address and a token.
pub(crate) async fn start(python: &str) -> Fallible<Running> {
    let script =
        Path::new(&std::env::var("CARGO_MANIFEST_DIR")?).join("../../benches/peers/account.py");
    let folder = tempfile::tempdir()?;
    let mut child = Command::new(python)
        .arg(script)
        .arg(folder.path())
        .process_group(0)
        .stdout(Stdio::piped())
        .stdin(Stdio::null())
        .spawn()?;
    let out = child.stdout.take().ok_or("no output")?;
    let mut running = Running {
        child,
        address: String::new(),
        token: String::new(),
        _folder: folder,
    };
    let mut lines = BufReader::new(out).lines();
    running.address = lines.next().ok_or("the peer did not start")??;
    running.token = lines.next().ok_or("the peer did not start")??;
    std::thread::spawn(move || lines.for_each(drop));
    let request = get("/auth/me", Some(&running.token));
    for _ in 0..200 {
        if let Ok(mut connection) = Connection::open(&running.address).await
            && matches!(connection.ask(&request).await, Ok((200, _)))
        {
            return Ok(running);
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    Err("the peer does not answer".into())
}
