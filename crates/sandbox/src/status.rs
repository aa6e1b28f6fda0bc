//! What an operator sees of the sandbox.

use serde::Serialize;

/// Whether Code Mode is on, and what protects it.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    /// Whether code can be run.
    pub on: bool,
    /// Why not, when it is off.
    pub reason: Option<String>,
    /// The layers of protection on this machine.
    pub layers: Vec<Layer>,
    /// The interpreter and its libraries, for example `3.11.2 (pandas 3.1.1, ..)`.
    pub python: String,
}

/// One layer of protection.
#[derive(Debug, Clone, Serialize)]
pub struct Layer {
    /// Its name.
    pub name: &'static str,
    /// Whether it is in force.
    pub active: bool,
    /// What it does, or why it is not in force.
    pub detail: String,
}

impl Status {
    /// Code Mode that is off, with its reason.
    pub(crate) fn off(reason: String) -> Self {
        Self {
            on: false,
            reason: Some(reason),
            layers: Vec::new(),
            python: String::new(),
        }
    }
}

/// The layers in force on this machine.
pub(crate) fn layers(landlock_abi: Option<u32>) -> Vec<Layer> {
    let layer = |name, detail: &str| Layer {
        name,
        active: true,
        detail: detail.to_owned(),
    };
    let landlock = match landlock_abi {
        Some(abi) => Layer {
            name: "landlock",
            active: true,
            detail: format!(
                "no file, no TCP for workers (interface {abi}); the zygote reads its libraries only"
            ),
        },
        None => Layer {
            name: "landlock",
            active: false,
            detail: "this kernel does not have it or it is switched off; seccomp holds alone"
                .to_owned(),
        },
    };
    vec![
        layer("guard", "RestrictedPython with an allow-list of names"),
        layer(
            "seccomp",
            "an allow-list of system calls: no file, socket, process or executable memory",
        ),
        landlock,
        layer(
            "limits",
            "wall time, processor time, memory, no file written, no core",
        ),
        layer(
            "process",
            "one process a run, empty environment, no new privileges, killed at its end",
        ),
        layer("figure", "what comes back is read as untrusted JSON"),
    ]
}
