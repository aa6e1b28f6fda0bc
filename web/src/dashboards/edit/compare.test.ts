import { describe, expect, it } from 'vitest';
import type { Component, Dashboard } from '@/api/types';
import { changes, isDirty } from './compare';

const card = (id: string, title: string, x = 0): Component => ({ id, title, layout: { x, y: 0, w: 3, h: 2 }, content: { kind: 'card', collection: 'col_1', aggregate: 'count' } });
const dashboard = (title: string, components: Component[]): Dashboard => ({
  id: 'dsh_1', project: 'prj_1', title, revision: 1, created_at: '', created_by: null, updated_at: '', updated_by: null,
  tabs: [{ id: 'main', title: 'Overview', filters: [], components }],
});

describe('changes', () => {
  const base = dashboard('Penguins', [card('a', 'Samples'), card('b', 'Islands', 3)]);

  it('names what was added, removed, changed, moved and renamed', () => {
    const after = dashboard('Birds', [{ ...card('a', 'Samples'), content: { kind: 'card', collection: 'col_1', aggregate: 'mean', column: 'mass' } }, card('c', 'Mass', 6)]);
    expect(changes(base, after)).toEqual([
      { what: 'renamed', thing: 'dashboard: “Penguins” to “Birds”' },
      { what: 'changed', thing: '“Samples”' },
      { what: 'added', thing: '“Mass”' },
      { what: 'removed', thing: '“Islands”' },
    ]);
  });

  it('tells a move from a change', () => {
    expect(changes(base, dashboard('Penguins', [card('a', 'Samples'), card('b', 'Islands', 6)]))).toEqual([{ what: 'moved', thing: '“Islands”' }]);
  });

  it('is silent about what only the server sets', () => {
    expect(changes(base, { ...base, revision: 9, updated_at: 'later' })).toEqual([]);
    expect(isDirty(base, { ...base, revision: 9 })).toBe(false);
    expect(isDirty(base, { ...base, title: 'x' })).toBe(true);
  });
});
