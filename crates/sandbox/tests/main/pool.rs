//! Workers from outside: isolation between runs, cancellation, queueing, recovery, nothing left behind.

use std::time::{Duration, Instant};

use sandbox::{Launcher, Sandbox, Settings, Walls};

use super::support::{frame, job, run, runtime, sandbox, settings};

/// Descriptors of this process.
fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Processes below this one, zombies included: pid and state.
fn descendants() -> Vec<(u32, char)> {
    let mut parents = std::collections::HashMap::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse::<u32>().ok())
        else {
            continue;
        };
        let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else {
            continue;
        };
        let Some((_, rest)) = stat.rsplit_once(") ") else {
            continue;
        };
        let mut fields = rest.split(' ');
        let state = fields.next().unwrap().chars().next().unwrap();
        let parent: u32 = fields.next().unwrap().parse().unwrap();
        parents.insert(pid, (parent, state));
    }
    let own = std::process::id();
    let below = |mut pid: u32| {
        while let Some((parent, _)) = parents.get(&pid) {
            if *parent == own {
                return true;
            }
            pid = *parent;
        }
        false
    };
    parents
        .iter()
        .filter(|(pid, _)| below(**pid))
        .map(|(pid, (_, state))| (*pid, *state))
        .collect()
}

#[test]
fn two_runs_do_not_see_each_others_changes() {
    runtime().block_on(async {
        let first = "df['mine'] = 1\ndf.loc[:, 'bill'] = 0.0\npd.set_option('display.max_rows', 7)\n\
                     np.random.seed(1)\nnp.set_printoptions(precision=1)\nleft = 1\nfig = px.bar(df, x='species', y='bill')";
        let shared = frame();
        let mut one = job(first);
        one.frame = shared.clone();
        let drawn = sandbox(Walls::Both).await.run(one).await.unwrap();
        assert_eq!(drawn.figure["data"][0]["type"], "bar");
        let mut two = job(
            "print('mine' in df, df.bill.sum() > 0, pd.get_option('display.max_rows'), np.array([1.23456]))\n\
             try:\n    left\nexcept NameError:\n    print('gone')\nfig = px.bar(df, x='species', y='bill')",
        );
        two.frame = shared;
        let run = sandbox(Walls::Both).await.run(two).await.unwrap();
        assert_eq!(run.stdout, "False True 60 [1.23456]\ngone\n");
    });
}

#[test]
fn library_state_changed_by_plain_python_ends_with_its_worker() {
    runtime().block_on(async {
        run(Walls::Kernel, "px.defaults.template = 'plotly_dark'\npd.options.display.max_rows = 3\npd.DataFrame.mean = 1\npx.bar = 1\nfig = go.Figure()")
            .await
            .unwrap();
        for _ in 0..4 {
            let after = "print(px.defaults.template, pd.options.display.max_rows, callable(pd.DataFrame.mean), callable(px.bar))\nfig = go.Figure()";
            run(Walls::Kernel, after).await.unwrap();
        }
    });
}

#[test]
fn the_frame_looks_as_read_parquet_would_give_it() {
    let code = "print(df.dtypes.astype(str).to_dict())\nprint(df.day.iloc[0].isoformat(), df.when.dt.tz, df.utc.dt.tz, df.shape, df.index.start)\n\
                print(df.mass.isna().sum(), df.level.cat.categories.tolist())\nfig = go.Figure()";
    let run = runtime().block_on(run(Walls::Both, code)).unwrap();
    assert_eq!(
        run.stdout,
        "{'species': 'str', 'island': 'str', 'mass': 'float64', 'bill': 'float64', 'year': 'int64', 'ok': 'bool', \
         'day': 'object', 'when': 'datetime64[us]', 'utc': 'datetime64[us, UTC]', 'level': 'category'}\n\
         2023-12-09 None UTC (60, 10) 0\n9 ['low', 'high']\n"
    );
}

#[test]
fn beyond_workers_and_queue_is_busy() {
    runtime().block_on(async {
        let own = Sandbox::start(settings(Walls::Both, 1, 1)).await.unwrap();
        let mut slow = job("while True:\n    pass");
        slow.limits.code_wall_ms_max = 1_500;
        let first = tokio::spawn({
            let (own, slow) = (own.clone(), slow.clone());
            async move { own.run(slow).await }
        });
        tokio::time::sleep(Duration::from_millis(200)).await;
        let second = tokio::spawn({
            let (own, slow) = (own.clone(), slow.clone());
            async move { own.run(slow).await }
        });
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(own.run(slow).await.unwrap_err().code(), "busy");
        assert_eq!(first.await.unwrap().unwrap_err().code(), "timeout");
        assert_eq!(second.await.unwrap().unwrap_err().code(), "timeout");
    });
}

#[test]
fn the_status_names_the_interpreter_and_the_layers() {
    runtime().block_on(async {
        let status = sandbox(Walls::Both).await.status();
        assert!(
            status.on && status.reason.is_none() && status.python.starts_with("3."),
            "{status:?}"
        );
        let active = |name| {
            let mut layers = status.layers.iter();
            layers.any(|layer| layer.name == name && layer.active)
        };
        assert!(active("guard") && active("seccomp") && active("limits"));
    });
}

#[test]
fn off_says_why_and_a_bad_interpreter_does_not_start() {
    runtime().block_on(async {
        let off = Sandbox::off("no interpreter");
        let error = off.run(job("fig = 1")).await.unwrap_err();
        assert_eq!(
            (error.code(), error.to_string().as_str()),
            ("off", "Code Mode is off: no interpreter")
        );
        assert!(!off.status().on && !off.digest().is_empty());
        for python in ["/bin/false", "/nothing/python3"] {
            let settings = Settings {
                python: python.into(),
                ..settings(Walls::Both, 1, 1)
            };
            assert!(Sandbox::start(settings).await.is_err());
        }
        let launcher = Launcher {
            program: "/bin/true".into(),
            args: Vec::new(),
        };
        let settings = Settings {
            launcher,
            ..settings(Walls::Both, 1, 1)
        };
        assert!(Sandbox::start(settings).await.is_err());
    });
}

#[test]
fn a_hundred_runs_leave_no_zombie_and_no_descriptor() {
    runtime().block_on(async {
        let own = Sandbox::start(settings(Walls::Both, 2, 4)).await.unwrap();
        let shared = frame();
        let one = || {
            let mut one = job("fig = go.Figure(go.Bar(x=df.species, y=df.bill))");
            one.frame = shared.clone();
            own.run(one)
        };
        one().await.unwrap();
        let before = descriptors();
        let mut times = Vec::new();
        for _ in 0..100 {
            let start = Instant::now();
            one().await.unwrap();
            times.push(start.elapsed());
        }
        times.sort();
        println!(
            "job to figure on 60 rows: median {:?}, p90 {:?}",
            times[50], times[90]
        );
        tokio::time::sleep(Duration::from_millis(500)).await;
        // Tests beside this one hold some of their own; a leak here would be a hundred at least.
        assert!(descriptors() < before + 60, "{before} -> {}", descriptors());
        let zombies = descendants()
            .into_iter()
            .filter(|(_, state)| *state == 'Z')
            .count();
        assert!(zombies < 20, "{zombies}");
    });
}
