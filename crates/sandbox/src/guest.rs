//! The Python that runs in the zygote and its workers. It is part of this program: it is handed over in memory, so no
//! file of ours has to lie on a disk, and no file on a disk can change it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::os::fd::OwnedFd;

use rustix::fs::{MemfdFlags, SealFlags};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::wall::{self, Step};
use crate::walls::Walls;

/// The list of libraries that the interpreter was made from.
pub(crate) const REQUIREMENTS: &str = include_str!("../../../sandbox/requirements.txt");
/// The allow-lists, shared by the guard and by the check.
pub(crate) const NAMES: &str = include_str!("../../../sandbox/guest/names.txt");
/// Scripts that warm the zygote, parted by lines of `# ---`.
const WARM: &str = include_str!("../../../sandbox/guest/warm.txt");

/// Name and source of each module.
const MODULES: [(&str, &str); 17] = [
    ("names", include_str!("../../../sandbox/guest/names.py")),
    ("refusal", include_str!("../../../sandbox/guest/refusal.py")),
    (
        "matching",
        include_str!("../../../sandbox/guest/matching.py"),
    ),
    ("policy", include_str!("../../../sandbox/guest/policy.py")),
    ("facades", include_str!("../../../sandbox/guest/facades.py")),
    (
        "hardening",
        include_str!("../../../sandbox/guest/hardening.py"),
    ),
    ("strings", include_str!("../../../sandbox/guest/strings.py")),
    ("kinds", include_str!("../../../sandbox/guest/kinds.py")),
    (
        "attributes",
        include_str!("../../../sandbox/guest/attributes.py"),
    ),
    ("writes", include_str!("../../../sandbox/guest/writes.py")),
    (
        "constructs",
        include_str!("../../../sandbox/guest/constructs.py"),
    ),
    ("guard", include_str!("../../../sandbox/guest/guard.py")),
    ("channel", include_str!("../../../sandbox/guest/channel.py")),
    ("confine", include_str!("../../../sandbox/guest/confine.py")),
    ("frame", include_str!("../../../sandbox/guest/frame.py")),
    ("worker", include_str!("../../../sandbox/guest/worker.py")),
    ("warmup", include_str!("../../../sandbox/guest/warmup.py")),
];
const ZYGOTE: (&str, &str) = ("zygote", include_str!("../../../sandbox/guest/zygote.py"));

/// What the interpreter is started with: it reads the modules from the memory it was given and makes each known to
/// `import` without loading it, so that they load in their own order.
pub(crate) const BOOT: &str = r#"
import importlib.abc, importlib.util, json, os, sys
control, bundle = int(sys.argv[1]), int(sys.argv[2])
with os.fdopen(bundle, "rb") as stream:
    bundle = json.load(stream)
class Modules(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name in bundle["modules"]:
            return importlib.util.spec_from_loader(name, self, origin="depictio")
    def exec_module(self, module):
        module.NAMES_TEXT = bundle["names"]
        source = bundle["modules"][module.__name__]
        exec(compile(source, f"<sandbox {module.__name__}>", "exec"), module.__dict__)
sys.meta_path.insert(0, Modules())
import zygote
zygote.main(control, bundle)
"#;

/// The modules, lists and steps in sealed memory, ready to be handed to the interpreter.
pub(crate) fn bundle(walls: Walls, confine: &[Step]) -> std::io::Result<OwnedFd> {
    let mut modules: BTreeMap<&str, &str> = MODULES.into_iter().chain([ZYGOTE]).collect();
    walls.change(&mut modules);
    let warm: Vec<&str> = WARM.split("\n# ---\n").collect();
    let text = json!({
        "modules": modules,
        "names": NAMES,
        "warm": warm,
        "plan": { "confine": confine },
    });
    let memory =
        rustix::fs::memfd_create("guest", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
    let mut file = File::from(memory);
    file.write_all(text.to_string().as_bytes())?;
    rustix::fs::seek(&file, rustix::fs::SeekFrom::Start(0))?;
    rustix::fs::fcntl_add_seals(
        &file,
        SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL,
    )?;
    Ok(file.into())
}

/// One digest over guard, guest, libraries and wall: the part of a result's identity that is ours.
pub(crate) fn digest(confine: &[Step]) -> String {
    let mut hash = Sha256::new();
    for text in [REQUIREMENTS, NAMES, WARM, BOOT, env!("CARGO_PKG_VERSION")] {
        hash.update(text.len().to_le_bytes());
        hash.update(text);
    }
    for (name, source) in MODULES.into_iter().chain([ZYGOTE]) {
        hash.update(name);
        hash.update(source.len().to_le_bytes());
        hash.update(source);
    }
    hash.update(serde_json::to_vec(confine).unwrap_or_default());
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The steps of a worker; when the kernel's wall is left out, only those that no process of ours goes without.
pub(crate) fn confine(walls: Walls, landlock_abi: Option<u32>) -> Vec<Step> {
    if walls.kernel() {
        wall::confine(landlock_abi)
    } else {
        wall::confine_nothing()
    }
}
