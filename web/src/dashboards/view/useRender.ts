/**
 * Streams the results of a dashboard: each component shows as its line arrives.
 *
 * What is asked for follows from signatures (content and filters): a change of filters asks for everything, an edited
 * component for itself alone, a drag for nothing. A newer question ends the older one, also on the server.
 */
import { useEffect, useRef, useState } from 'react';
import { call, path } from '@/api/client';
import { jsonLines } from '@/api/lines';
import { asProblem, isAbort } from '@/api/problem';
import type { DashboardTab, Filter, Problem, RenderLine } from '@/api/types';

export interface Rendered {
  /** Waiting for a newer answer; `line` is then the one before. */
  loading: boolean;
  line?: RenderLine;
  problem?: Problem;
  at?: number;
}

export type RenderState = Record<string, Rendered>;

interface Options {
  project: string;
  dashboard: string;
  tab: DashboardTab | undefined;
  filters: Filter[];
  /** Unsaved edits: the server renders this tab instead of the stored one. */
  draft: boolean;
  revision: number;
}

export function useRender({ project, dashboard, tab, filters, draft, revision }: Options) {
  const [state, setState] = useState<RenderState>({});
  const answered = useRef(new Map<string, string>());
  const [round, setRound] = useState(0);
  const components = tab?.components ?? [];
  const filterKey = JSON.stringify(filters);
  const wanted = components.map((component) => [component.id, `${JSON.stringify(component.content)}|${filterKey}`] as const);
  const key = JSON.stringify([tab?.id, wanted, draft ? 'draft' : revision]);

  useEffect(() => {
    const open = wanted.filter(([id, signature]) => answered.current.get(id) !== signature);
    if (!tab || open.length === 0) return;
    const signatures = new Map(open);
    const ids = open.map(([id]) => id);
    const abort = new AbortController();
    setState((before) => {
      const next = { ...before };
      for (const id of ids) next[id] = { ...before[id], loading: true, problem: undefined };
      return next;
    });

    const settle = (id: string, rendered: Rendered) => {
      const signature = signatures.get(id);
      if (signature === undefined || abort.signal.aborted) return;
      signatures.delete(id);
      answered.current.set(id, signature);
      setState((before) => ({ ...before, [id]: rendered }));
    };
    const run = async () => {
      try {
        const response = await call('POST', path`/projects/${project}/dashboards/${dashboard}/render`, {
          body: { filters, components: ids, ...(draft ? { draft: tab } : {}) },
          accept: 'application/x-ndjson',
          signal: abort.signal,
        });
        if (response.body) {
          for await (const line of jsonLines<RenderLine>(response.body)) {
            settle(line.component, {
              loading: false,
              line: line.status === 'ok' ? line : undefined,
              problem: line.status === 'error' ? (line.problem ?? { title: 'This component could not be computed', status: 500 }) : undefined,
              at: Date.now(),
            });
          }
        }
        for (const id of [...signatures.keys()]) {
          settle(id, { loading: false, problem: { title: 'The server ended before this component was ready', status: 0 } });
        }
      } catch (error) {
        if (isAbort(error) || abort.signal.aborted) return;
        for (const id of [...signatures.keys()]) settle(id, { loading: false, problem: asProblem(error) });
      }
    };
    void run();
    return () => abort.abort();
    // `key` holds everything that asks for a new render; the arrays are new at every draw.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [key, project, dashboard, round]);

  const retry = (id?: string) => {
    if (id === undefined) answered.current.clear();
    else answered.current.delete(id);
    setRound((before) => before + 1);
  };
  const pending = components.filter((component) => state[component.id]?.loading ?? true).length;
  return { state, pending, total: components.length, retry };
}
