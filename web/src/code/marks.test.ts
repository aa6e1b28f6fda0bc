import { Text } from '@codemirror/state';
import { describe, expect, it } from 'vitest';
import { toRange } from './CodeEditor';
import { plainly } from './explain';

const doc = Text.of(['import os', '', 'fig = px.bar(df)']);
const mark = (line: number, column?: number, endLine?: number, endColumn?: number) => ({ line, column, endLine, endColumn, message: 'x', severity: 'error' as const });

describe('toRange', () => {
  it('marks the place the server names, counted from 1', () => {
    expect(toRange(doc, mark(1, 8, 1, 10))).toEqual({ from: 7, to: 9 });
    expect(toRange(doc, mark(3, 1))).toEqual({ from: 11, to: 27 });
  });

  it('counts characters as the server does, not halves of them', () => {
    const wide = Text.of(['x = "🐧🐧" + y']);
    const { from, to } = toRange(wide, mark(1, 12, 1, 13));
    expect(wide.sliceString(from, to)).toBe('y');
  });

  it('stays inside the text when it has become shorter', () => {
    expect(toRange(doc, mark(99, 99))).toEqual({ from: 26, to: 27 });
    expect(toRange(doc, mark(0, 0))).toEqual({ from: 0, to: 9 });
    expect(toRange(doc, mark(2, 5))).toEqual({ from: 10, to: 10 });
  });
});

describe('plainly', () => {
  it('says what Python’s grammar says, in words of people', () => {
    expect(plainly('unexpected EOF while parsing')).toContain('still open');
    expect(plainly('`import os` is not available in Code Mode.')).toBe('`import os` is not available in Code Mode.');
  });
});
