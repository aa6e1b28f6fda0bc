//! `depictio`: the server and its commands. Wiring only; the rules live in the crates below.

mod apply;
mod clock;
mod commands;
mod config;
mod control;
mod house;
mod keyring;
mod logging;
mod remote;
mod serve;

use clap::{Parser, Subcommand};
use commands::{Request, State};
use config::{Config, Loaded};
use domain::SystemRole;
use house::Office;
use serde_json::Value;
use std::io::Write as _;
use std::process::ExitCode;

/// The hidden command by which the program becomes the sandbox's launcher.
const LAUNCHER: &str = "sandbox-launcher";

/// Stack of each thread. A request walks through every layer in one chain of futures, whose frames
/// are large without optimisation: the usual 2 MiB are not enough for a preview of a component.
const STACK_BYTES: usize = 16 << 20;

/// Self-hosted dashboards over shared scientific tables.
#[derive(Parser)]
#[command(name = "depictio", version, about, subcommand_required = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API and the page
    Serve {
        /// Make the demo projects at the first start
        #[arg(long)]
        demo: bool,
        /// Sign in whoever opens the page as the admin, without a password: for a machine of one person
        #[arg(long)]
        single_user: bool,
    },
    /// Accounts
    #[command(subcommand)]
    User(UserCommand),
    /// Keys that sign tokens, and keys that seal data
    #[command(subcommand)]
    Keys(KeysCommand),
    /// The audit log
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Groups, projects and grants from a file: shows who gains and who loses what; with --yes, does it
    Apply {
        /// The file, YAML
        #[arg(required_unless_present = "export")]
        file: Option<std::path::PathBuf>,
        /// Do what the plan says
        #[arg(long)]
        yes: bool,
        /// Print what is there as such a file
        #[arg(long, conflicts_with_all = ["file", "yes"])]
        export: bool,
    },
    /// Send files to a server, where they become one version of a table
    Push(remote::Push),
    /// Fetch a version of a table from a server as a file
    Pull(remote::Pull),
    /// Check what of the security page can be checked on this machine
    Doctor,
    /// Print the configuration in force, secrets redacted
    Config,
    /// Print the OpenAPI document
    Openapi,
}

#[derive(Subcommand)]
enum UserCommand {
    /// Make an account with a random password, printed once
    Add {
        /// The address they sign in with
        email: String,
        /// What others see
        #[arg(long)]
        name: Option<String>,
        /// Role in the system: admin, user or viewer
        #[arg(long, default_value = "user", value_parser = parse_role)]
        role: SystemRole,
    },
    /// List accounts
    List,
    /// Disable an account; its sessions end at once
    Disable {
        /// Its address
        email: String,
    },
    /// Give an account a new random password, printed once
    ResetPassword {
        /// Its address
        email: String,
    },
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Put a new pair in force; tokens of the old one stay good until they expire
    Rotate,
    /// Put a new master key in the place of the present one; no data is written anew
    RotateMaster,
    /// Put a new key in force for a project's data; what lies there keeps the key it was sealed under
    RotateData {
        /// The project's id
        project: String,
    },
}

#[derive(Subcommand)]
enum AuditCommand {
    /// List events, newest first
    List {
        /// Of this type, such as auth.login
        #[arg(long = "type")]
        kind: Option<String>,
        /// How many, at most 1,000
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
        limit: u32,
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Make every hash again and say whether the log is whole
    Verify,
    /// Print all events, oldest first, one JSON object a line
    Export,
}

fn parse_role(text: &str) -> Result<SystemRole, String> {
    serde_json::from_value(Value::String(text.to_owned()))
        .map_err(|_| "admin, user or viewer".to_owned())
}

fn main() -> ExitCode {
    // Before anything else: the launcher must start from a process without threads.
    if std::env::args().nth(1).as_deref() == Some(LAUNCHER) {
        sandbox::launcher_main();
    }
    let cli = Cli::parse();
    // Both ring and aws-lc-rs are in the tree; rustls must be told which.
    if rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .is_err()
    {
        return fail("the TLS library was set up twice");
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(STACK_BYTES)
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("no threads: {error}")),
    };
    match runtime.block_on(run(cli.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => fail(&sentence),
    }
}

fn fail(sentence: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "depictio: {sentence}");
    ExitCode::FAILURE
}

/// The environment as text. What is not, is none of ours, or an error.
fn environment() -> Result<Vec<(String, String)>, String> {
    let mut found = Vec::new();
    for (key, value) in std::env::vars_os() {
        let Ok(key) = key.into_string() else {
            continue;
        };
        match value.into_string() {
            Ok(value) => found.push((key, value)),
            Err(_) if config::is_ours(&key) => return Err(format!("{key}: it is not UTF-8")),
            Err(_) => {}
        }
    }
    Ok(found)
}

fn read_config() -> Result<(Config, Loaded), String> {
    let toml = match std::fs::read_to_string("depictio.toml") {
        Ok(text) => Some(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(format!("depictio.toml: {error}")),
    };
    let environment = environment()?.into_iter();
    let loaded = config::load(environment, toml.as_deref()).map_err(|error| error.to_string())?;
    let config = Config::from_loaded(&loaded).map_err(|error| error.to_string())?;
    Ok((config, loaded))
}

async fn run(command: Command) -> Result<(), String> {
    if let Command::Openapi = command {
        return print(&pretty(&api::openapi()));
    }
    let (config, loaded) = read_config()?;
    match command {
        Command::Serve { demo, single_user } => {
            let config = match single_user {
                true => config.for_one_person().map_err(|error| error.to_string())?,
                false => config,
            };
            logging::start(&config);
            serve::serve(config, &loaded, demo)
                .await
                .map_err(|error| error.to_string())
        }
        Command::Openapi => Ok(()),
        Command::Config => show_config(&loaded),
        Command::Doctor => examine(&config, &loaded).await,
        Command::User(command) => user(&config, command).await,
        Command::Keys(KeysCommand::Rotate) => rotate(&config).await,
        Command::Keys(KeysCommand::RotateMaster) => rotate_master(&config).await,
        Command::Keys(KeysCommand::RotateData { project }) => print(&pretty(
            &ask(&config, Request::KeysRotateData { project }).await?,
        )),
        Command::Audit(command) => audit(&config, command).await,
        Command::Push(wanted) => remote::push(&config, wanted).await,
        Command::Pull(wanted) => remote::pull(&config, wanted).await,
        Command::Apply { file, yes, .. } => match file {
            Some(file) => change_access(&config, &file, yes).await,
            None => {
                let exported = ask(&config, Request::AccessExport).await?;
                print(apply::written(exported)?.trim_end())
            }
        },
    }
}

/// Asks the running server, or opens the office under the lock.
async fn ask(config: &Config, request: Request) -> Result<Value, String> {
    if let Some(answer) = control::ask(config, &request).await {
        return answer;
    }
    let office = open_office(config).await?;
    let answer = commands::handle(&office, request).await;
    office.close().await;
    answer
}

async fn open_office(config: &Config) -> Result<Office, String> {
    if !config.data_dir.join("depictio.db").exists() {
        let dir = config.data_dir.display();
        return Err(format!(
            "there is no data in {dir}; start the server first: depictio serve"
        ));
    }
    Office::open(config)
        .await
        .map_err(|error| error.to_string())
}

async fn rotate_master(config: &Config) -> Result<(), String> {
    if let Some(answer) = control::ask(config, &Request::KeysRotateMaster).await {
        return print(&pretty(&answer?));
    }
    let office = open_office(config).await?;
    let answer = commands::rotate_master(&office, config).await;
    office.close().await;
    print(&pretty(&answer?))
}

/// Prints, and is quiet when the reader has gone (`depictio audit list | head`).
fn print(text: &str) -> Result<(), String> {
    match writeln!(std::io::stdout(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.to_string()),
        _ => Ok(()),
    }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn show_config(loaded: &Loaded) -> Result<(), String> {
    let lines: Vec<String> = loaded
        .redacted()
        .map(|(name, value, source)| {
            let shown = if value.is_empty() {
                "(not set)".to_owned()
            } else {
                value
            };
            format!(
                "{:<34} {shown:<28} {:<14} {}",
                name.key,
                source.as_str(),
                name.meaning
            )
        })
        .collect();
    print(&lines.join("\n"))
}

async fn examine(config: &Config, loaded: &Loaded) -> Result<(), String> {
    let checks = commands::doctor(config, loaded).await;
    let lines: Vec<String> = checks
        .iter()
        .map(|check| {
            format!(
                "{:<4} {:<8} {}",
                check.claim,
                check.state.as_str(),
                check.why
            )
        })
        .collect();
    print(&lines.join("\n"))?;
    match checks
        .iter()
        .filter(|check| check.state == State::Fail)
        .count()
    {
        0 => Ok(()),
        failed => Err(format!("{failed} claims do not hold here")),
    }
}

async fn user(config: &Config, command: UserCommand) -> Result<(), String> {
    let request = match command {
        UserCommand::Add { email, name, role } => {
            let name = name.unwrap_or_else(|| email.split('@').next().unwrap_or("").to_owned());
            Request::UserAdd { email, name, role }
        }
        UserCommand::List => Request::UserList,
        UserCommand::Disable { email } => Request::UserDisable { email },
        UserCommand::ResetPassword { email } => Request::UserResetPassword { email },
    };
    print(&pretty(&ask(config, request).await?))
}

async fn change_access(config: &Config, path: &std::path::Path, yes: bool) -> Result<(), String> {
    let file = apply::read(path)?;
    let asked = Request::AccessPlan { file: file.clone() };
    let plan = apply::Plan::of(&ask(config, asked).await?);
    print(&plan.shown())?;
    let Some(request) = plan.request(file) else {
        return Ok(());
    };
    if !yes {
        return print("This is a plan; nothing was changed. To do it, add --yes.");
    }
    let answer = ask(config, request).await?;
    print(&format!(
        "Done, in {} steps.",
        answer.get("done").and_then(Value::as_u64).unwrap_or(0)
    ))
}

async fn rotate(config: &Config) -> Result<(), String> {
    if let Some(answer) = control::ask(config, &Request::KeysRotate).await {
        return print(&pretty(&answer?));
    }
    ask(config, Request::KeysRotate).await?;
    let keyring = keyring::Keyring::rotate(config).map_err(|error| error.to_string())?;
    print(&pretty(
        &serde_json::json!({ "kid": keyring.signing.public().kid }),
    ))
}

async fn audit(config: &Config, command: AuditCommand) -> Result<(), String> {
    match command {
        AuditCommand::Verify => print(&pretty(&ask(config, Request::AuditVerify).await?)),
        AuditCommand::List { kind, limit, json } => {
            let answer = ask(
                config,
                Request::AuditList {
                    kind,
                    limit,
                    before: None,
                },
            )
            .await?;
            let events = answer.as_array().cloned().unwrap_or_default();
            let lines: Vec<String> = events
                .iter()
                .map(|event| if json { event.to_string() } else { line(event) })
                .collect();
            print(&lines.join("\n"))
        }
        AuditCommand::Export => export(config).await,
    }
}

/// One event for a person.
fn line(event: &Value) -> String {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
    let who = text("/actor/id").or_else(|| text("/actor/kind"));
    format!(
        "{:>6}  {}  {:<18} {:<8} {:<37} {}",
        event.pointer("/seq").and_then(Value::as_u64).unwrap_or(0),
        text("/at").unwrap_or("-"),
        text("/type").unwrap_or("-"),
        text("/outcome").unwrap_or("-"),
        who.unwrap_or("-"),
        text("/target/id").unwrap_or("-"),
    )
}

async fn export(config: &Config) -> Result<(), String> {
    let (mut pages, mut before) = (Vec::new(), None);
    loop {
        let request = Request::AuditList {
            kind: None,
            limit: 1_000,
            before,
        };
        let answer = ask(config, request).await?;
        let page = answer.as_array().cloned().unwrap_or_default();
        before = page
            .last()
            .and_then(|event| event.pointer("/seq")?.as_u64());
        if page.is_empty() || before == Some(1) {
            pages.extend(page);
            break;
        }
        pages.extend(page);
    }
    for event in pages.iter().rev() {
        print(&event.to_string())?;
    }
    Ok(())
}
