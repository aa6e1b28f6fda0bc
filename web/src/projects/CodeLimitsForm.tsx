/** What an owner allows the code of a project: never more than the installation does. */
import { Group, NumberInput, Text, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, path } from '@/api/client';
import { fieldError } from '@/api/problem';
import { keys } from '@/api/queries';
import type { CodeLimits, Project } from '@/api/types';
import { GuardedButton } from '@/parts/GuardedButton';
import { done } from '@/parts/notify';
import { ProblemPanel } from '@/parts/ProblemPanel';
import classes from './projects.module.css';
import { whyNot } from './useProject';

interface Field {
  key: keyof CodeLimits;
  label: string;
  unit: string;
  /** How much of the server's unit one of this field's is. */
  of: number;
}

const FIELDS: Field[] = [
  { key: 'code_wall_ms_max', label: 'Time of a run', unit: 's', of: 1000 },
  { key: 'code_cpu_ms_max', label: 'Processor time of a run', unit: 's', of: 1000 },
  { key: 'code_memory_extra_bytes_max', label: 'Memory beyond the data', unit: 'MiB', of: 1 << 20 },
  { key: 'code_result_bytes_max', label: 'Size of a figure', unit: 'MiB', of: 1 << 20 },
  { key: 'code_text_bytes_max', label: 'Printed text', unit: 'KiB', of: 1 << 10 },
];

/** A limit in the unit of its field, without needless decimals. */
export function shown(value: number, of: number): number {
  return Math.round((value / of) * 1000) / 1000;
}

export function CodeLimitsForm({ project }: { project: Project }) {
  const client = useQueryClient();
  const own = project.code_limits ?? {};
  const start = () => Object.fromEntries(FIELDS.map(({ key, of }) => [key, own[key] ? shown(own[key], of) : ''])) as Record<keyof CodeLimits, number | string>;
  const [values, setValues] = useState(start);
  const save = useMutation({
    mutationFn: () => {
      const limits = Object.fromEntries(FIELDS.flatMap(({ key, of }) => (typeof values[key] === 'number' ? [[key, Math.round(values[key] * of)]] : [])));
      return api.patch<Project>(path`/projects/${project.id}`, { code_limits: Object.keys(limits).length > 0 ? limits : null });
    },
    onSuccess: (saved) => {
      client.setQueryData(keys.project(project.id), saved);
      void client.invalidateQueries({ queryKey: keys.project(project.id) });
      done('Limits saved');
    },
  });
  const before = start();
  const changed = FIELDS.some(({ key }) => values[key] !== before[key]);
  const reason = whyNot(project, 'project.settings');
  return (
    <form className={classes.section} onSubmit={(event) => { event.preventDefault(); save.mutate(); }}>
      <Title order={2}>Limits of code</Title>
      <Text c="dimmed">Lower than the installation’s, never higher. An empty field follows the installation.</Text>
      <Group align="start" gap={16}>
        {FIELDS.map(({ key, label, unit, of }) => (
          <NumberInput
            key={key}
            label={label}
            description={own[key] ? 'Lowered for this project' : `In force: ${shown(project.code_limits_effective[key], of)} ${unit}`}
            suffix={` ${unit}`}
            min={0}
            decimalScale={3}
            w={200}
            disabled={reason !== null}
            value={values[key]}
            onChange={(value) => setValues((all) => ({ ...all, [key]: value }))}
            error={fieldError(save.error, `code_limits/${key}`)}
          />
        ))}
      </Group>
      {save.isError && <ProblemPanel error={save.error} title="The limits were not saved" unchanged compact />}
      <Group><GuardedButton type="submit" reason={reason ?? (changed ? null : 'Nothing has been changed.')} loading={save.isPending}>Save limits</GuardedButton></Group>
    </form>
  );
}
