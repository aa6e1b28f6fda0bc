import { describe, expect, it } from 'vitest';
import type { ColumnNote, Version, VersionDiff } from '@/api/types';
import { sentence, worthwhile } from './ColumnNotes';
import { sentences } from './CompareVersions';
import { changed } from './VersionsTab';

const note: ColumnNote = { column: 'mass', missing: 3, markers: [], values: null, nearly: 'int64', odd_cells: 5, odd: [{ line: 9, text: 'heavy' }] };

describe('what to know of a column', () => {
  it('names the type it nearly is, the cells in the way, and that there are more', () => {
    expect(sentence(note)).toBe('is whole number but for 5 cells: “heavy” in line 9 and more');
  });
  it('offers a category by its few values and names the markers', () => {
    const category: ColumnNote = { ...note, nearly: 'category', values: 3, markers: ['NA'], odd_cells: 0, odd: [] };
    expect(sentence(category)).toBe('has 3 different values: a category?; 3 cells without a value, written “NA”');
  });
  it('is silent once the type is taken', () => {
    expect(worthwhile([note], [{ name: 'mass', type: 'string' }])).toHaveLength(1);
    expect(worthwhile([note], [{ name: 'mass', type: 'int64' }])).toHaveLength(0);
  });
});

describe('what a version changed', () => {
  const version: Version = { version: 2, created_at: '', created_by: null, operation: 'upsert', rows: 5, set_aside: 0, rows_added: 2, rows_removed: 0, rows_updated: 1, bytes: 10, removed: false };
  it('shows only what is not nothing, and a dash for versions of before', () => {
    expect(changed(version)).toBe('+2 ~1');
    expect(changed({ ...version, rows_added: null, rows_removed: null, rows_updated: null })).toBe('–');
  });
});

describe('the difference of two versions', () => {
  it('is told in sentences', () => {
    const diff: VersionDiff = {
      from: { version: 1, rows: 2 }, to: { version: 2, rows: 3 },
      columns_added: [{ name: 'new', type: 'bool' }], columns_removed: [], columns_changed: [{ name: 'n', before: 'int64', after: 'float64' }],
      keys: { added: { rows: 1, first: ['"c"'] }, removed: { rows: 0, first: [] }, changed: { rows: 1, first: ['"b"'] } },
    };
    expect(sentences(diff)).toEqual([
      'Version 1 has 2 rows, version 2 has 3 rows.', 'Columns added: new.', 'n was whole number and is number.',
      '1 row added: "c"', '0 rows removed', '1 row changed: "b"',
    ]);
  });
});
