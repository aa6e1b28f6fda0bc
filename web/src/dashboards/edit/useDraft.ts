/** The unsaved state of a dashboard, with steps one can take back. */
import { useCallback, useState } from 'react';
import type { Dashboard, DashboardTab } from '@/api/types';

const STEPS_MAX = 50;

export function useDraft(stored: Dashboard) {
  const [base, setBase] = useState(stored);
  const [{ draft, past }, set] = useState<{ draft: Dashboard; past: Dashboard[] }>(() => ({ draft: withTab(stored), past: [] }));

  const apply = useCallback((change: (before: Dashboard) => Dashboard) => {
    set((before) => ({ draft: change(before.draft), past: [...before.past.slice(-STEPS_MAX + 1), before.draft] }));
  }, []);
  const applyTab = useCallback(
    (id: string, change: (before: DashboardTab) => DashboardTab) =>
      apply((before) => ({ ...before, tabs: before.tabs.map((tab) => (tab.id === id ? change(tab) : tab)) })),
    [apply],
  );
  const undo = useCallback(() => {
    set((before) => {
      const last = before.past.at(-1);
      return last ? { draft: last, past: before.past.slice(0, -1) } : before;
    });
  }, []);
  /** Starts again from what the server has. */
  const rebase = useCallback((next: Dashboard, keep?: Dashboard) => {
    setBase(next);
    set({ draft: withTab(keep ?? next), past: [] });
  }, []);
  return { base, draft, apply, applyTab, undo, canUndo: past.length > 0, rebase };
}

/** Components stand in a tab; a dashboard made by a program may have none yet. */
function withTab(dashboard: Dashboard): Dashboard {
  return dashboard.tabs.length > 0 ? dashboard : { ...dashboard, tabs: [{ id: 'main', title: 'Overview', filters: [], components: [] }] };
}
