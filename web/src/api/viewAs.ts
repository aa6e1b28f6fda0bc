/** Looking at a project as one of its roles: kept for this tab, sent with every request on that project. */
import { useSyncExternalStore } from 'react';
import type { ProjectRole } from './types';

export interface ViewAs {
  project: string;
  name: string;
  role: ProjectRole;
}

const STORED = 'depictio.view-as';
const listeners = new Set<() => void>();
let now: ViewAs | null = read();

function read(): ViewAs | null {
  try {
    return JSON.parse(sessionStorage.getItem(STORED) ?? 'null') as ViewAs | null;
  } catch {
    return null;
  }
}

export function setViewAs(next: ViewAs | null): void {
  now = next;
  if (next) sessionStorage.setItem(STORED, JSON.stringify(next));
  else sessionStorage.removeItem(STORED);
  listeners.forEach((listener) => listener());
}

/** What a request on this route carries. */
export function viewAsHeaders(route: string): Record<string, string> {
  if (!now) return {};
  const place = `/projects/${encodeURIComponent(now.project)}`;
  return route === place || route.startsWith(`${place}/`) ? { 'depictio-view-as': now.role } : {};
}

export function useViewAs(): ViewAs | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => now,
  );
}
