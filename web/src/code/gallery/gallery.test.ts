import { pythonLanguage } from '@codemirror/lang-python';
import { describe, expect, it } from 'vitest';
import type { Column } from '@/api/types';
import { unquote } from '../python/quote';
import { choose, fresh } from './choose';
import { EXAMPLES } from './examples';

/** What people's files are really called, and worse. */
const COLUMNS: Column[] = [
  { name: 'spe"cies', type: 'string' },
  { name: "is\\land's", type: 'category' },
  { name: 'log2 fold "change"', type: 'float64' },
  { name: 'p value', type: 'float64' },
  { name: 'Größe (µm)\n質量', type: 'float64' },
  { name: 'mean', type: 'int64' },
  { name: 'share', type: 'float64' },
  { name: '{year}', type: 'int64' },
  { name: 'year', type: 'int64' },
  { name: "'; fig = None #", type: 'date' },
];
const COUNTS = { 'spe"cies': 3, "is\\land's": 2, year: 4, '{year}': 300 };

/** Every string of a script as Python would read it, and whether the script can be read at all. */
function read(code: string): { broken: boolean; strings: string[] } {
  let broken = false;
  const strings: string[] = [];
  pythonLanguage.parser.parse(code).iterate({
    enter(node) {
      if (node.type.isError) broken = true;
      if (node.name === 'String') strings.push(unquote(code.slice(node.from, node.to)) ?? '');
    },
  });
  return { broken, strings };
}

describe('choose', () => {
  const chosen = choose(COLUMNS, COUNTS);

  it('takes columns by type and by how many values they have', () => {
    expect(chosen.groups).toEqual(['spe"cies', "is\\land's"]);
    expect(chosen.numbers.slice(0, 3)).toEqual(['log2 fold "change"', 'p value', 'Größe (µm)\n質量']);
    expect(chosen.dates).toEqual(["'; fig = None #"]);
    expect(chosen.steps[0]).toBe('year');
    expect(chosen.chances).toEqual(['p value']);
    expect(chosen.effects).toEqual(['log2 fold "change"']);
  });

  it('puts counters and years behind measurements', () => {
    const { numbers } = choose([{ name: 'sample_id', type: 'int64' }, { name: 'year', type: 'int64' }, { name: 'mass', type: 'int64' }]);
    expect(numbers).toEqual(['mass', 'sample_id', 'year']);
  });

  it('leaves out texts that are different in every row, as far as it knows', () => {
    expect(choose([{ name: 'name', type: 'string' }, { name: 'sex', type: 'string' }], { name: 344, sex: 2 }).groups).toEqual(['sex']);
    expect(choose([{ name: 'name', type: 'string' }], {}).groups).toEqual(['name']);
  });

  it('takes p-values for what they are, and nothing else', () => {
    const found = (name: string) => choose([{ name, type: 'float64' }]).chances.length > 0;
    for (const name of ['p', 'p_value', 'pvalue', 'P.Value', 'padj', 'adj.P.Val', 'q_value', 'FDR']) expect(found(name), name).toBe(true);
    for (const name of ['price', 'depth', 'group', 'temp', 'sepal_length', 'quantity', 'pH']) expect(found(name), name).toBe(false);
  });
});

describe('the gallery', () => {
  it('has something for most tables', () => {
    expect(EXAMPLES.length).toBeGreaterThanOrEqual(12);
    expect(new Set(EXAMPLES.map((example) => example.id)).size).toBe(EXAMPLES.length);
    const small = choose([{ name: 'mass', type: 'float64' }, { name: 'sex', type: 'string' }], { sex: 2 });
    expect(EXAMPLES.filter((example) => example.lacks(small) === null).length).toBeGreaterThanOrEqual(7);
  });

  it.each(EXAMPLES.map((example) => [example.id, example] as const))('%s: can be read, and names columns as they are', (_id, example) => {
    const chosen = choose(COLUMNS, COUNTS);
    expect(example.lacks(chosen)).toBeNull();
    const code = example.code(chosen);
    const { broken, strings } = read(code);
    expect(broken, code).toBe(false);
    expect(code).toMatch(/^fig = /m);
    expect(code.split('\n').every((line) => line.length < 140), code).toBe(true);
    // No name came apart: each string is a whole name or a word of the example's own.
    const odd = strings.filter((text) => /["'\\\n質]/.test(text) && !COLUMNS.some((column) => text.includes(column.name)));
    expect(odd, code).toEqual([]);
  });

  it.each(EXAMPLES.map((example) => [example.id, example] as const))('%s: says what it lacks', (_id, example) => {
    expect(example.lacks(choose([]))).toMatch(/^Needs .*\.$/);
  });

  it('makes no second column of one name', () => {
    expect(fresh('mean', ['mean', 'mean 2'])).toBe('mean 3');
    expect(EXAMPLES.find((example) => example.id === 'bars')?.code(choose(COLUMNS, COUNTS))).toContain('"mean 2"');
  });
});
