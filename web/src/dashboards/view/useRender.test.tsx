import { renderHook, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Component, DashboardTab, Filter } from '@/api/types';
import { useRender } from './useRender';

const card = (id: string, aggregate: 'count' | 'distinct' = 'count', x = 0): Component => ({
  id, title: id, layout: { x, y: 0, w: 3, h: 2 }, content: { kind: 'card', collection: 'col_1', aggregate, ...(aggregate === 'distinct' ? { column: 'species' } : {}) },
});
const tab = (...components: Component[]): DashboardTab => ({ id: 'main', title: 'Main', filters: [], components });
let asked: { components: string[]; filters: Filter[]; draft?: unknown; signal: AbortSignal }[] = [];
let answer: (index: number) => ReadableStream<Uint8Array>;

function lines(...items: object[]): ReadableStream<Uint8Array> {
  return new Response(items.map((item) => JSON.stringify(item) + '\n').join('')).body as ReadableStream<Uint8Array>;
}
const ok = (component: string, value: number) => ({ component, status: 'ok', result: { kind: 'card', value, count: value } });

beforeEach(() => {
  asked = [];
  vi.stubGlobal('fetch', async (_url: string, options: RequestInit) => {
    asked.push({ ...JSON.parse(String(options.body)), signal: options.signal });
    return new Response(answer(asked.length - 1), { status: 200 });
  });
});
afterEach(() => vi.unstubAllGlobals());

const props = (part: Partial<Parameters<typeof useRender>[0]>) => ({ project: 'prj_1', dashboard: 'dsh_1', tab: tab(card('a'), card('b')), filters: [], draft: false, revision: 1, ...part });

describe('useRender', () => {
  it('shows each component as its line arrives, an error in its own place', async () => {
    answer = () => lines(ok('a', 344), { component: 'b', status: 'error', problem: { title: 'No such column', status: 422 } });
    const { result } = renderHook((given) => useRender(given), { initialProps: props({}) });
    await waitFor(() => expect(result.current.pending).toBe(0));
    expect(result.current.state.a?.line?.result).toMatchObject({ value: 344 });
    expect(result.current.state.b?.problem?.title).toBe('No such column');
  });

  it('asks for everything after a filter change and ends the older question', async () => {
    answer = (index) => (index === 0 ? new ReadableStream() : lines(ok('a', 1), ok('b', 2)));
    const { result, rerender } = renderHook((given) => useRender(given), { initialProps: props({}) });
    await waitFor(() => expect(asked).toHaveLength(1));
    rerender(props({ filters: [{ column: 'species', op: 'in', values: ['Adelie'] }] }));
    await waitFor(() => expect(result.current.pending).toBe(0));
    expect(asked[0]?.signal.aborted).toBe(true);
    expect(asked[1]).toMatchObject({ components: ['a', 'b'], filters: [{ column: 'species' }] });
  });

  it('asks for an edited component alone, and for nothing after a drag', async () => {
    answer = () => lines(ok('a', 1), ok('b', 2));
    const { result, rerender } = renderHook((given) => useRender(given), { initialProps: props({}) });
    await waitFor(() => expect(result.current.pending).toBe(0));
    rerender(props({ draft: true, tab: tab(card('a', 'count', 6), card('b')) }));
    rerender(props({ draft: true, tab: tab(card('a', 'count', 6), card('b', 'distinct')) }));
    await waitFor(() => expect(asked).toHaveLength(2));
    expect(asked[1]?.components).toEqual(['b']);
    expect(asked[1]?.draft).toMatchObject({ id: 'main' });
  });

  it('says so when the server ends too early', async () => {
    answer = () => lines(ok('a', 1));
    const { result } = renderHook((given) => useRender(given), { initialProps: props({}) });
    await waitFor(() => expect(result.current.pending).toBe(0));
    expect(result.current.state.b?.problem?.title).toContain('ended before');
  });
});
