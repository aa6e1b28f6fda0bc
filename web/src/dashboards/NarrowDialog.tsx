/** For whom a dashboard is: the whole project, its editors, or people and groups by name. Owners see it in any case. */
import { ActionIcon, Button, Group, Modal, Radio, Stack, Text } from '@mantine/core';
import { IconUser, IconUsersGroup, IconX } from '@/icons';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, path } from '@/api/client';
import { keys } from '@/api/queries';
import type { Dashboard, DirectoryEntry } from '@/api/types';
import classes from '@/collections/collections.module.css';
import { DirectorySearch } from '@/parts/DirectorySearch';
import { done } from '@/parts/notify';
import { ProblemPanel } from '@/parts/ProblemPanel';

type To = 'project' | 'editors' | 'named';

const CHOICES: { value: To; label: string; hint: string }[] = [
  { value: 'project', label: 'Everyone in the project', hint: 'Each with the role they have there.' },
  { value: 'editors', label: 'Editors', hint: 'Viewers do not see that it exists.' },
  { value: 'named', label: 'People and groups by name', hint: 'Nobody else sees that it exists, editors neither. It gives nobody more than their role.' },
];

export function NarrowDialog({ project, dashboard, onClose }: { project: string; dashboard: Dashboard; onClose: () => void }) {
  const client = useQueryClient();
  const now = dashboard.narrowing;
  const [to, setTo] = useState<To>(now ? (now.to as To) : 'project');
  const [named, setNamed] = useState<DirectoryEntry[]>([
    ...(now?.users ?? []).map((one) => ({ kind: 'user' as const, ...one })),
    ...(now?.groups ?? []).map((one) => ({ kind: 'group' as const, ...one })),
  ]);
  const save = useMutation({
    mutationFn: () => {
      const route = path`/projects/${project}/dashboards/${dashboard.id}/narrowing`;
      if (to === 'project') return api.delete(route);
      const ids = (kind: DirectoryEntry['kind']) => named.filter((one) => one.kind === kind).map((one) => one.id);
      return api.put(route, to === 'editors' ? { to } : { to, users: ids('user'), groups: ids('group') });
    },
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.dashboard(project, dashboard.id) });
      void client.invalidateQueries({ queryKey: keys.dashboards(project) });
      done(to === 'project' ? 'Everyone in the project sees this dashboard' : 'Fewer people see this dashboard now');
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title="Who sees this dashboard">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <Stack gap={16}>
          <Radio.Group label="Besides owners and administrators" value={to} onChange={(value) => setTo(value as To)}>
            <Stack gap={8} mt={8}>
              {CHOICES.map((choice) => <Radio key={choice.value} value={choice.value} label={choice.label} description={choice.hint} />)}
            </Stack>
          </Radio.Group>
          {to === 'named' && (
            <>
              <AddName hide={named.map((one) => one.id)} onAdd={(entry) => setNamed((before) => [...before, entry])} />
              {named.length === 0 && <Text c="dimmed" size="sm">Nobody is named yet: only owners see it.</Text>}
              <ul className={classes.files} aria-label="Named">
                {named.map((one) => (
                  <li key={one.id} className={classes.file}>
                    {one.kind === 'user' ? <IconUser size={16} role="img" aria-label="Person" /> : <IconUsersGroup size={16} role="img" aria-label="Group" />}
                    <span className="user-text">{one.name}</span>
                    <ActionIcon ml="auto" aria-label={`Remove ${one.name}`} onClick={() => setNamed((before) => before.filter((other) => other.id !== one.id))}><IconX size={16} /></ActionIcon>
                  </li>
                ))}
              </ul>
            </>
          )}
          <Text size="sm" c="dimmed">
            This hides the dashboard, not the data: members of the project may still query its collections.
          </Text>
          {save.isError && <ProblemPanel error={save.error} title="Who sees it was not changed" unchanged compact />}
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button type="submit" loading={save.isPending}>Save</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function AddName({ hide, onAdd }: { hide: string[]; onAdd: (entry: DirectoryEntry) => void }) {
  const [added, setAdded] = useState(0);
  return (
    <DirectorySearch
      key={added}
      chosen={null}
      hide={hide}
      onChoose={(entry) => {
        if (!entry) return;
        onAdd(entry);
        setAdded((count) => count + 1);
      }}
    />
  );
}
