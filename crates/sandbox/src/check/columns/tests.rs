use super::*;

const COLUMNS: [&str; 10] = [
    "species", "island", "mass", "bill", "year", "ok", "when", "utc", "level", "mean",
];

fn used(code: &str) -> Option<String> {
    columns_used(code, &COLUMNS).map(|set| set.into_iter().collect::<Vec<_>>().join(" "))
}

#[test]
fn columns_that_are_named_are_all_that_is_needed() {
    let cases = [
        ("x = 1", ""),
        ("x = len(df)", ""),
        ("x = df['mass']", "mass"),
        ("x = df[['mass', 'bill']].corr()", "bill mass"),
        ("x = df.mass.mean()", "mass mean"),
        ("x = df.loc[df.year == 2008, 'bill']", "bill year"),
        ("fig = px.scatter(df, x='bill', y='mass')", "bill mass"),
        (
            "fig = px.scatter(df, 'bill', 'mass', color=df['species'])",
            "bill mass species",
        ),
        (
            "df['new'] = df.mass * 2\nfig = px.histogram(df, x='new')",
            "mass",
        ),
        (
            "fig = px.bar(df.groupby('species')['bill'].sum())",
            "bill species",
        ),
        (
            "top = df.sort_values('mass').head(3)\nfig = px.bar(top, x='island', y='mass')",
            "island mass",
        ),
        (
            "for key, rows in df.groupby('species'):\n    print(key, rows['bill'].sum())",
            "bill species",
        ),
        (
            "cols = ['mass']\ncols.append('bill')\nx = df[cols]",
            "bill mass",
        ),
    ];
    for (code, columns) in cases {
        assert_eq!(used(code).as_deref(), Some(columns), "{code}");
    }
}

#[test]
fn a_use_that_hides_its_columns_needs_all() {
    for code in [
        "print(df)",
        "x = df.mean()",
        "x = df.mean(numeric_only=True)",
        "x = df.describe()",
        "x = df.columns",
        "x = df.dtypes",
        "x = df.shape",
        "x = df.iloc[0]",
        "x = df.iloc[:, 0]",
        "x = df.loc[0]",
        "x = df.loc[:, 'mass':'year']",
        "x = df['ma' + 'ss']",
        "x = df[f'ma{\"ss\"}']",
        "x = df[name]",
        "for c in df:\n    print(c)",
        "for c in df.columns:\n    print(df[c])",
        "x = [df[c].sum() for c in df]",
        "x = df.query('mass > 3')",
        "x = df.eval('mass + bill')",
        "x = df.copy().sum()",
        "d = df\nprint(d)",
        "d = df\nd = 1",
        "d = {'x': df}",
        "d = [df]",
        "d, e = df, 1",
        "df = pd.DataFrame({'a': [1]})",
        "def f(df):\n    return df",
        "def f(x=df):\n    return x",
        "def f(d):\n    return d.sum()\nf(df)",
        "x = lambda df: df",
        "x = [df for df in [1]]",
        "import numpy as df",
        "class df:\n    pass",
        "try:\n    x = 1\nexcept ValueError as df:\n    pass",
        "match x:\n    case [df]:\n        pass",
        "(df := 1)",
        "df += 1",
        "x = df == 3",
        "x = df[df == 3]",
        "x = df * 2",
        "x = df.apply(lambda row: row['mass'], axis=1)",
        "x = df.groupby('species').sum()",
        "x = df.groupby('species').mean",
        "x = df.groupby(name)['bill']",
        "x = df.groupby('species')[['bill']]",
        "for pair in df.groupby('species'):\n    print(pair)",
        "x = df.merge(df, on='species')",
        "x = pd.concat([df['mass'], df])",
        "x = df.drop(columns=['mass'])\nprint(x)",
        "x = df.rename(columns=str.upper)['MASS']",
        "x = df.fillna(0)['mass']",
        "x = df.dropna()['mass']",
        "x = df.drop_duplicates()['mass']",
        "x = df.sample(3, axis=1)",
        "x = df.filter(like='m')",
        "x = df.set_index(name)['mass']",
        "x = df.loc[np.isnan, 'mass']",
        "x = df.loc[lambda d: d.sum(axis=1) > 3, 'mass']",
        "x = df[lambda d: d[name] > 3]['mass']",
        "d = 1\nx = df[lambda d: d[name] > 3]['mass']",
        "x = df.assign(y=lambda d: d.sum())['y']",
        "x = df.assign(y=f)['y']",
        "x = df.assign(**more)['y']",
        "df.columns = ['a']",
        "df.index = df['mass']",
        "fig = px.scatter(df)",
        "fig = px.histogram(df)",
        "fig = px.box(df, color='species')",
        "fig = px.scatter(df, x=name, y='mass')",
        "fig = px.scatter(df, x='bill', y='mass', color='spe' + 'cies')",
        "fig = px.scatter(df, x='bill', y='mass', **more)",
        "fig = px.scatter(df, *more)",
        "fig = px.scatter(df, x='bill', y='mass', hover_data=df.columns)",
        "fig = px.scatter(df, x='bill', y='not there')",
        "fig = px.scatter_matrix(df)",
        "fig = px.parallel_categories(df, color='year')",
        "fig = px.imshow(df)",
        "px = go\nfig = px.scatter(df, x='bill', y='mass')",
        "cols = []\ncols.append(name)\nx = df[cols]",
        "cols = ['mass']\ncols[0] = name\nx = df[cols]",
        "cols = ['mass']\ncols += more\nx = df[cols]",
        "x = df.mean.sum()",
        "x = df.notacolumn",
        "import os\nx = df['mass']",
        "x = df['mass'",
    ] {
        assert_eq!(used(code), None, "{code}");
    }
}

#[test]
fn a_column_whose_name_plotly_evades_is_kept() {
    let columns = ["a1", "b1", "count", "_value", "color", "other"];
    let set = columns_used("fig = px.bar(df, x='a1')", &columns).unwrap();
    assert_eq!(
        set.into_iter().collect::<Vec<_>>(),
        ["_value", "a1", "color", "count"]
    );
}

#[test]
fn what_is_long_or_deep_is_read_all_the_same() {
    assert_eq!(
        used(&format!("x = df['mass']{}", ".a".repeat(20_000))),
        None
    );
    assert_eq!(
        used(&format!(
            "x = {}df['mass']{}",
            "(".repeat(9_000),
            ")".repeat(9_000)
        )),
        None
    );
    assert_eq!(
        used(&"x = df['mass']\n".repeat(3_000)).as_deref(),
        Some("mass")
    );
    let chain: String = (0..900).map(|n| format!("a{} = a{n}\n", n + 1)).collect();
    let _ = used(&format!("a0 = df\n{chain}"));
}
