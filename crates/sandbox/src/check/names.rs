//! Names that are refused where the source shows them, and the allow-lists of the libraries.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::guest::NAMES;

/// The lists of `names.txt` by their title; the guard reads the same file.
static LISTS: LazyLock<HashMap<&'static str, HashSet<&'static str>>> = LazyLock::new(|| {
    let mut lists: HashMap<&str, HashSet<&str>> = HashMap::new();
    let mut title = "";
    for line in NAMES
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        match line
            .strip_prefix('[')
            .and_then(|line| line.strip_suffix(']'))
        {
            Some(next) => title = next,
            None => lists
                .entry(title)
                .or_default()
                .extend(line.split_whitespace()),
        }
    }
    lists
});

/// Whether `list` has `name`; none when there is no such list.
pub(super) fn listed(list: &str, name: &str) -> Option<bool> {
    LISTS.get(list).map(|names| names.contains(name))
}

/// The library behind a module's name in an import.
pub(super) fn library(module: &str) -> Option<&'static str> {
    let modules = LISTS.get("modules")?;
    modules
        .iter()
        .find_map(|pair| pair.split_once('=').filter(|(name, _)| *name == module))
        .map(|(_, title)| title)
}

/// Whether `name` is a special method that a class of the script may define.
pub(super) fn special(name: &str) -> bool {
    listed("special methods", name) == Some(true)
}

/// Refused wherever they are read, even when the script gives the name to something of its own: a reader of the
/// script should never have to wonder.
pub(super) const ALWAYS: [&str; 5] = ["exec", "eval", "compile", "builtins", "breakpoint"];

/// Refused unless the script itself gives the name to something: a column `open` or a variable `signal` is ordinary.
pub(super) const UNLESS_BOUND: [&str; 57] = [
    "open",
    "input",
    "globals",
    "locals",
    "vars",
    "dir",
    "help",
    "exit",
    "quit",
    "memoryview",
    "reload",
    "os",
    "sys",
    "subprocess",
    "socket",
    "requests",
    "urllib",
    "urllib3",
    "http",
    "httpx",
    "aiohttp",
    "ftplib",
    "smtplib",
    "ssl",
    "shutil",
    "pathlib",
    "Path",
    "glob",
    "tempfile",
    "io",
    "importlib",
    "ctypes",
    "cffi",
    "pickle",
    "marshal",
    "shelve",
    "inspect",
    "gc",
    "signal",
    "threading",
    "multiprocessing",
    "asyncio",
    "concurrent",
    "pty",
    "fcntl",
    "mmap",
    "resource",
    "platform",
    "pwd",
    "sqlite3",
    "webbrowser",
    "code",
    "codecs",
    "traceback",
    "linecache",
    "polars",
    "pyarrow",
];

/// Methods that write files or reach out, whatever they are called on. None is a likely name of a column.
pub(super) const METHODS: [&str; 34] = [
    "to_csv",
    "to_excel",
    "to_pickle",
    "to_parquet",
    "to_feather",
    "to_hdf",
    "to_sql",
    "to_stata",
    "to_gbq",
    "to_clipboard",
    "to_orc",
    "to_xml",
    "to_iceberg",
    "to_latex",
    "to_html",
    "to_markdown",
    "to_xarray",
    "write_html",
    "write_image",
    "write_json",
    "write_text",
    "write_bytes",
    "read_csv",
    "read_excel",
    "read_parquet",
    "read_pickle",
    "read_json",
    "read_sql",
    "read_html",
    "read_text",
    "read_bytes",
    "tofile",
    "fromfile",
    "savetxt",
];

/// What the interpreter hangs on frames, tracebacks, code and generators.
pub(super) const INTROSPECTION: [&str; 19] = [
    "tb_frame",
    "tb_next",
    "f_back",
    "f_builtins",
    "f_code",
    "f_generator",
    "f_globals",
    "f_locals",
    "f_trace",
    "co_code",
    "gi_frame",
    "gi_code",
    "gi_yieldfrom",
    "cr_await",
    "cr_frame",
    "cr_code",
    "cr_origin",
    "ag_frame",
    "ag_code",
];

/// Functions whose second argument is an attribute's name.
pub(super) const BY_NAME: [&str; 4] = ["getattr", "setattr", "hasattr", "delattr"];

/// What to use instead of a name that people try.
pub(super) fn instead(name: &str) -> &'static str {
    match name {
        "open" | "io" | "os" | "pathlib" | "Path" | "glob" | "shutil" | "tempfile" => {
            "Code Mode has no files; the data is already here as df."
        }
        "requests" | "urllib" | "urllib3" | "socket" | "http" | "httpx" | "aiohttp" | "ftplib"
        | "smtplib" => "Code Mode has no network; the data is already here as df.",
        "math" | "cmath" => "Use np: np.sqrt, np.log, np.pi.",
        "statistics" => "Use the methods of a column: df[\"x\"].mean(), .median(), .std().",
        "warnings" | "logging" => {
            "Leave the line out: warnings are not shown here. print writes below the figure."
        }
        "typing" | "dataclasses" | "enum" | "abc" => "Annotations and classes work without it.",
        "string" | "textwrap" | "unicodedata" => "Use the methods of text, such as \"a\".upper().",
        "copy" => "Use df.copy(), list(x) or dict(x).",
        "operator" | "heapq" | "bisect" => "Use a lambda, sorted, or np.searchsorted.",
        "decimal" | "fractions" => "Use float and round.",
        "csv" => "The data is already here as df.",
        "warn" | "tqdm" => "Leave the line out.",
        "dash" | "streamlit" | "ipywidgets" | "IPython" => {
            "A script gives one figure in fig; the dashboard has filters and layout."
        }
        "kaleido" | "PIL" | "cv2" => "Pictures are allowed as data:image/... text.",
        "datetime" | "time" | "dateutil" | "calendar" | "pytz" | "zoneinfo" => {
            "Use pd.Timestamp, pd.Timedelta and pd.to_datetime."
        }
        "random" | "secrets" => "Use np.random.default_rng().",
        "re" => "Use the .str methods of a column: .str.contains, .str.extract, .str.replace.",
        "json" | "yaml" => "Use dicts and lists as they are.",
        "matplotlib" | "plt" | "seaborn" | "sns" | "altair" | "bokeh" | "plotnine"
        | "holoviews" => "Draw with px or go.",
        "polars" | "pyarrow" => "Use pd; df is a pandas DataFrame.",
        "scipy" | "sklearn" | "statsmodels" | "lifelines" | "umap" => {
            "Use np and pd: np.polyfit, np.linalg.svd, df.corr(method=...); px.scatter(trendline=...) draws trend lines."
        }
        "collections" => "Use value_counts, groupby, or dict.get and dict.setdefault.",
        "itertools" | "functools" => "Use comprehensions, zip, sum, or pandas.",
        "scanpy" | "anndata" | "Bio" => "The data is already here as df.",
        "figure_factory" => "Use px or go: px.histogram(marginal=...), px.imshow.",
        "pio" | "offline" => {
            "fig is shown by itself; pass template= to the function or to fig.update_layout."
        }
        "globals" | "locals" | "vars" | "dir" => "Use a dict of your own.",
        "exit" | "quit" => "Use if, or raise ValueError(...).",
        "help" => "The editor shows the arguments of a function.",
        "eval" | "exec" | "compile" => "Write the expression itself, or df.eval for columns.",
        "input" => "A script cannot ask; use the dashboard's filters.",
        "options" => "Use pd.set_option.",
        "defaults" => "Pass template= or color_discrete_sequence= to the function.",
        "data" => "Use df.",
        _ if name.starts_with("read_") => "The data is already here as df.",
        _ if name.starts_with("to_") => "Export the table from the dashboard.",
        _ if name.starts_with("write_") => "The figure in fig is shown by itself.",
        _ => "",
    }
}
