/** The collections (tables) of one project. */
import { Button, Group, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { IconPlus, IconTable } from '@/icons';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, path } from '@/api/client';
import { fieldError } from '@/api/problem';
import { collectionsQuery, keys } from '@/api/queries';
import type { Collection } from '@/api/types';
import { DataTable } from '@/parts/DataTable';
import { Empty } from '@/parts/Empty';
import { bytes, count, plural } from '@/parts/format';
import { GuardedButton } from '@/parts/GuardedButton';
import { ProblemPanel } from '@/parts/ProblemPanel';
import { RelativeTime } from '@/parts/RelativeTime';
import { RowsSkeleton } from '@/parts/Rows';
import { LinkText } from '@/shell/NavLink';
import classes from './projects.module.css';
import { useProject, whyNot } from './useProject';
import { Why } from './Why';

export function CollectionsTab() {
  const project = useProject();
  const { data: collections, error, refetch } = useQuery(collectionsQuery(project.id));
  const [creating, setCreating] = useState(false);
  const reason = whyNot(project, 'collection.create');
  const button = (
    <GuardedButton reason={reason} why={<Why project={project.id} action="collection.create" />} leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setCreating(true)}>Create collection</GuardedButton>
  );
  if (error) return <ProblemPanel error={error} title="The collections could not be loaded" onRetry={() => void refetch()} />;
  if (!collections) return <RowsSkeleton rows={4} />;
  return (
    <>
      {collections.length === 0 ? (
        <Empty icon={<IconTable />} action={reason ? undefined : button}>A collection is a table with its history. Create one, then upload a CSV, TSV or Parquet file.</Empty>
      ) : (
        <>
          <div className={classes.toolbar}>
            <Text c="dimmed">{plural(collections.length, 'collection')}</Text>
            {button}
          </div>
          <DataTable
            label="Collections"
            head={<><th>Name</th><th data-number>Rows</th><th data-number>Columns</th><th data-number>Version</th><th data-number>Size</th><th>Changed</th></>}
          >
            {collections.map((collection) => (
              <tr key={collection.id}>
                <td className="user-text">
                  <LinkText to="/projects/$project/collections/$collection" params={{ project: project.id, collection: collection.id }} fw={600} size="13px">
                    {collection.name}
                  </LinkText>
                  {collection.description && <Text size="xs" c="dimmed">{collection.description}</Text>}
                </td>
                <td data-number>{count(collection.rows)}</td>
                <td data-number>{count(collection.columns.length)}</td>
                <td data-number>{collection.version ?? 'none'}</td>
                <td data-number>{collection.bytes == null ? '–' : bytes(collection.bytes)}</td>
                <td><RelativeTime time={collection.updated_at} /></td>
              </tr>
            ))}
          </DataTable>
        </>
      )}
      <CreateCollection project={project.id} opened={creating} onClose={() => setCreating(false)} />
    </>
  );
}

function CreateCollection({ project, opened, onClose }: { project: string; opened: boolean; onClose: () => void }) {
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const client = useQueryClient();
  const navigate = useNavigate();
  const create = useMutation({
    mutationFn: () =>
      api.post<Collection>(path`/projects/${project}/collections`, { name: name.trim(), ...(description.trim() ? { description: description.trim() } : {}) }),
    onSuccess: async (collection) => {
      void client.invalidateQueries({ queryKey: keys.project(project) });
      await navigate({ to: '/projects/$project/collections/$collection', params: { project, collection: collection.id }, search: { view: 'upload' } });
    },
  });
  return (
    <Modal opened={opened} onClose={onClose} title="Create collection" onExitTransitionEnd={() => { setName(''); setDescription(''); create.reset(); }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <Stack gap={16}>
          <TextInput label="Name" required maxLength={200} data-autofocus value={name} onChange={(event) => setName(event.currentTarget.value)} error={fieldError(create.error, 'name')} />
          <Textarea label="Description" autosize minRows={2} maxRows={6} value={description} onChange={(event) => setDescription(event.currentTarget.value)} />
          {create.isError && <ProblemPanel error={create.error} title="The collection was not created" unchanged compact />}
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button type="submit" loading={create.isPending} disabled={!name.trim()}>Create collection</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
