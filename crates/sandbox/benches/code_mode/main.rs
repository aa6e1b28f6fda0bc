//! What Code Mode costs, beside plain `exec` in a warm interpreter: the numbers of `docs/SPECIFICATION.md`.
//!
//! Both ways run in turn on the same frames with the same scripts. A run of ours is timed from frame and source in
//! memory to the figure's clean JSON. Before each run both wait until the worker that replaces the last one is warm,
//! so that neither is timed against the other's work; the load of eight people is measured beside that.

mod frames;
mod machine;
mod plain;
mod statistics;

use std::error::Error;
use std::io::Write as _;
use std::time::{Duration, Instant};

use domain::limits::CodeLimits;
use sandbox::{Frame, Job, Launcher, Person, Sandbox, Settings, find_python};

use plain::Plain;
use statistics::Times;

/// Runs of each way for each script.
const PAIRS: usize = 40;
/// Runs before the first that counts.
const UNCOUNTED: usize = 3;
/// A worker is forked, has waited for a while and is warm well within this.
const SETTLE: Duration = Duration::from_millis(1_300);
/// Runs of each person when several ask at once.
const EACH: usize = 12;

/// Name, frame by its place in the list, script.
const SCRIPTS: [(&str, usize, &str); 5] = [
    (
        "150 rows: px.scatter",
        0,
        "fig = px.scatter(df, x='a', y='b', color='group')",
    ),
    (
        "150 rows: px.bar",
        0,
        "fig = px.bar(df, x='group', y='n', color='site')",
    ),
    (
        "150 rows: go.Figure",
        0,
        "fig = go.Figure(go.Scatter(x=df['a'], y=df['b'], mode='markers'))\nfig.update_layout(title='a and b')",
    ),
    (
        "1,000,000 x 6: group-by, bar",
        1,
        "means = df.groupby(['group', 'site'], as_index=False)['a'].mean()\nfig = px.bar(means, x='site', y='a', color='group')",
    ),
    (
        "1,000,000 x 6: histogram of a sample",
        1,
        "part = df.sample(2000, random_state=1)\nfig = px.histogram(part, x='b', color='group')",
    ),
];

fn main() -> Result<(), Box<dyn Error>> {
    tokio::runtime::Runtime::new()?.block_on(measure())
}

async fn measure() -> Result<(), Box<dyn Error>> {
    let machine = machine::describe();
    let pairs = std::env::var("BENCH_PAIRS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(PAIRS);
    let python = find_python(std::env::var_os("DEPICTIO_PYTHON").map(Into::into))?;
    let launcher = Launcher {
        program: env!("CARGO_BIN_EXE_sandbox-launcher").into(),
        args: Vec::new(),
    };
    let folder = tempfile::tempdir()?;
    let mut frames = Vec::new();
    let mut files = Vec::new();
    for rows in [frames::FEW, frames::MANY] {
        let (schema, batches) = frames::table(rows)?;
        frames.push(Frame::seal(&schema, &batches)?);
        let path = folder.path().join(format!("{rows}.arrow"));
        let mut writer =
            arrow_ipc::writer::FileWriter::try_new(std::fs::File::create(&path)?, &schema)?;
        for batch in &batches {
            writer.write(batch)?;
        }
        writer.finish()?;
        files.push(path);
    }
    let began = Instant::now();
    let sandbox = Sandbox::start(Settings::new(python.clone(), launcher)).await?;
    let start = began.elapsed();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let pool = machine::pool(None).ok_or("the pool's processes cannot be read")?;
    let mut plain = Plain::start(
        &python,
        &files.iter().map(AsRef::as_ref).collect::<Vec<_>>(),
    )?;

    let builder = Person::new("builder");
    println!("\nMeasured on {machine}; {}.\n", sandbox.status().python);
    println!(
        "| {pairs} pairs in turn, ms: median (least, 95 %) | plain exec | Code Mode | more, median | more, least | more, median of the pairs (95 % interval) |"
    );
    println!("|---|---|---|---|---|---|");
    // As of every bench: `-- px.bar` is that one alone.
    let only = std::env::args()
        .nth(1)
        .filter(|word| !word.starts_with('-'));
    for (name, frame, code) in SCRIPTS {
        if only.as_deref().is_some_and(|word| !name.contains(word)) {
            continue;
        }
        let data = frames.get(frame).ok_or("no such frame")?;
        let (mut theirs, mut ours) = (Times::default(), Times::default());
        for turn in 0..UNCOUNTED + pairs {
            tokio::time::sleep(SETTLE).await;
            let began = Instant::now();
            plain.run(frame, code)?;
            let plain_took = began.elapsed();
            tokio::time::sleep(SETTLE).await;
            let began = Instant::now();
            run(&sandbox, &builder, data, code).await?;
            let ours_took = began.elapsed();
            if turn >= UNCOUNTED {
                theirs.add(plain_took);
                ours.add(ours_took);
            }
        }
        println!(
            "| {name} | {} | {} | {:+.1} | {:+.1} | {} |",
            theirs.cell(),
            ours.cell(),
            ours.quantile(0.5) - theirs.quantile(0.5),
            ours.quantile(0.0) - theirs.quantile(0.0),
            ours.more_than(&theirs)
        );
        std::io::stdout().flush()?;
    }
    drop(plain);
    println!(
        "\n| px.scatter on 150 rows, asked without a pause | runs a second | ms: median (least, 95 %) |"
    );
    println!("|---|---|---|");
    for people in [1, 8] {
        let (times, rate) = together(&sandbox, frames.first().ok_or("no frame")?, people).await?;
        println!("| {people} at once | {rate:.1} | {} |", times.cell());
    }
    let (zygote, waiting) = pool;
    println!("\n| the pool | |\n|---|---|");
    println!(
        "| start to ready, self-test included | {:.2} s |",
        start.as_secs_f64()
    );
    println!(
        "| the interpreter that is forked: resident | {:.0} MiB |",
        zygote.resident
    );
    println!(
        "| {} waiting workers: resident, of that their own | {} |",
        waiting.len(),
        waiting
            .iter()
            .map(|one| format!("{:.0}, {:.0} MiB", one.resident, one.own))
            .collect::<Vec<_>>()
            .join("; ")
    );
    let together: f64 = zygote.share + waiting.iter().map(|one| one.share).sum::<f64>();
    println!("| all of it, shared pages counted once | {together:.0} MiB |");
    Ok(())
}

async fn run(
    sandbox: &Sandbox,
    person: &Person,
    frame: &Frame,
    code: &str,
) -> Result<(), Box<dyn Error>> {
    let job = Job {
        code: code.to_owned(),
        frame: frame.clone(),
        limits: CodeLimits::default(),
    };
    let place = sandbox.admit(person).await?;
    place
        .run(job)
        .await
        .map_err(|error| format!("{error}: {:?}", error.place()))?;
    Ok(())
}

/// Several people who each ask again as soon as they have their answer.
async fn together(
    sandbox: &Sandbox,
    frame: &Frame,
    people: usize,
) -> Result<(Times, f64), Box<dyn Error>> {
    let (_, _, code) = SCRIPTS[0];
    let began = Instant::now();
    let asked: Vec<_> = (0..people)
        .map(|number| {
            let (sandbox, frame) = (sandbox.clone(), frame.clone());
            tokio::spawn(async move {
                let person = Person::new(format!("person {number}"));
                let mut took = Vec::new();
                for _ in 0..EACH {
                    let began = Instant::now();
                    let done = run(&sandbox, &person, &frame, code).await;
                    took.push(match done {
                        Ok(()) => Ok(began.elapsed()),
                        Err(error) => Err(error.to_string()),
                    });
                }
                took
            })
        })
        .collect();
    let mut times = Times::default();
    for person in asked {
        for took in person.await? {
            times.add(took?);
        }
    }
    let runs = (people * EACH) as f64;
    Ok((times, runs / began.elapsed().as_secs_f64()))
}
