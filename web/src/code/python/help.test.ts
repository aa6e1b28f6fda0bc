import { python } from '@codemirror/lang-python';
import { ensureSyntaxTree } from '@codemirror/language';
import { EditorState } from '@codemirror/state';
import { describe, expect, it } from 'vitest';
import { describeParameter, helpAt } from './help';

function help(source: string) {
  const pos = source.indexOf('|');
  const state = EditorState.create({ doc: source.replace('|', ''), extensions: [python()] });
  ensureSyntaxTree(state, state.doc.length, 5000);
  const found = helpAt(state, pos);
  return found && { path: found.signature.path, name: found.signature.parameters[found.present]?.name ?? null, says: describeParameter(found), given: found.given };
}

describe('signature help', () => {
  it('follows the argument by place and by name', () => {
    expect(help('px.scatter(|')).toMatchObject({ path: 'px.scatter', name: 'data_frame' });
    expect(help('px.scatter(df, |)')).toMatchObject({ name: 'x', says: 'a column' });
    expect(help('px.scatter(df, "a", |)')).toMatchObject({ name: 'y' });
    expect(help('px.scatter(df, x="a", trendline="|")')).toMatchObject({ name: 'trendline', given: ['x'], says: 'one of "ols", "lowess", "rolling", "expanding", "ewm"' });
    expect(help('px.scatter(df, x="a, b", hover_data=["|"], y="c")')).toMatchObject({ name: 'hover_data', says: 'columns', given: ['x', 'y'] });
    expect(help('px.histogram(df, nbins=|')).toMatchObject({ name: 'nbins', says: 'None unless given' });
  });

  it('belongs to the innermost call', () => {
    expect(help('px.bar(df.sort_values(|))')).toMatchObject({ path: 'DataFrame.sort_values', name: 'by', says: 'must be given' });
    expect(help('px.bar(df.sort_values("a"), |)')).toMatchObject({ path: 'px.bar', name: 'x' });
    expect(help('px.bar(df)|')).toBeNull();
    expect(help('px.bar|(df)')).toBeNull();
    expect(help('x = (1 + |2)')).toBeNull();
  });

  it('knows traces, layouts, figures and functions of the script', () => {
    expect(help('go.Scatter(mode=|')).toMatchObject({ path: 'go.Scatter', name: 'mode' });
    expect(help('fig = px.bar(df)\nfig.update_layout(barmode=|')).toMatchObject({ path: 'Figure.update_layout', name: 'barmode' });
    expect(help('from plotly.subplots import make_subplots\nmake_subplots(rows=1, |')).toMatchObject({ path: 'plotly.subplots.make_subplots' });
    expect(help('def shade(colour, by=1, *, deep=False):\n    return by\nshade(1, |')).toMatchObject({ path: 'shade', name: 'by', says: '1 unless given' });
    expect(help('sorted(df.columns, |')).toMatchObject({ path: 'sorted', name: null });
  });
});
