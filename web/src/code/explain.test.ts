import { Text } from '@codemirror/state';
import { describe, expect, it } from 'vitest';
import { fixRange } from './CodeEditor';
import { explain } from './explain';
import { distance, nearest } from './nearest';

const columns = ['species', 'body_mass_g', 'bill "length"', 'year', "it's"];

function told(detail: string, code = '', line?: number) {
  return explain({ title: 'Unprocessable', status: 422, code: 'failed', detail, line }, { columns, code });
}

describe('nearest', () => {
  it('counts edits, swaps among them', () => {
    expect(distance('species', 'specis')).toBe(1);
    expect(distance('abc', 'acb')).toBe(1);
    expect(distance('', 'abc')).toBe(3);
    expect(distance('short', 'a very long name', 3)).toBe(4);
  });

  it('names what was most likely meant, or nothing', () => {
    expect(nearest('specis', columns)).toBe('species');
    expect(nearest('Species', columns)).toBe('species');
    expect(nearest('body mass g', columns)).toBe('body_mass_g');
    expect(nearest('mass', columns)).toBe('body_mass_g');
    expect(nearest('temperature', columns)).toBeUndefined();
    expect(nearest('', columns)).toBeUndefined();
  });
});

describe('a column that is not there', () => {
  it('is answered by the nearest, with a correction in the quotes of the script', () => {
    expect(told("KeyError: there is no 'specis'.", 'x = df["specis"]', 1)).toEqual({
      says: 'There is no column or key "specis".', next: 'The nearest name is "species".', fix: { find: '"specis"', replace: '"species"', label: 'Use "species"' }, python: "KeyError: there is no 'specis'",
    });
    expect(told("KeyError: there is no 'specis'.", "x = df['specis']", 1).fix).toMatchObject({ find: "'specis'", replace: "'species'" });
    expect(told("KeyError: there is no 'its'.", "x = df['its']", 1).fix).toMatchObject({ replace: '"it\'s"' });
    expect(told('KeyError: there is no "[\'specis\'] not in index".', 'df[["specis", "year"]]', 1).fix?.replace).toBe('"species"');
    expect(told('KeyError: there is no "[\'specis\'] not found in axis".').says).toBe('There is no column "specis".');
    expect(told("KeyError: there is no \"None of [Index(['specis'], dtype='str')] are in the [columns]\".").says).toBe('There is no column "specis".');
  });

  it('without a near one lists what there is', () => {
    expect(told("KeyError: there is no 'temperature'.").next).toBe('The columns are species, body_mass_g, bill "length", year, it\'s.');
  });

  it('that was there says where it went', () => {
    expect(told("KeyError: there is no 'species'.").next).toContain('reset_index');
    expect(told('KeyError: there is no 17.').next).toContain('.iloc');
  });

  it('of a table made on the way is looked for in that table', () => {
    const message = "ValueError: Value of 'y' is not the name of a column in 'data_frame'. Expected one of ['species', 'birds'] but received: brids.";
    expect(told(message, 'fig = px.bar(n, y="brids")', 1)).toMatchObject({ says: 'y= names no column: "brids".', next: 'The nearest name is "birds".', fix: { replace: '"birds"' } });
    expect(told(message.replace('brids', 'species.\n To use the index, pass it in directly as `df.index`')).next).toContain('reset_index');
  });
});

describe('errors people meet', () => {
  it('are told in plain words with what to do', () => {
    for (const [detail, says, next] of [
      ["NameError: name 'plt' is not defined.", 'Nothing is called plt.', 'matplotlib'],
      ["NameError: name 'year' is not defined.", 'Nothing is called year.', 'df["year"]'],
      ["TypeError: dtype 'str' does not support operation 'mean'.", 'Text cannot be summarised by mean.', 'numeric_only'],
      ['ValueError: Length of values (2) does not match length of index (3440).', 'The new column has 2 values, the table 3,440 rows.', 'each row'],
      ['ValueError: Columns must be same length as key.', 'The right side has another number of columns', 'one column'],
      ['ValueError: The truth value of a Series is ambiguous. Use a.empty, a.item(), a.any() or a.all()..', 'A whole column is neither true nor false', '&'],
      ["ValueError: could not convert string to float: 'Adelie'.", 'The text "Adelie" is no number.', 'select_dtypes'],
      ['ValueError: Plotly Express cannot process wide-form data with columns of different type..', 'px cannot tell', 'x='],
      ["ValueError: All arguments should have the same length. The length of argument `y` is 2, whereas the length of previously-processed arguments ['species'] is 344.", 'y= has 2 values, the table 344 rows.', 'columns'],
      ["AttributeError: 'NoneType' object has no attribute 'head'.", 'What stands before .head is nothing (None).', 'in place'],
      ["AttributeError: 'Series' object has no attribute 'upper'.", 'A Series has no upper.', '.str.upper()'],
      ['AttributeError: Can only use .dt accessor with datetimelike values.', '.dt works on a date column only.', 'to_datetime'],
      ["TypeError: operation 'add' not supported for dtype 'str' with object of type <class 'int'>.", 'These two kinds of values', 'astype(str)'],
      ["TypeError: f() missing 1 required positional argument: 'b'.", 'f needs b.', 'Ctrl-Shift-Space'],
      ["UndefinedVariableError: name 'specis' is not defined.", 'The expression names specis', 'species'],
      ['DateParseError: Unknown datetime string format, unable to parse: Adelie.', 'A value is no date', 'format='],
      ['IndexError: single positional indexer is out-of-bounds.', 'There are fewer items', 'len'],
      ['ValueError: Index contains duplicate entries, cannot reshape.', 'Several rows', 'pivot_table'],
      ['ZeroDivisionError: division by zero.', 'This line divides by zero.', 'divisor'],
      ['RecursionError: maximum recursion depth exceeded.', 'A function calls itself without end.', 'loop'],
    ] as const) {
      const found = told(detail);
      expect(found.says, detail).toContain(says);
      expect(found.next, detail).toContain(next);
      expect(found.python, detail).toContain(detail.slice(0, 12));
    }
  });

  it('of names are answered by the nearest', () => {
    expect(told("NameError: name 'cuont' is not defined.", 'count = 1\nx = cuont', 2).fix).toEqual({ find: 'cuont', replace: 'count', label: 'Use count' });
    expect(told("TypeError: scatter() got an unexpected keyword argument 'colour'.", 'px.scatter(df, colour="a")', 1)).toMatchObject({ next: 'The nearest is color.', fix: { find: 'colour=', replace: 'color=' } });
    expect(told("AttributeError: 'DataFrame' object has no attribute 'gruopby'.", 'df.gruopby("a")', 1).fix?.replace).toBe('.groupby');
    expect(told("ValueError: Invalid property specified for object of type plotly.graph_objs.Scatter: 'colour'\n\nDid you mean \"mode\"?\n\n    Valid properties:\n    lots", 'go.Scatter(colour=1)', 1).says).toBe('go.Scatter takes no colour.');
  });

  it('that no rule knows keep their own words, shortened', () => {
    expect(told('LinAlgError: Singular matrix.')).toEqual({ says: 'LinAlgError: Singular matrix.' });
    const long = told(`ValueError: odd thing\n\n    ${'a whole manual '.repeat(200)}`);
    expect(long.says).toBe('ValueError: odd thing');
    expect(told(`ValueError: ${'x'.repeat(2000)}`).says.length).toBeLessThan(420);
  });
});

describe('the other ways a run ends', () => {
  const end = (code: string, detail?: string) => explain({ title: 'Unprocessable', status: 422, code, detail }, { columns, code: 'px.scater(df)' });

  it('each have a sentence and what to do next', () => {
    for (const code of ['timeout', 'memory', 'output', 'cancelled', 'syntax', 'no_figure', 'busy', 'off']) {
      expect(end(code).says, code).toMatch(/\.$/);
      expect(end(code).next, code).toMatch(/\.$/);
    }
  });

  it('prefer the server, without its second full stop', () => {
    expect(end('timeout', 'The script used more than 5 s of processor time..').says).toBe('The script used more than 5 s of processor time.');
    expect(end('no_figure', 'Fig must be a Plotly figure, and it is a int..').says).toBe('fig must be a Plotly figure, and it is a int.');
    expect(end('refused', '`px` has no `scater` in Code Mode..')).toMatchObject({ says: '`px` has no `scater` in Code Mode.', next: 'The nearest name is scatter.', fix: { find: '.scater', replace: '.scatter' } });
    expect(end('never heard of').says).toBe('Unprocessable');
  });
});

describe('a correction', () => {
  it('is made at or after the line, or not at all', () => {
    const doc = Text.of(['a = "x"', 'b = "x"']);
    const fix = { find: '"x"', replace: '"y"', label: '' };
    expect(fixRange(doc, 2, fix)).toEqual({ from: 12, to: 15 });
    expect(fixRange(doc, 1, fix)).toEqual({ from: 4, to: 7 });
    expect(fixRange(doc, 2, { ...fix, find: '"z"' })).toBeNull();
    expect(fixRange(doc, 99, fix)).toEqual({ from: 12, to: 15 });
  });
});
