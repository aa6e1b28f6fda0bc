use super::*;

fn codes(code: &str) -> Vec<(FindingCode, u32, u32)> {
    check(code)
        .into_iter()
        .map(|finding| (finding.code, finding.line, finding.column))
        .collect()
}

#[test]
fn ordinary_code_has_no_findings() {
    let code = "import plotly.express as px\nimport numpy as np\nfrom plotly.subplots import make_subplots\n\
                open = df['open']\nhigh = df.open.max()\nfor _ in range(3):\n    x = np.random.normal(size=3)\n\
                signal = np.sin(x)\nprint(signal, open, df.read_count, pd.offsets.Day(1))\n\
                class A:\n    def __init__(self, value: int) -> None:\n        self.value = value\n\
                \n    def __len__(self):\n        return len(type(self).__name__)\n    __radd__ = __add__ = len\n\
                class B(A):\n    def __init__(self):\n        super().__init__(1)\n\
                match open:\n    case [code, *rest] | {'a': code, **rest}: print(code, rest, pd.__version__)\n\
                if __name__ == '__main__': printed = 1\n\
                fig = px.scatter(df, x='a', color_discrete_sequence=px.colors.qualitative.Set1)\n";
    assert_eq!(check(code), vec![]);
}

#[test]
fn each_refused_thing_is_found_at_its_place_also_where_it_is_never_run() {
    use FindingCode::Refused;
    let cases = [
        ("print(1)\nif False:\n    open('x')", 3, 5),
        ("eval('1')", 1, 1),
        ("x = exec", 1, 5),
        ("compile('1', '', 'eval')", 1, 1),
        ("__import__('os')", 1, 1),
        ("import os", 1, 8),
        ("import numpy, sys", 1, 15),
        ("from os import path", 1, 16),
        ("import pandas.io", 1, 8),
        ("from pandas import io", 1, 20),
        ("from pandas import read_csv", 1, 20),
        ("def __len__(x): pass", 1, 5),
        ("x = df.mass.__len__()", 1, 13),
        ("match x:\n    case {'a': _b}: pass", 2, 16),
        ("match x:\n    case np.nan: pass", 2, 10),
        ("match x:\n    case A(_mgr=y): pass", 2, 12),
        ("from plotly import io", 1, 20),
        ("from plotly.express import *", 1, 28),
        ("from . import x", 1, 15),
        ("requests.get('http://x')", 1, 1),
        ("os.system('ls')", 1, 1),
        ("x = ().__class__", 1, 8),
        ("x = ().__class__.__name__", 1, 8),
        ("x = f.__doc__", 1, 7),
        ("getattr(df, '_mgr')", 1, 13),
        ("_x = 1", 1, 1),
        ("def f(_x): pass", 1, 7),
        ("pd.read_csv('x')", 1, 4),
        ("import pandas as p\np.io", 2, 3),
        ("np.load('x')", 1, 4),
        ("np.random.bit_generator", 1, 11),
        ("px.data.iris()", 1, 4),
        ("df.to_csv('x')", 1, 4),
        ("fig.write_html('x')", 1, 5),
        ("def f():\n    yield\nf().gi_frame", 3, 5),
        ("async def f(): pass", 1, 1),
        ("globals()", 1, 1),
        ("é = 1; vars()", 1, 8),
    ];
    for (code, line, column) in cases {
        assert_eq!(
            codes(code).first(),
            Some(&(Refused, line, column)),
            "{code}"
        );
    }
}

#[tokio::test]
async fn a_syntax_error_comes_first_and_at_its_place() {
    let code = "import os\nx = (1,\n";
    let finding = first_aside(code, 60).await.unwrap().unwrap();
    assert_eq!(finding.code, FindingCode::Syntax);
    assert!(
        check("x = 1\0")
            .iter()
            .any(|finding| finding.code == FindingCode::Syntax)
    );
}

#[test]
fn nesting_that_would_break_a_parser_is_an_error_and_nothing_breaks() {
    for code in [
        "(".repeat(20_000) + &")".repeat(20_000),
        "not ".repeat(12_000) + "x",
        "-".repeat(40_000) + "x",
        "x = ".to_owned() + &"1+".repeat(20_000) + "1",
        "x".to_owned() + &".a".repeat(20_000),
        "lambda: ".repeat(6_000) + "1",
        "[".repeat(49_000),
        "x = ".to_owned() + &"1 if 1 else ".repeat(4_000) + "1",
        "f'{".repeat(10_000),
    ] {
        let start = code.get(..20).unwrap_or_default().to_owned();
        assert!(
            check(&code)
                .iter()
                .any(|finding| finding.code == FindingCode::Syntax),
            "{start}"
        );
    }
    let long = "x = 1\n".repeat(20_000);
    assert_eq!(check(&long).len(), 1);
    assert_eq!(
        check("x = df.a() .b() .c() .d() .e()\n".repeat(9).as_str()),
        vec![]
    );
}
