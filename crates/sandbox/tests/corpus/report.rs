//! Runs both corpora behind both walls and each alone, once for all tests, and prints the table; and the attacks with
//! no wall, when that is asked for.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::OnceLock;
use std::time::Instant;

use super::aims::Aims;
use super::program::{Answer, Job, run};
use super::sample;
use super::scripts::{Script, corpus};

/// What stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mode {
    Guard,
    Kernel,
    Both,
    None,
}

/// The columns of the table.
const WALLED: [Mode; 3] = [Mode::Guard, Mode::Kernel, Mode::Both];

impl Mode {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Guard => "guard",
            Self::Kernel => "kernel",
            Self::Both => "both",
            Self::None => "none",
        }
    }

    fn guards(self) -> bool {
        matches!(self, Self::Guard | Self::Both)
    }

    /// Whether an attack is run here.
    fn tries(self, attack: &Script) -> bool {
        match self {
            Self::Guard => attack.guard,
            Self::Kernel => attack.kernel,
            Self::Both => true,
            Self::None => attack.harm,
        }
    }
}

/// Loads a module that nothing here needs.
const PROBE: &str = "import wave";

/// Scripts that came out as they must, of how many, and what is wrong with the others.
#[derive(Debug, Default)]
pub(crate) struct Count {
    pub(crate) good: usize,
    pub(crate) all: usize,
    pub(crate) bad: Vec<String>,
}

impl Count {
    fn add(&mut self, script: &Script, answer: &Answer, wrong: Option<&str>) {
        self.all += 1;
        match wrong {
            None => self.good += 1,
            Some(why) => self.bad.push(format!(
                "{}/{}: {why} => {}",
                script.group,
                script.name,
                answer.end()
            )),
        }
    }
}

/// All that is known when every script has run.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) attacks: BTreeMap<(String, Mode), Count>,
    pub(crate) legitimate: BTreeMap<(String, Mode), Count>,
    /// By mode: what was done to the things that attacks aim at.
    pub(crate) damage: BTreeMap<Mode, Vec<String>>,
    /// Legitimate scripts, and the modules that each loaded while it ran.
    pub(crate) late_imports: Vec<String>,
    /// What was said of a script that does load one.
    pub(crate) late_import_of_probe: Vec<String>,
}

/// The report, made by the test that asks first.
pub(crate) fn report() -> &'static Report {
    static REPORT: OnceLock<Report> = OnceLock::new();
    REPORT.get_or_init(|| {
        let started = Instant::now();
        let mut report = Report::default();
        let (attacks, legitimate) = (corpus("attacks"), corpus("legitimate"));
        for mode in WALLED {
            report.mode(mode, &attacks, &legitimate);
        }
        report.mode(Mode::None, &[], &[]);
        report.print(&WALLED, started.elapsed().as_secs_f64());
        report
    })
}

/// The attacks with no wall, each of which must do its harm.
pub(crate) fn harm() -> Report {
    let started = Instant::now();
    let mut report = Report::default();
    report.mode(Mode::None, &corpus("attacks"), &[]);
    report.print(&[Mode::None], started.elapsed().as_secs_f64());
    report
}

impl Report {
    fn mode(&mut self, mode: Mode, attacks: &[Script], legitimate: &[Script]) {
        let mut aims = Aims::new();
        let attacks: Vec<&Script> = attacks.iter().filter(|attack| mode.tries(attack)).collect();
        let scripts = attacks.iter().copied().chain(legitimate);
        let mut jobs: Vec<Job> = scripts
            .enumerate()
            .map(|(id, script)| Job {
                id,
                code: aims.fill(&script.full_name(), &script.code),
                limit: script.limit,
            })
            .collect();
        jobs.push(Job {
            id: jobs.len(),
            code: PROBE.to_owned(),
            limit: false,
        });
        let frame = tempfile::NamedTempFile::new().unwrap();
        sample::write(frame.path());
        let mut answers = run(mode.name(), frame.path(), &aims.secret, &jobs);
        for (id, attack) in attacks.iter().enumerate() {
            let answer = answers.remove(&id).unwrap();
            let wrong = attack_wrong(mode, attack, &answer, &aims);
            let count = self
                .attacks
                .entry((attack.group.clone(), mode))
                .or_default();
            count.add(attack, &answer, wrong);
        }
        for (number, script) in legitimate.iter().enumerate() {
            let answer = answers.remove(&(attacks.len() + number)).unwrap();
            let wrong = (answer.outcome != "ok").then_some("gives no figure");
            let count = self
                .legitimate
                .entry((script.group.clone(), mode))
                .or_default();
            count.add(script, &answer, wrong);
            if !answer.late_imports.is_empty() {
                let modules = answer.late_imports.join(", ");
                self.late_imports
                    .push(format!("{}/{}: {modules}", script.group, script.name));
            }
        }
        if mode == Mode::None {
            let probe = answers.remove(&(jobs.len() - 1)).unwrap();
            self.late_import_of_probe = probe.late_imports;
        }
        self.damage.insert(mode, aims.damage());
    }

    /// The table, written past the capture of a test's output, so that every run shows it.
    fn print(&self, modes: &[Mode], seconds: f64) {
        let mut text = row(
            "attacks",
            &modes.iter().map(|mode| mode.name()).collect::<Vec<_>>(),
        );
        text += &rows(&self.attacks, modes);
        if !self.legitimate.is_empty() {
            text += "legitimate scripts\n";
            text += &rows(&self.legitimate, modes);
            text += &format!("loaded a module late: {}\n", self.late_imports.len());
        }
        let mut out = std::io::stdout().lock();
        writeln!(out, "\n{text}took {seconds:.0} s\n").unwrap();
    }
}

/// One line of the table.
fn row(name: &str, cells: &[&str]) -> String {
    let cells: String = cells.iter().map(|cell| format!("{cell:>12}")).collect();
    format!("{name:<28}{cells}\n")
}

/// A line for each group, and one for all.
fn rows(counts: &BTreeMap<(String, Mode), Count>, modes: &[Mode]) -> String {
    let mut groups: Vec<&str> = counts.keys().map(|(group, _)| group.as_str()).collect();
    groups.dedup();
    let cell = |mode: Mode, group: Option<&str>| {
        let of = counts.iter().filter(|((name, counted), _)| {
            *counted == mode && group.is_none_or(|group| group == name)
        });
        let (good, all) = of.fold((0, 0), |sum, (_, count)| {
            (sum.0 + count.good, sum.1 + count.all)
        });
        if all == 0 {
            "-".to_owned()
        } else {
            format!("{good}/{all}")
        }
    };
    let line = |group: Option<&str>| {
        let cells: Vec<String> = modes.iter().map(|mode| cell(*mode, group)).collect();
        let name = format!("  {}", group.unwrap_or("all"));
        row(&name, &cells.iter().map(String::as_str).collect::<Vec<_>>())
    };
    groups
        .iter()
        .map(|group| line(Some(group)))
        .chain([line(None)])
        .collect()
}

/// What is wrong with an attack's end, if anything.
fn attack_wrong(mode: Mode, attack: &Script, answer: &Answer, aims: &Aims) -> Option<&'static str> {
    let shown = answer.shown();
    let reached = shown.contains("REACHED");
    let code = answer.code.as_deref();
    let by_limit = matches!(code, Some("timeout" | "memory" | "output"));
    if mode == Mode::None {
        // Limits of time and memory stand also here: what runs into them would have gone on.
        let harm = reached || (attack.limit && by_limit);
        return (!harm).then_some("does no harm: it is no attack");
    }
    if reached {
        Some("REACHED its aim")
    } else if aims.tells(&shown) {
        Some("shows a secret")
    } else if attack.limit && !by_limit && !(mode.guards() && code == Some("refused")) {
        Some("was not ended by a limit")
    } else if mode == Mode::Both
        && attack
            .expect
            .as_deref()
            .is_some_and(|expected| code != Some(expected))
    {
        Some("ended otherwise than expected")
    } else {
        None
    }
}
