/**
 * One run at a time for one editor: a newer one replaces an older one, stopping ends it on the server too, and a server
 * that is busy is asked again by itself a few times, politely.
 */
import { useCallback, useEffect, useRef, useState } from 'react';
import { api, path } from '@/api/client';
import { asProblem, isAbort } from '@/api/problem';
import type { CodeContent, Filter, Preview, Problem } from '@/api/types';

/** How long to wait before each further try, in milliseconds; spread, so that many editors do not come at once. */
export const WAITS_MS = [1_000, 2_000, 4_000, 8_000, 8_000];
const SPREAD = 0.25;

export type Phase =
  | { kind: 'idle' }
  | { kind: 'running'; since: number; attempt: number }
  | { kind: 'waiting'; since: number; until: number; attempt: number };

export interface Ran {
  code: string;
  /** The newest result there is; after a failure that of an earlier run. */
  preview?: Preview;
  problem?: Problem;
  /** Stopped by hand. */
  stopped?: boolean;
  /** From pressing Run to the answer, waiting included. */
  took_ms: number;
}

/** 1 to 64 of letters, digits, `_` and `-`: names this editor to the server, so that a newer run of it replaces an older. */
export function editorId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `editor-${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      reject(new DOMException('stopped', 'AbortError'));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', end);
      resolve();
    }, ms);
    signal.addEventListener('abort', end, { once: true });
  });
}

export function useRun(project: string, filters: Filter[]) {
  const [editor] = useState(editorId);
  const [phase, setPhase] = useState<Phase>({ kind: 'idle' });
  const [ran, setRan] = useState<Ran | null>(null);
  const control = useRef<AbortController | null>(null);

  // Leaving the page, or closing the drawer, ends the run.
  useEffect(() => () => control.current?.abort('gone'), []);

  const start = useCallback(
    async (content: CodeContent) => {
      control.current?.abort('replaced');
      const own = new AbortController();
      control.current = own;
      const since = Date.now();
      const current = () => control.current === own;
      const finish = (part: Omit<Ran, 'code' | 'took_ms'>) => {
        if (!current()) return;
        setPhase({ kind: 'idle' });
        setRan((before) => ({ code: content.code, took_ms: Date.now() - since, preview: before?.preview, ...part }));
      };
      for (let attempt = 1; ; attempt += 1) {
        setPhase({ kind: 'running', since, attempt });
        try {
          const body = { content, filters, editor };
          finish({ preview: await api.post<Preview>(path`/projects/${project}/components/preview`, body, { signal: own.signal }) });
          return;
        } catch (error) {
          if (isAbort(error) || own.signal.aborted) {
            if (own.signal.reason === 'stopped') finish({ stopped: true });
            return;
          }
          const problem = asProblem(error);
          const wait = WAITS_MS[attempt - 1];
          if (problem.code !== 'busy' || wait === undefined) {
            finish({ problem });
            return;
          }
          const ms = wait * (1 + SPREAD * (2 * Math.random() - 1));
          setPhase({ kind: 'waiting', since, until: Date.now() + ms, attempt });
          try {
            await pause(ms, own.signal);
          } catch {
            if (own.signal.reason === 'stopped') finish({ stopped: true });
            return;
          }
        }
      }
    },
    [project, filters, editor],
  );
  const stop = useCallback(() => control.current?.abort('stopped'), []);
  return { phase, ran, start, stop };
}
