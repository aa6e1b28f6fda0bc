//! The corpora as they lie in the repository: text files of scripts, each under a line with its name.
//!
//!     # --- some-name
//!     # key: value
//!     the code

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What the header of a script may say.
const KEYS: [&str; 5] = ["kernel", "guard", "harm", "limit", "expect"];

/// One script of a corpus.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    /// The file it is in: a category of attacks, or a topic.
    pub(crate) group: String,
    pub(crate) name: String,
    pub(crate) code: String,
    /// The kernel alone must stop it; not what lives in a figure, or inside the process that ends anyway.
    pub(crate) kernel: bool,
    /// The guard alone must stop it; not what only uses up time or memory.
    pub(crate) guard: bool,
    /// With no wall it reaches what it wants.
    pub(crate) harm: bool,
    /// It uses something up, and must end by a limit, if the guard does not refuse what it does that with.
    pub(crate) limit: bool,
    /// The code of the error that both walls together must give.
    pub(crate) expect: Option<String>,
}

impl Script {
    fn new(group: &str, text: &str) -> Self {
        let (name, body) = text.split_once('\n').unwrap_or((text, ""));
        let mut script = Self {
            group: group.to_owned(),
            name: name.trim().to_owned(),
            code: String::new(),
            kernel: true,
            guard: true,
            harm: true,
            limit: false,
            expect: None,
        };
        let mut rest = body;
        while let Some((line, after)) = rest.split_once('\n') {
            let Some((key, value)) = line
                .strip_prefix("# ")
                .and_then(|line| line.split_once(": "))
            else {
                break;
            };
            if !KEYS.contains(&key) {
                break;
            }
            script.set(key, value.trim());
            rest = after;
        }
        script.code = rest.trim_end().to_owned();
        assert!(
            !script.name.is_empty() && !script.code.is_empty(),
            "{group}: a script without name or code: {text}"
        );
        script
    }

    /// By which it is told from every other one.
    pub(crate) fn full_name(&self) -> String {
        format!("{}-{}", self.group, self.name)
    }

    fn set(&mut self, key: &str, value: &str) {
        match (key, value) {
            ("kernel", "no") => self.kernel = false,
            ("guard", "no") => self.guard = false,
            ("harm", "no") => self.harm = false,
            ("limit", "yes") => self.limit = true,
            ("expect", code) => self.expect = Some(code.to_owned()),
            _ => panic!(
                "{}/{}: `{key}: {value}` means nothing",
                self.group, self.name
            ),
        }
    }
}

/// The scripts of one text, after its first header line.
pub(crate) fn parse(group: &str, text: &str) -> Vec<Script> {
    let text = format!("\n{text}");
    text.split("\n# --- ")
        .skip(1)
        .map(|part| Script::new(group, part))
        .collect()
}

/// The scripts of every file of a corpus, in the order of the files' names; no name twice in one file.
pub(crate) fn corpus(name: &str) -> Vec<Script> {
    // As cargo says it at run time: the folder a test was compiled in may be another clone's.
    let root = std::env::var_os("CARGO_MANIFEST_DIR").unwrap();
    let folder = Path::new(&root).join("corpus").join(name);
    // A folder that is lost is noticed by the number of scripts.
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    let mut scripts = Vec::new();
    for path in files {
        let group = path.file_stem().unwrap().to_str().unwrap();
        let found = parse(group, &std::fs::read_to_string(&path).unwrap());
        assert!(!found.is_empty(), "{} has no script", path.display());
        scripts.extend(found);
    }
    let mut names = BTreeSet::new();
    let twice: Vec<&str> = scripts
        .iter()
        .filter(|script| !names.insert(script.full_name()))
        .map(|script| script.name.as_str())
        .collect();
    assert!(twice.is_empty(), "{name}: names given twice: {twice:?}");
    scripts
}

#[test]
fn a_header_ends_where_the_code_begins() {
    let text = "about this file\n# --- one\n# kernel: no\n# a comment of the script\nprint(1)\n# --- two\nx = 1\n\n";
    let scripts = parse("group", text);
    let [one, two] = &scripts[..] else {
        panic!("{scripts:?}")
    };
    assert_eq!(
        (one.name.as_str(), one.kernel, one.guard),
        ("one", false, true)
    );
    assert_eq!(one.code, "# a comment of the script\nprint(1)");
    assert_eq!(
        (two.name.as_str(), two.kernel, two.code.as_str()),
        ("two", true, "x = 1")
    );
}
