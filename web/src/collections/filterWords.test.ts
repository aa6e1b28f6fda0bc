import { describe, expect, it } from 'vitest';
import type { Column } from '@/api/types';
import { columnName, completed, completions } from './filterWords';

const columns: Column[] = ['condition', 'age', 'mean_age', 'body mass (g)', 'not', 'tick`ed', 'größe'].map((name) => ({ name, type: 'string' }));
const labels = (text: string, cursor = text.length) => completions(text, cursor, columns)?.items.map((item) => item.label) ?? [];

describe('names in a filter', () => {
  it('stand in backticks when they are no plain words', () => {
    expect(['age', 'größe', 'a.b', '_x'].map(columnName)).toEqual(['age', 'größe', 'a.b', '_x']);
    expect(columnName('body mass (g)')).toBe('`body mass (g)`');
    expect(columnName('Not')).toBe('`Not`');
    expect(columnName('2024')).toBe('`2024`');
    expect(columnName('tick`ed')).toBe('`tick``ed`');
  });
});

describe('completion', () => {
  it('offers columns that begin so, then those that have it, then functions and words', () => {
    expect(labels('ag')).toEqual(['age', 'mean_age']);
    expect(labels('age > 3 and co')).toEqual(['condition', 'contains']);
    expect(labels('GRÖ')).toEqual(['größe']);
    expect(labels('ye')).toEqual(['year()']);
    expect(labels('body')).toEqual(['body mass (g)']);
  });

  it('offers nothing within text, after a space, and for what is there', () => {
    expect(labels('condition = "ag')).toEqual([]);
    expect(labels("condition = 'it''s ag")).toEqual([]);
    expect(labels('condition = "a\\"ag')).toEqual([]);
    expect(labels('age ')).toEqual([]);
    expect(labels('condition')).toEqual([]);
    expect(labels('condition = "x" and ag')).toEqual(['age', 'mean_age']);
  });

  it('puts a name in place of the word, wherever the cursor is', () => {
    const text = 'bod > 3';
    const at = completions(text, 3, columns)!;
    expect(completed(text, at, at.items[0]!)).toEqual({ text: '`body mass (g)` > 3', cursor: 15 });
    const ticked = '`body m` > 3';
    const within = completions(ticked, 7, columns)!;
    expect(completed(ticked, within, within.items[0]!).text).toBe('`body mass (g)` > 3');
  });
});
