/** What an owner allows the code of a project: never more than the installation does. */
import { Group, Text, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, path } from '@/api/client';
import { keys } from '@/api/queries';
import type { CodeLimits, Project } from '@/api/types';
import { GuardedButton } from '@/parts/GuardedButton';
import { LimitFields, shown, useLimits, type LimitField } from '@/parts/LimitFields';
import { done } from '@/parts/notify';
import { ProblemPanel } from '@/parts/ProblemPanel';
import classes from './projects.module.css';
import { whyNot } from './useProject';

const FIELDS: LimitField<keyof CodeLimits>[] = [
  { key: 'code_wall_ms_max', label: 'Time of a run', unit: 's', of: 1000 },
  { key: 'code_cpu_ms_max', label: 'Processor time of a run', unit: 's', of: 1000 },
  { key: 'code_memory_extra_bytes_max', label: 'Memory beyond the data', unit: 'MiB', of: 1 << 20 },
  { key: 'code_result_bytes_max', label: 'Size of a figure', unit: 'MiB', of: 1 << 20 },
  { key: 'code_text_bytes_max', label: 'Printed text', unit: 'KiB', of: 1 << 10 },
];

export function CodeLimitsForm({ project }: { project: Project }) {
  const client = useQueryClient();
  const own = project.code_limits ?? {};
  const state = useLimits(FIELDS, own);
  const save = useMutation({
    mutationFn: () => api.patch<Project>(path`/projects/${project.id}`, { code_limits: state.limits }),
    onSuccess: (saved) => {
      client.setQueryData(keys.project(project.id), saved);
      void client.invalidateQueries({ queryKey: keys.project(project.id) });
      done('Limits saved');
    },
  });
  const reason = whyNot(project, 'project.settings');
  return (
    <form className={classes.section} onSubmit={(event) => { event.preventDefault(); save.mutate(); }}>
      <Title order={2}>Limits of code</Title>
      <Text c="dimmed">Lower than the installation’s, never higher. An empty field follows the installation.</Text>
      <LimitFields
        fields={FIELDS}
        state={state}
        describe={({ key, unit, of }) => (own[key] ? 'Lowered for this project' : `In force: ${shown(project.code_limits_effective[key], of)} ${unit}`)}
        disabled={reason !== null}
        error={save.error}
        under="code_limits"
      />
      {save.isError && <ProblemPanel error={save.error} title="The limits were not saved" unchanged compact />}
      <Group><GuardedButton type="submit" reason={reason ?? (state.changed ? null : 'Nothing has been changed.')} loading={save.isPending}>Save limits</GuardedButton></Group>
    </form>
  );
}
