//! `control.sock`: how commands speak to the running server that owns the data directory. The socket
//! is 0600 and the peer's user is checked, so only the operator gets through. One JSON line in, one out.

use crate::commands::{Request, handle, rotate_master};
use crate::config::Config;
use crate::house::{House, OpenError};
use crate::keyring::Keyring;
use identity::TokenKeys;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinHandle;

/// Longest request: most commands are a few names, one is the access of an installation.
const REQUEST_BYTES_MAX: u64 = 32 << 20;

fn path(config: &Config) -> PathBuf {
    config.data_dir.join("control.sock")
}

fn failed(error: &dyn std::fmt::Display) -> OpenError {
    OpenError::Part {
        part: "control.sock",
        cause: error.to_string(),
    }
}

/// Starts answering commands.
///
/// # Errors
/// When the socket cannot be made.
pub(crate) fn listen(config: &Config, house: Arc<House>) -> Result<JoinHandle<()>, OpenError> {
    let path = path(config);
    // We own the directory, so a socket that is there belongs to nobody.
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path).map_err(|error| failed(&error))?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))
        .map_err(|error| failed(&error))?;
    let uid = rustix::process::geteuid().as_raw();
    let config = Arc::new(config.clone());
    Ok(tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let peer = stream.peer_cred().map(|peer| peer.uid());
            if !peer.is_ok_and(|peer| peer == uid || peer == 0) {
                tracing::warn!("another user knocked at control.sock");
                continue;
            }
            tokio::spawn(answer(stream, house.clone(), config.clone()));
        }
    }))
}

async fn answer(stream: UnixStream, house: Arc<House>, config: Arc<Config>) {
    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    let mut reader = BufReader::new(read.take(REQUEST_BYTES_MAX));
    if reader.read_line(&mut line).await.is_err() {
        return;
    }
    let answer = match serde_json::from_str::<Request>(&line) {
        Ok(Request::KeysRotate) => rotate(&house, &config).await,
        Ok(Request::KeysRotateMaster) => rotate_master(&house.office, &config).await,
        Ok(request) => handle(&house.office, request).await,
        Err(error) => Err(format!("not a command: {error}")),
    };
    let answer = match answer {
        Ok(value) => serde_json::json!({ "ok": value }),
        Err(error) => serde_json::json!({ "error": error }),
    };
    let _ = write.write_all(format!("{answer}\n").as_bytes()).await;
}

/// Rotates while requests run: tokens of the old pair stay good until they expire.
async fn rotate(house: &House, config: &Config) -> Result<Value, String> {
    handle(&house.office, Request::KeysRotate).await?;
    let keyring = Keyring::rotate(config).map_err(|error| error.to_string())?;
    let keys = TokenKeys::new(&keyring.signing, &keyring.retired).map_err(|e| e.to_string())?;
    house.office.identity.rotate_keys(keys);
    Ok(serde_json::json!({ "kid": keyring.signing.public().kid }))
}

/// Asks the running server; `None` when there is none.
pub(crate) async fn ask(config: &Config, request: &Request) -> Option<Result<Value, String>> {
    let stream = UnixStream::connect(path(config)).await.ok()?;
    Some(converse(stream, request).await)
}

async fn converse(stream: UnixStream, request: &Request) -> Result<Value, String> {
    let (read, mut write) = stream.into_split();
    let mut line = serde_json::to_string(request).map_err(|error| error.to_string())?;
    line.push('\n');
    write
        .write_all(line.as_bytes())
        .await
        .map_err(|error| error.to_string())?;
    let mut answer = String::new();
    BufReader::new(read)
        .read_line(&mut answer)
        .await
        .map_err(|error| error.to_string())?;
    let mut answer: Value = serde_json::from_str(&answer)
        .map_err(|_| "the running server ended before it answered".to_owned())?;
    match answer.get_mut("error").map(Value::take) {
        Some(error) => Err(error.as_str().unwrap_or("it failed").to_owned()),
        None => Ok(answer.get_mut("ok").map(Value::take).unwrap_or_default()),
    }
}
