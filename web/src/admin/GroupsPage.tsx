/** Groups: members get what a project grants the group. */
import { Button, Group as Row, Modal, Stack, TextInput } from '@mantine/core';
import { IconPlus, IconUsersGroup } from '@/icons';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, path } from '@/api/client';
import { fieldError } from '@/api/problem';
import { groupsQuery } from '@/api/queries';
import type { Group } from '@/api/types';
import { ConfirmDialog } from '@/parts/ConfirmDialog';
import { DataTable } from '@/parts/DataTable';
import { Empty } from '@/parts/Empty';
import { done, failed } from '@/parts/notify';
import { Page } from '@/parts/Page';
import { ProblemPanel } from '@/parts/ProblemPanel';
import { RowsSkeleton } from '@/parts/Rows';
import { GroupDrawer } from './GroupDrawer';

export function GroupsPage() {
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(groupsQuery);
  const [creating, setCreating] = useState(false);
  const [opened, setOpened] = useState<Group | null>(null);
  const [doomed, setDoomed] = useState<Group | null>(null);
  const remove = useMutation({
    mutationFn: (group: Group) => api.delete(path`/groups/${group.id}`),
    onSuccess: (_result, group) => {
      setDoomed(null);
      void client.invalidateQueries({ queryKey: groupsQuery.queryKey });
      done(`Group ${group.name} deleted`);
    },
    onError: (failure) => failed('The group was not deleted', failure),
  });
  const button = <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setCreating(true)}>Create group</Button>;
  return (
    <Page title="Groups" description="Share a project with several people at once." actions={data?.length ? button : undefined}>
      {error ? (
        <ProblemPanel error={error} title="The groups could not be loaded" onRetry={() => void refetch()} />
      ) : !data ? (
        <RowsSkeleton rows={3} />
      ) : data.length === 0 ? (
        <Empty icon={<IconUsersGroup />} action={button}>There is no group yet.</Empty>
      ) : (
        <DataTable label="Groups" head={<><th>Name</th><th data-actions><span className="visually-hidden">Actions</span></th></>}>
          {data.map((group) => (
            <tr key={group.id}>
              <td className="user-text">{group.name}</td>
              <td data-actions>
                <Button size="xs" variant="subtle" aria-label={`Members of ${group.name}`} onClick={() => setOpened(group)}>Members</Button>
                <Button size="xs" variant="subtle" c="var(--d-bad)" aria-label={`Delete ${group.name}`} onClick={() => setDoomed(group)}>Delete</Button>
              </td>
            </tr>
          ))}
        </DataTable>
      )}
      <CreateGroup opened={creating} onClose={() => setCreating(false)} />
      <GroupDrawer group={opened} administers onClose={() => setOpened(null)} />
      <ConfirmDialog opened={doomed !== null} onClose={() => setDoomed(null)} title="Delete group" verb="Delete group" name={doomed?.name} busy={remove.isPending} onConfirm={() => doomed && remove.mutate(doomed)}>
        Its members lose what projects granted to the group. This cannot be undone.
      </ConfirmDialog>
    </Page>
  );
}

function CreateGroup({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [name, setName] = useState('');
  const client = useQueryClient();
  const create = useMutation({
    mutationFn: () => api.post<Group>('/groups', { name: name.trim() }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: groupsQuery.queryKey });
      done('Group created');
      onClose();
    },
  });
  return (
    <Modal opened={opened} onClose={onClose} title="Create group" onExitTransitionEnd={() => { setName(''); create.reset(); }}>
      <form onSubmit={(event) => { event.preventDefault(); create.mutate(); }}>
        <Stack gap={16}>
          <TextInput label="Name" required withAsterisk={false} data-autofocus maxLength={200} value={name} onChange={(event) => setName(event.currentTarget.value)} error={fieldError(create.error, 'name')} />
          {create.isError && <ProblemPanel error={create.error} title="The group was not created" unchanged compact />}
          <Row justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button type="submit" loading={create.isPending} disabled={!name.trim()}>Create group</Button>
          </Row>
        </Stack>
      </form>
    </Modal>
  );
}
