import { act, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { api } from '@/api/client';
import { ApiError } from '@/api/problem';
import type { CodeContent } from '@/api/types';
import { editorId, useRun, WAITS_MS } from './useRun';

const content: CodeContent = { kind: 'code', collection: 'col', code: 'fig = px.bar(df)' };
const preview = { result: { kind: 'figure' as const, figure: { data: [] }, rows: 9 }, duration_ms: 12 };
const busy = () => Promise.reject(new ApiError({ title: 'busy', status: 429, code: 'busy' }));
const FILTERS: never[] = [];

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('useRun', () => {
  it('asks a busy server again by itself, and gives up after a few times', async () => {
    const post = vi.spyOn(api, 'post').mockImplementation(busy);
    const { result } = renderHook(() => useRun('prj', FILTERS));
    await act(async () => void result.current.start(content));
    expect(result.current.phase).toMatchObject({ kind: 'waiting', attempt: 1 });
    post.mockImplementationOnce(busy).mockResolvedValueOnce(preview);
    await act(async () => vi.advanceTimersByTimeAsync(15_000));
    expect(result.current.phase.kind).toBe('idle');
    expect(result.current.ran).toMatchObject({ preview });
    expect(post).toHaveBeenCalledTimes(3);

    post.mockClear();
    await act(async () => void result.current.start(content));
    await act(async () => vi.advanceTimersByTimeAsync(60_000));
    expect(post).toHaveBeenCalledTimes(WAITS_MS.length + 1);
    expect(result.current.ran?.problem?.code).toBe('busy');
  });

  it('is stopped while it runs and while it waits, without an error', async () => {
    const signals: (AbortSignal | undefined)[] = [];
    vi.spyOn(api, 'post').mockImplementation((_route, _body, options) => {
      signals.push(options?.signal);
      return new Promise((_resolve, reject) => options?.signal?.addEventListener('abort', () => reject(new DOMException('', 'AbortError'))));
    });
    const { result } = renderHook(() => useRun('prj', FILTERS));
    await act(async () => void result.current.start(content));
    expect(result.current.phase.kind).toBe('running');
    await act(async () => result.current.stop());
    expect(signals[0]?.aborted).toBe(true);
    expect(result.current.ran).toMatchObject({ stopped: true });

    vi.spyOn(api, 'post').mockImplementation(busy);
    await act(async () => void result.current.start(content));
    expect(result.current.phase.kind).toBe('waiting');
    await act(async () => result.current.stop());
    expect(result.current.phase.kind).toBe('idle');
    expect(result.current.ran?.stopped).toBe(true);
  });

  it('lets a newer run replace an older one, under one name for the editor', async () => {
    const bodies: { editor: string }[] = [];
    vi.spyOn(api, 'post').mockImplementation((_route, body, options) => {
      bodies.push(body as { editor: string });
      if (bodies.length === 2) return Promise.resolve(preview as never);
      return new Promise((_resolve, reject) => options?.signal?.addEventListener('abort', () => reject(new DOMException('', 'AbortError'))));
    });
    const { result } = renderHook(() => useRun('prj', FILTERS));
    await act(async () => void result.current.start(content));
    await act(async () => void result.current.start({ ...content, code: 'fig = px.box(df)' }));
    expect(result.current.ran).toMatchObject({ code: 'fig = px.box(df)', preview });
    expect(bodies[0]?.editor).toBe(bodies[1]?.editor);
    expect(bodies[0]?.editor).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
    expect(editorId()).not.toBe(editorId());
  });
});
