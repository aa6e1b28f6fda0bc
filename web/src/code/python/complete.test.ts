import { CompletionContext } from '@codemirror/autocomplete';
import { python } from '@codemirror/lang-python';
import { ensureSyntaxTree } from '@codemirror/language';
import { EditorState } from '@codemirror/state';
import { describe, expect, it } from 'vitest';
import type { Column } from '@/api/types';
import { complete } from './complete';
import { kindOf } from './kinds';

const COLUMNS: Column[] = [
  { name: 'species', type: 'string' },
  { name: 'mass', type: 'float64' },
  { name: 'bill "length"', type: 'float64' },
  { name: 'size', type: 'int64' },
];

/** The labels offered where `|` stands. */
function offered(source: string, explicit = false): string[] {
  const pos = source.indexOf('|');
  const state = EditorState.create({ doc: source.replace('|', ''), extensions: [python()] });
  ensureSyntaxTree(state, state.doc.length, 5000);
  return complete(new CompletionContext(state, pos, explicit), COLUMNS)?.options.map((option) => option.label) ?? [];
}

function kind(source: string, expression: string): string | undefined {
  const state = EditorState.create({ doc: `${source}\n(${expression})`, extensions: [python()] });
  const last = ensureSyntaxTree(state, state.doc.length, 5000)?.topNode.lastChild?.firstChild ?? null;
  return kindOf(state, last)?.name;
}

describe('columns', () => {
  const all = COLUMNS.map((column) => column.name);

  it('are offered where text names one', () => {
    for (const source of [
      'df["|', "df['|']", 'df[["|"]]', 'df[["mass", "|"]]', 'df.loc[df["|"] > 1]', 'df.groupby("|")', 'df.groupby(["|"])', 'df.groupby("species")["|"]',
      'px.scatter(df, x="|")', "px.scatter(df, x='mass', y='|')", 'px.scatter(df, hover_data=["|"])', 'px.bar(df, "|")', 'px.bar(df, labels={"|": "Mass"})',
      'df.sort_values(by="|")', 'df.drop(columns=["|"])', 'df.agg({"|": "mean"})', 'df.groupby("species").agg(m=("|", "mean"))', 'px.scatter(\n    df,\n    x="|',
      'df.pivot_table(index="|")', 'df.rename(columns={"|": "b"})', 'pd.melt(df, id_vars=["|"])', 'df.loc[:, "|"]',
    ]) {
      expect(offered(source), source).toEqual(all);
    }
  });

  it('are not offered where text is something else', () => {
    for (const source of ['print("|")', 'px.scatter(df, title="|")', 'x = "|"', 'fig.update_layout(title="|")', 'df["species"].str.replace("|")', 'df.rename(columns={"a": "|"})', '# df["|', 'f"{df["a"]} |"']) {
      expect(offered(source), source).toEqual([]);
    }
  });

  it('come quoted where a value is expected', () => {
    expect(offered('px.scatter(df, x=|').slice(0, 3)).toEqual(['"species"', '"mass"', '"bill \\"length\\""']);
    expect(offered('px.scatter(df, x=m|)')).toContain('"mass"');
    expect(offered('df[|]')).toContain('"mass"');
    expect(offered('df[[|]]')).toContain('"mass"');
    expect(offered('px.scatter(df, hover_data=[|]')).toContain('"mass"');
    expect(offered('x[|]')).toEqual([]);
  });

  it('stand first after the frame, when they are names', () => {
    const after = offered('df.|');
    expect(after.slice(0, 2)).toEqual(['species', 'mass']);
    expect(after).toContain('groupby');
    expect(after).not.toContain('to_csv');
    expect(after.filter((label) => label === 'size')).toHaveLength(1);
  });

  it('include those the script makes', () => {
    const source = 'df["ratio"] = df["mass"] / 2\ndf = df.assign(heavy=df["mass"] > 4)\nn = df.groupby("species").size().reset_index(name="birds")\n';
    expect(offered(`${source}px.bar(n, x="|")`)).toEqual([...all, 'ratio', 'heavy', 'birds']);
    // What is being typed is no column yet.
    expect(offered('df["rat|"] = 1')).toEqual(all);
  });

  it('are offered inside an expression of query', () => {
    expect(offered('df.query("ma|")')).toEqual(['species', 'mass', 'size']);
  });
});

describe('names', () => {
  it('of the libraries are those that Code Mode has', () => {
    expect(offered('px.|')).toContain('scatter');
    expect(offered('go.|')).toContain('Scatter');
    expect(offered('pd.|')).toContain('to_datetime');
    expect(offered('pd.|')).not.toContain('read_csv');
    expect(offered('np.linalg.|')).toContain('svd');
    expect(offered('np.|')).not.toContain('load');
    expect(offered('px.colors.qualitative.|')).toContain('Safe');
    expect(offered('import numpy as nn\nnn.|')).toContain('mean');
    expect(offered('import numpy.linalg as la\nla.|')).toContain('svd');
    expect(offered('pd.tseries.offsets.|')).toContain('MonthEnd');
    expect(offered('from plotly import graph_objects as gg\ngg.|')).toContain('Bar');
  });

  it('of what an expression is', () => {
    expect(offered('df["species"].str.|')).toContain('upper');
    expect(offered('df["mass"].|')).toContain('between');
    expect(offered('df["mass"].|')).not.toContain('merge');
    expect(offered('df.groupby("species").|')).toContain('ngroup');
    expect(offered('fig = px.bar(df)\nfig.|')).toContain('update_layout');
    expect(offered('fig = px.bar(df)\nfig.|')).not.toContain('write_html');
    expect(offered('"a".|')).toContain('join');
    expect(offered('df.groupby("species").apply(lambda g: g.|)')).toContain('merge');
    expect(offered('unknown.|')).toContain('groupby');
  });

  it('of the script itself, where they can be seen', () => {
    const source = 'from plotly.subplots import make_subplots\ndef shade(colour, by=1):\n    inner = 2\n    return col|\ncount, total = 1, 2\nfor name, rows in df.groupby("species"):\n    pass\n';
    const inner = offered(source);
    for (const name of ['shade', 'colour', 'inner', 'count', 'total', 'name', 'rows', 'make_subplots', 'df', 'len', 'return']) expect(inner, name).toContain(name);
    expect(offered('def shade(colour):\n    return 1\nx = c|')).not.toContain('colour');
    expect(offered('x = o|')).not.toContain('open');
    expect(offered('x = a|')).not.toContain('await');
  });

  it('are not forced on somebody who breaks a line', () => {
    expect(offered('px.scatter(|')).toEqual([]);
    expect(offered('px.scatter(df, |')).toEqual([]);
    expect(offered('|')).toEqual([]);
    expect(offered('|', true)).toContain('df');
  });
});

describe('arguments', () => {
  it('are offered by name, once each', () => {
    const left = offered('px.scatter(df, x="mass", c|');
    expect(left).toContain('color=');
    expect(left).not.toContain('x=');
    expect(left).not.toContain('data_frame=');
    expect(offered('px.scatter(\n    df,\n    c|\n)')).toContain('color=');
    expect(offered('df.sort_values("mass", a|')).toContain('ascending=');
    expect(offered('go.Scatter(m|')).toContain('mode=');
    expect(offered('fig = go.Figure()\nfig.update_layout(t|')).toContain('title=');
    expect(offered('def shade(colour, by=1):\n    return by\nshade(b|')).toContain('by=');
  });

  it('take the words they know', () => {
    expect(offered('px.scatter(df, trendline="|")')).toEqual(['ols', 'lowess', 'rolling', 'expanding', 'ewm']);
    expect(offered('px.histogram(df, marginal=|')).toContain('"rug"');
    expect(offered('px.imshow(x, color_continuous_scale="|")')).toContain('cividis');
    expect(offered('px.scatter(df, color_continuous_scale="|")')).toContain('viridis');
    expect(offered('df.groupby("species")["mass"].agg("|")')).toContain('median');
    expect(offered('df.groupby("species").agg(m=("mass", "|"))')).toContain('median');
    expect(offered('df.agg({"mass": "|"})')).toContain('median');
    expect(offered('df.merge(df, how="|")')).toContain('left');
  });
});

describe('kinds', () => {
  it('follow an expression through what libraries give', () => {
    const source = 'means = df.groupby("species")["mass"].mean().reset_index()\nm = means\nw = df["mass"].rolling(3)\ndf = df[df["mass"] > 1]';
    for (const [expression, name] of [
      ['df', 'DataFrame'], ['df["a"]', 'Series'], ['df[["a"]]', 'DataFrame'], ['df[df.a > 1]', 'DataFrame'], ['df.mass', 'Series'], ['df.T', 'DataFrame'],
      ['df.groupby("a")["b"].mean()', 'Series'], ['means', 'DataFrame'], ['m["mass"]', 'Series'], ['w.mean()', 'Series'], ['df.rolling(3).mean()', 'DataFrame'],
      ['df.loc[df.a > 1, "b"]', 'Series'], ['df.loc[1:3]', 'DataFrame'], ['df["a"] * 2', 'Series'], ['np.arange(3)', 'ndarray'], ['pd.concat([df])', 'DataFrame'],
      ['px.bar(df)', 'Figure'], ['px.bar(df).update_layout(title="a")', 'Figure'], ['df["a"].dt.year', 'Series'], ['df.describe()', 'DataFrame'],
    ] as const) {
      expect(kind(source, expression), expression).toBe(name);
    }
  });

  it('does not hang on a name that is made of itself', () => {
    expect(kind('a = b\nb = a\na = a.x(b)', 'a')).toBeUndefined();
  });
});
