//! What it was measured on, and what the pool's processes hold.

use std::fs::read_to_string;

/// `2 × Intel…, 8 GiB, Linux 6.1`.
pub(crate) fn describe() -> String {
    let processors = read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processors
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("processor", |rest| {
            rest.trim_start_matches([' ', '\t', ':'])
        });
    let count = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = read_to_string("/proc/meminfo").unwrap_or_default();
    let gib = field(&memory, "MemTotal:").unwrap_or(0) >> 20;
    let kernel = read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = read_to_string("/proc/loadavg").unwrap_or_default();
    format!(
        "{count} × {model}, {gib} GiB, Linux {}, load {}",
        kernel.trim(),
        load.split(' ').next().unwrap_or("?")
    )
}

fn field(text: &str, name: &str) -> Option<u64> {
    text.lines()
        .find_map(|line| line.strip_prefix(name))?
        .split_whitespace()
        .next()?
        .parse()
        .ok()
}

/// Memory of one process in MiB: resident, and its share of pages that several hold (so that shares add up).
#[derive(Debug)]
pub(crate) struct Memory {
    pub(crate) resident: f64,
    pub(crate) share: f64,
    /// Pages that are its own alone.
    pub(crate) own: f64,
}

fn memory(pid: u32) -> Option<Memory> {
    let text = read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let mib = |name| field(&text, name).map(|kib| kib as f64 / 1024.0);
    Some(Memory {
        resident: mib("Rss:")?,
        share: mib("Pss:")?,
        own: mib("Private_Clean:")? + mib("Private_Dirty:")?,
    })
}

/// Children of a process, by the kernel's own list.
fn children(pid: u32) -> Vec<u32> {
    read_to_string(format!("/proc/{pid}/task/{pid}/children"))
        .unwrap_or_default()
        .split_whitespace()
        .filter_map(|child| child.parse().ok())
        .collect()
}

/// The interpreter that others are forked from, and those that wait; `except` is another child of ours.
pub(crate) fn pool(except: Option<u32>) -> Option<(Memory, Vec<Memory>)> {
    let own = std::fs::read_dir("/proc/self/task").ok()?;
    let zygote = own
        .flatten()
        .filter_map(|task| read_to_string(task.path().join("children")).ok())
        .flat_map(|text| {
            text.split_whitespace()
                .filter_map(|child| child.parse().ok())
                .collect::<Vec<u32>>()
        })
        .find(|child| Some(*child) != except)?;
    let waiting = children(zygote).into_iter().filter_map(memory).collect();
    Some((memory(zygote)?, waiting))
}
