/** The reader's filter choices live in the address, so that a reload or a shared link shows the same. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { collectionsQuery } from '@/api/queries';
import type { Collection, DashboardTab, Widget } from '@/api/types';
import { isEmpty, toFilters, type FilterState, type FilterValue, type TypeOf } from './filters/state';

const ROUTE = '/frame/projects/$project/dashboards/$dashboard' as const;
const NO_STATE: FilterState = {};
const NO_COLLECTIONS: Collection[] = [];
const NO_WIDGETS: Widget[] = [];

export function useDashboardFilters(project: string, tab: DashboardTab | undefined) {
  const { f } = useSearch({ from: ROUTE });
  const navigate = useNavigate({ from: '/projects/$project/dashboards/$dashboard' });
  const { data: collections = NO_COLLECTIONS, isPending } = useQuery(collectionsQuery(project));
  const state = f ?? NO_STATE;
  const widgets = tab?.filters ?? NO_WIDGETS;

  const typeOf = useCallback<TypeOf>(
    (collection, column) => collections.find((item) => item.id === collection)?.columns.find((item) => item.name === column)?.type,
    [collections],
  );
  const change = useCallback(
    (id: string, value: FilterValue | null) => {
      void navigate({
        replace: true,
        resetScroll: false,
        search: (before) => {
          const next = { ...(before.f ?? {}) };
          if (value === null || isEmpty(value)) delete next[id];
          else next[id] = value;
          const { f: _old, ...rest } = before;
          return Object.keys(next).length ? { ...rest, f: next } : rest;
        },
      });
    },
    [navigate],
  );
  const clear = useCallback(() => {
    void navigate({ replace: true, resetScroll: false, search: ({ f: _old, ...rest }) => rest });
  }, [navigate]);
  // Bounds of a date filter depend on the column's type, so nothing with a filter is asked for before the types are known.
  const needsTypes = widgets.some((widget) => widget.kind === 'date_range' && !isEmpty(state[widget.id]));
  const filters = useMemo(() => toFilters(widgets, state, typeOf), [widgets, state, typeOf]);
  return { state, filters, change, clear, typeOf, collections, ready: !needsTypes || !isPending };
}
