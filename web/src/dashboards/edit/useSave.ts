/** Saving against the revision one began from, and what to do when someone else was faster. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { api, path } from '@/api/client';
import { ApiError } from '@/api/problem';
import { dashboardQuery, keys } from '@/api/queries';
import type { Dashboard, Project } from '@/api/types';
import { done, failed } from '@/parts/notify';

interface Options {
  project: Project;
  base: Dashboard;
  draft: Dashboard;
  rebase: (next: Dashboard, keep?: Dashboard) => void;
  onSaved: () => void;
}

export function useSave({ project, base, draft, rebase, onSaved }: Options) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [conflict, setConflict] = useState<Dashboard | null>(null);
  /** Read by the leave guard, which runs before the state of this draw has settled. */
  const saved = useRef(false);
  const route = path`/projects/${project.id}/dashboards/${draft.id}`;

  const put = useMutation({
    mutationFn: (revision: number) => api.put<Dashboard>(route, draft, { headers: { 'if-match': `"${revision}"` } }),
    onSuccess: (next) => {
      setConflict(null);
      client.setQueryData(dashboardQuery(project.id, draft.id).queryKey, next);
      void client.invalidateQueries({ queryKey: keys.dashboards(project.id) });
      void client.invalidateQueries({ queryKey: [...keys.dashboard(project.id, draft.id), 'revisions'] });
      saved.current = true;
      rebase(next);
      done(`Saved as revision ${next.revision}`);
      onSaved();
    },
    onError: async (error) => {
      if (!(error instanceof ApiError) || error.status !== 412) return failed('The dashboard was not saved', error);
      try {
        setConflict(error.problem.current ?? (await api.get<Dashboard>(route)));
      } catch (failure) {
        failed('The dashboard was not saved', failure);
      }
    },
  });
  const copyNew = useMutation({
    mutationFn: () => api.post<Dashboard>(path`/projects/${project.id}/dashboards`, { title: `${draft.title} (copy)`, tabs: draft.tabs }),
    onSuccess: async (next) => {
      saved.current = true;
      void client.invalidateQueries({ queryKey: keys.project(project.id) });
      done('Your edits are a dashboard of their own');
      await navigate({ to: '/projects/$project/dashboards/$dashboard', params: { project: project.id, dashboard: next.id }, search: {} });
    },
    onError: (error) => failed('The copy was not saved', error),
  });
  const removal = useMutation({
    mutationFn: () => api.delete(route),
    onSuccess: async () => {
      saved.current = true;
      done('Dashboard deleted');
      await navigate({ to: '/projects/$project', params: { project: project.id } });
      void client.invalidateQueries({ queryKey: keys.project(project.id) });
    },
    onError: (error) => failed('The dashboard was not deleted', error),
  });

  return {
    saved,
    conflict,
    busy: put.isPending || copyNew.isPending,
    deleting: removal.isPending,
    save: () => put.mutate(base.revision),
    remove: () => removal.mutate(),
    dismiss: () => setConflict(null),
    copy: () => copyNew.mutate(),
    overwrite: () => conflict && put.mutate(conflict.revision),
    keepTheirs: () => {
      if (!conflict) return;
      const mine = draft;
      const theirs = conflict;
      setConflict(null);
      client.setQueryData(dashboardQuery(project.id, draft.id).queryKey, theirs);
      rebase(theirs);
      done('The page shows theirs', () => rebase(theirs, mine));
    },
  };
}
