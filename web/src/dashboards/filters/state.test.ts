import { describe, expect, it } from 'vitest';
import type { ColumnType, Widget } from '@/api/types';
import { activeCount, describe as words, toFilters, type FilterState } from './state';

const widget = (id: string, kind: Widget['kind'], column: string): Widget => ({ id, kind, column, label: column, collection: 'col_1' });
const types: Record<string, ColumnType> = { species: 'string', mass: 'int64', day: 'date', at: 'timestamp', zoned: 'timestamp_tz' };
const typeOf = (_collection: string, column: string) => types[column];
const filters = (kind: Widget['kind'], column: string, value: FilterState[string]) => toFilters([widget('w', kind, column)], { w: value }, typeOf);

describe('toFilters', () => {
  it('asks for the chosen values', () => {
    expect(filters('multi_select', 'species', { in: ['Adelie', 'Gentoo'] })).toEqual([{ collection: 'col_1', column: 'species', op: 'in', values: ['Adelie', 'Gentoo'] }]);
  });

  it('leaves out what is empty, and what belongs to no widget', () => {
    expect(filters('multi_select', 'species', { in: [] })).toEqual([]);
    expect(filters('range', 'mass', { from: null, to: null })).toEqual([]);
    expect(filters('search', 'species', { text: '  ' })).toEqual([]);
    expect(toFilters([], { gone: { in: ['x'] } }, typeOf)).toEqual([]);
  });

  it('takes one bound for an open range and two for a closed one', () => {
    expect(filters('range', 'mass', { from: 3000, to: 4000 })[0]).toMatchObject({ op: 'between', values: [3000, 4000] });
    expect(filters('range', 'mass', { from: 3000, to: null })[0]).toMatchObject({ op: 'gte', value: 3000 });
    expect(filters('range', 'mass', { from: null, to: 0 })[0]).toMatchObject({ op: 'lte', value: 0 });
  });

  it('keeps the last day in to its end', () => {
    const days = { from: '2007-11-10', to: '2007-11-12' };
    expect(filters('date_range', 'day', days)[0]?.values).toEqual(['2007-11-10', '2007-11-12']);
    expect(filters('date_range', 'at', days)[0]?.values).toEqual(['2007-11-10T00:00:00', '2007-11-12T23:59:59.999999']);
    expect(filters('date_range', 'zoned', days)[0]?.values).toEqual(['2007-11-10T00:00:00Z', '2007-11-12T23:59:59.999999Z']);
  });
});

describe('words for a filter', () => {
  it('names a few values and counts the rest', () => {
    expect(words(widget('w', 'multi_select', 'species'), { in: ['a', 'b', 'c', 'd', 'e'] })).toBe('species: a, b, c and 2 more');
  });

  it('counts only what is active', () => {
    const widgets = [widget('a', 'multi_select', 'species'), widget('b', 'range', 'mass')];
    expect(activeCount(widgets, { a: { in: [] }, b: { from: 1, to: null } })).toBe(1);
  });
});
