/** What an administrator lets every project hold: never more than the configuration does. */
import { Group, Text, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { settingsQuery } from '@/api/queries';
import type { ProjectLimits, Settings } from '@/api/types';
import { GuardedButton } from '@/parts/GuardedButton';
import { LimitFields, shown, useLimits, type LimitField } from '@/parts/LimitFields';
import { done } from '@/parts/notify';
import { ProblemPanel } from '@/parts/ProblemPanel';
import classes from '@/projects/projects.module.css';

const FIELDS: LimitField<keyof ProjectLimits>[] = [
  { key: 'project_bytes_max', label: 'Storage', unit: 'GiB', of: 2 ** 30 },
  { key: 'project_rows_max', label: 'Rows', unit: 'million', of: 1_000_000 },
  { key: 'project_collections_max', label: 'Collections', unit: '', of: 1 },
];

export function ProjectLimitsForm({ settings }: { settings: Settings }) {
  const client = useQueryClient();
  const own = settings.project_limits ?? {};
  const state = useLimits(FIELDS, own);
  const save = useMutation({
    mutationFn: () => api.patch<Settings>('/settings', { project_limits: state.limits }),
    onSuccess: (saved) => {
      client.setQueryData(settingsQuery.queryKey, saved);
      void client.invalidateQueries({ queryKey: ['project'] });
      done('Limits saved');
    },
  });
  return (
    <form className={classes.section} aria-labelledby="project-limits" onSubmit={(event) => { event.preventDefault(); save.mutate(); }}>
      <Title order={2} id="project-limits">Limits of projects</Title>
      <Text c="dimmed">What every project may hold. An empty field follows the configuration of the server. What a project holds already stays.</Text>
      <LimitFields
        fields={FIELDS}
        state={state}
        describe={({ key, unit, of }) => `Configured: ${shown(settings.project_limits_configured[key], of).toLocaleString('en')} ${unit}`.trim()}
        error={save.error}
        under="project_limits"
      />
      {save.isError && <ProblemPanel error={save.error} title="The limits were not saved" unchanged compact />}
      <Group><GuardedButton type="submit" reason={state.changed ? null : 'Nothing has been changed.'} loading={save.isPending}>Save limits</GuardedButton></Group>
    </form>
  );
}
