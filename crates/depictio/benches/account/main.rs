//! What it costs to know who asks: `GET /auth/me` with and without a token, sign-ins, and how many requests a second.
//!
//! `cargo bench ... --bench account -- PYTHON` measures the same work of `benches/peers/account.py` beside it, run by
//! that interpreter. Both are asked in turn by the same client over the same connections.

mod peer;
mod wire;

use std::error::Error;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use wire::{Connection, get, post};

type Fallible<T> = Result<T, Box<dyn Error>>;

/// Requests of one connection, one after the other.
const ONE_BY_ONE: usize = 4_000;
/// Connections that ask again at once.
const TOGETHER: usize = 32;
const TOGETHER_FOR: Duration = Duration::from_secs(4);
/// Rounds in which ours and the peer's take turns.
const ROUNDS: usize = 3;
const SIGN_INS: usize = 60;

const EMAIL: &str = "admin@localhost";
const PASSWORD: &str = "correct-horse-battery-41";

/// A server that ends with this value.
struct Running {
    child: Child,
    address: String,
    token: String,
    _folder: tempfile::TempDir,
}

impl Drop for Running {
    fn drop(&mut self) {
        // The peer has processes of its own.
        let group = rustix::process::Pid::from_child(&self.child);
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        let _ = self.child.wait();
    }
}

#[tokio::main]
async fn main() -> Fallible<()> {
    let python = std::env::args()
        .nth(1)
        .filter(|word| !word.starts_with('-'));
    let ours = depictio().await?;
    let account = get("/api/v1/auth/me", Some(&ours.token));
    let nobody = get("/api/v1/auth/me", None);

    let mut connection = Connection::open(&ours.address).await?;
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for turn in 0..2 * ONE_BY_ONE {
        // In turn, so that what else the machine does meets both alike; the first half warms.
        let with = timed(&mut connection, &account, 200).await?;
        let without = timed(&mut connection, &nobody, 401).await?;
        if turn >= ONE_BY_ONE {
            known.push(with);
            unknown.push(without);
        }
    }
    let (known, unknown) = (Times::of(known), Times::of(unknown));
    println!(
        "\n| one connection, {ONE_BY_ONE} each in turn, us | median | 95 % | 99 % |\n|---|---|---|---|"
    );
    println!("| `GET /auth/me`, signature and liveness checked | {known} |");
    println!("| the same without a token: refused | {unknown} |");
    println!(
        "| more | {:+.0} | {:+.0} | {:+.0} |",
        known.at(50) - unknown.at(50),
        known.at(95) - unknown.at(95),
        known.at(99) - unknown.at(99)
    );

    let peer = match &python {
        Some(python) => Some(peer::start(python).await?),
        None => None,
    };
    let (mut our_rates, mut their_rates) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        our_rates.push(rate(&ours.address, &account).await?);
        if let Some(peer) = &peer {
            their_rates.push(rate(&peer.address, &get("/auth/me", Some(&peer.token))).await?);
        }
    }
    println!(
        "\n| {TOGETHER} connections, median of {ROUNDS} rounds in turn | requests a second |\n|---|---|"
    );
    let our_rate = middle(&mut our_rates);
    println!("| Depictio | {our_rate:.0} |");
    if peer.is_some() {
        let their_rate = middle(&mut their_rates);
        println!("| FastAPI, PyJWT, SQLite, two processes of uvicorn | {their_rate:.0} |");
        println!("| ratio | {:.1} |", our_rate / their_rate);
    }

    let body = json!({ "grant_type": "password", "email": EMAIL, "password": PASSWORD });
    let sign_in = post("/api/v1/auth/token", &body);
    let began = Instant::now();
    for _ in 0..SIGN_INS {
        timed(&mut connection, &sign_in, 200).await?;
    }
    let seconds = began.elapsed().as_secs_f64();
    println!("\n| sign-ins, one after the other | a second |\n|---|---|");
    println!(
        "| Argon2id, 19 MiB, two passes, one lane | {:.1} |",
        SIGN_INS as f64 / seconds
    );
    Ok(())
}

/// The program, without Code Mode, on a directory of its own.
async fn depictio() -> Fallible<Running> {
    let folder = tempfile::tempdir()?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_depictio"));
    command
        .arg("serve")
        .env_clear()
        .env("DEPICTIO_DATA_DIR", folder.path().join("data"))
        .env("DEPICTIO_BIND", "127.0.0.1:0")
        .env("DEPICTIO_ADMIN_EMAIL", EMAIL)
        .env("DEPICTIO_ADMIN_PASSWORD", PASSWORD)
        .env("DEPICTIO_PYTHON", "/no/interpreter/here")
        .env("LOG_LEVEL", "ERROR")
        .process_group(0)
        .stdout(Stdio::piped())
        .stdin(Stdio::null());
    let mut child = command.spawn()?;
    let out = child.stdout.take().ok_or("no output")?;
    let mut running = Running {
        child,
        address: String::new(),
        token: String::new(),
        _folder: folder,
    };
    let mut lines = BufReader::new(out).lines();
    while running.address.is_empty() {
        let line = lines.next().ok_or("the program did not start")??;
        if let Some((_, rest)) = line.split_once("ready:  ") {
            let url = rest.split_whitespace().next().unwrap_or_default();
            let host = url.split("://").nth(1).unwrap_or_default();
            host.trim_end_matches('/').clone_into(&mut running.address);
        }
    }
    std::thread::spawn(move || lines.for_each(drop));
    let body = json!({ "grant_type": "password", "email": EMAIL, "password": PASSWORD });
    let mut connection = Connection::open(&running.address).await?;
    let (status, answer) = connection.ask(&post("/api/v1/auth/token", &body)).await?;
    let answer: Value = serde_json::from_slice(&answer)?;
    if status != 200 {
        return Err(format!("signing in: {status} {answer}").into());
    }
    let token = answer.get("access_token").and_then(Value::as_str);
    running.token = token.ok_or("no token")?.to_owned();
    Ok(running)
}

async fn timed(connection: &mut Connection, request: &[u8], status: u16) -> Fallible<Duration> {
    let began = Instant::now();
    let (answered, body) = connection.ask(request).await?;
    let took = began.elapsed();
    if answered != status {
        let body = String::from_utf8_lossy(&body);
        return Err(format!("status {answered} instead of {status}: {body}").into());
    }
    Ok(took)
}

/// Requests a second over several connections, each asking again as soon as it has its answer.
async fn rate(address: &str, request: &[u8]) -> Fallible<f64> {
    let mut asking = tokio::task::JoinSet::new();
    let began = Instant::now();
    for _ in 0..TOGETHER {
        let mut connection = Connection::open(address).await?;
        let request = request.to_vec();
        asking.spawn(async move {
            let mut count = 0_u64;
            while began.elapsed() < TOGETHER_FOR {
                match timed(&mut connection, &request, 200).await {
                    Ok(_) => count += 1,
                    Err(error) => return Err(error.to_string()),
                }
            }
            Ok(count)
        });
    }
    let mut count = 0;
    while let Some(one) = asking.join_next().await {
        count += one??;
    }
    Ok(count as f64 / began.elapsed().as_secs_f64())
}

fn middle(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Times in microseconds, in order.
struct Times(Vec<f64>);

impl Times {
    fn of(times: Vec<Duration>) -> Self {
        let mut times: Vec<f64> = times.iter().map(|time| time.as_secs_f64() * 1e6).collect();
        times.sort_by(f64::total_cmp);
        Self(times)
    }

    fn at(&self, percent: usize) -> f64 {
        let last = self.0.len().saturating_sub(1);
        self.0
            .get(last * percent / 100)
            .copied()
            .unwrap_or(f64::NAN)
    }
}

impl std::fmt::Display for Times {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{:.0} | {:.0} | {:.0}",
            self.at(50),
            self.at(95),
            self.at(99)
        )
    }
}
