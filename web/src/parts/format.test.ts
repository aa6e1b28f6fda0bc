import { describe, expect, it } from 'vitest';
import { toFilter } from '@/collections/DataTab';
import { kindsFor } from '@/dashboards/edit/FilterForm';
import { niceStep } from '@/dashboards/filters/RangeFilter';
import { rank } from '@/shell/rank';
import { bytes, cell, measure, relative } from './format';

describe('numbers and times', () => {
  it('says sizes in kB and MB', () => {
    expect([bytes(0), bytes(999), bytes(20_600), bytes(104_000_000)]).toEqual(['0 B', '999 B', '20.6 kB', '104 MB']);
  });

  it('shows about four digits unless told otherwise', () => {
    expect(measure(4201.754)).toBe('4,202');
    expect(measure(200.9152)).toBe('200.9');
    expect(measure(4.20175)).toBe('4.2');
    expect(measure(4.20175, 2)).toBe('4.20');
    expect(measure(Number.NaN)).toBe('–');
  });

  it('is relative to now', () => {
    const now = Date.parse('2026-01-10T12:00:00Z');
    expect(relative('2026-01-10T11:59:57Z', now)).toBe('just now');
    expect(relative('2026-01-10T09:00:00Z', now)).toBe('3 hours ago');
    expect(relative('2026-01-09T12:00:00Z', now)).toBe('yesterday');
  });

  it('does not shift a time without a zone', () => {
    expect(cell('2007-11-10T23:30:00', 'timestamp')).toContain('11:30');
    expect(cell('2007-11-10', 'date')).toBe('Nov 10, 2007');
    expect(cell(null, 'float64')).toBe('');
  });
});

describe('typed filters', () => {
  const columns = [{ name: 'mass', type: 'int64' as const }, { name: 'species', type: 'string' as const }, { name: 'ok', type: 'bool' as const }];

  it('sends numbers as numbers and refuses what is none', () => {
    expect(toFilter({ column: 'mass', op: 'gte', text: ' 3000 ' }, columns)).toEqual({ column: 'mass', op: 'gte', value: 3000 });
    expect(toFilter({ column: 'mass', op: 'gte', text: '3.5' }, columns)).toBeNull();
    expect(toFilter({ column: 'mass', op: 'gte', text: 'much' }, columns)).toBeNull();
    expect(toFilter({ column: 'ok', op: 'eq', text: 'True' }, columns)).toEqual({ column: 'ok', op: 'eq', value: true });
    expect(toFilter({ column: 'species', op: 'is_null', text: '' }, columns)).toEqual({ column: 'species', op: 'is_null' });
    expect(toFilter({ column: 'gone', op: 'eq', text: 'x' }, columns)).toBeNull();
  });

  it('offers the kinds that fit a column', () => {
    expect(kindsFor('float64')[0]).toBe('range');
    expect(kindsFor('timestamp')).toEqual(['date_range']);
    expect(kindsFor('string')).toContain('search');
  });

  it('steps a slider in round numbers', () => {
    expect(niceStep(3.6, false)).toBe(0.02);
    expect(niceStep(3600, true)).toBe(20);
    expect(niceStep(5, true)).toBe(1);
    expect(niceStep(0, false)).toBe(1);
  });
});

describe('rank', () => {
  const entries = ['Mass by species', 'Species overview', 'Palmer penguins'].map((label) => ({ id: label, group: 'Dashboards' as const, label }));

  it('puts the start of a name before the middle and drops what lacks a word', () => {
    expect(rank(entries, 'spec').map((entry) => entry.label)).toEqual(['Species overview', 'Mass by species']);
    expect(rank(entries, 'spec mass').map((entry) => entry.label)).toEqual(['Mass by species']);
    expect(rank(entries, 'zzz')).toEqual([]);
  });
});
