/** A collection: its data at any version, its schema, its history, and the way to add to it. */
import { Badge, Button, Menu, Modal, Group, Stack, Tabs, Text, TextInput, Textarea } from '@mantine/core';
import { IconDots, IconPencil, IconTrash, IconUpload } from '@/icons';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { api, path } from '@/api/client';
import { ApiError, fieldError } from '@/api/problem';
import { collectionQuery, keys } from '@/api/queries';
import type { Collection, Project } from '@/api/types';
import { ConfirmDialog } from '@/parts/ConfirmDialog';
import { bytes, plural } from '@/parts/format';
import { GuardedButton } from '@/parts/GuardedButton';
import { done, failed } from '@/parts/notify';
import { Page } from '@/parts/Page';
import { ProblemPanel } from '@/parts/ProblemPanel';
import { RowsSkeleton } from '@/parts/Rows';
import { useProject, whyNot } from '@/projects/useProject';
import { Why } from '@/projects/Why';
import type { CollectionView } from '@/router';
import { NotFound } from '@/shell/RouteStates';
import { SchemaTab } from './SchemaTab';
import { UploadTab } from './UploadTab';
import { VersionsTab } from './VersionsTab';

const DataTab = lazy(() => import('./DataTab').then((module) => ({ default: module.DataTab })));

export function CollectionPage() {
  const project = useProject();
  const { collection: id } = useParams({ from: '/frame/projects/$project/collections/$collection' });
  const { view, version, filter } = useSearch({ from: '/frame/projects/$project/collections/$collection' });
  const navigate = useNavigate({ from: '/projects/$project/collections/$collection' });
  const { data: collection, error, refetch } = useQuery(collectionQuery(project.id, id));
  if (error && !collection) {
    if (error instanceof ApiError && error.status === 404) return <NotFound />;
    return <Page title="Collection"><ProblemPanel error={error} title="The collection could not be loaded" onRetry={() => void refetch()} /></Page>;
  }
  if (!collection) return <Page title="Collection"><RowsSkeleton /></Page>;
  const shown = view ?? (collection.version === null ? 'upload' : 'data');
  const go = (next: CollectionView, at?: number) => void navigate({ search: { view: next, ...(at === undefined ? {} : { version: at }), ...(filter === undefined ? {} : { filter }) } });
  const narrow = (next: string | undefined) =>
    void navigate({ resetScroll: false, search: ({ filter: _old, ...rest }) => (next === undefined ? rest : { ...rest, filter: next }) });
  const reason = whyNot(project, 'collection.write');
  return (
    <Page
      title={collection.name}
      description={
        <>
          {collection.description && <div>{collection.description}</div>}
          <div className="num">
            {plural(collection.rows, 'row')}, {plural(collection.columns.length, 'column')}, {collection.version === null ? 'no version yet' : `version ${collection.version}`}
            {collection.bytes ? `, ${bytes(collection.bytes)}` : ''}
          </div>
        </>
      }
      actions={
        <>
          <GuardedButton reason={reason} why={<Why project={project.id} action="collection.write" />} leftSection={<IconUpload size={16} aria-hidden />} onClick={() => go('upload')}>Upload table</GuardedButton>
          <CollectionMenu project={project} collection={collection} />
        </>
      }
    >
      <Tabs value={shown} onChange={(next) => next && go(next as CollectionView)} keepMounted={false}>
        <Tabs.List mb={16} aria-label="Parts of the collection">
          <Tabs.Tab value="data">Data</Tabs.Tab>
          <Tabs.Tab value="schema">Schema</Tabs.Tab>
          <Tabs.Tab value="versions" rightSection={collection.version === null ? null : <Badge size="sm" variant="light" color="gray" c="dimmed">{collection.version}</Badge>}>Versions</Tabs.Tab>
          <Tabs.Tab value="upload">Upload</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="data">
          <Suspense fallback={<RowsSkeleton rows={8} />}>
            <DataTab project={project.id} collection={collection} version={version} onVersion={(at) => go('data', at)} filter={filter} onFilter={narrow} mayExport={project.can['data.export'] === true} onUpload={reason ? undefined : () => go('upload')} />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="schema"><SchemaTab collection={collection} /></Tabs.Panel>
        <Tabs.Panel value="versions"><VersionsTab project={project} collection={collection} onLook={(at) => go('data', at)} /></Tabs.Panel>
        <Tabs.Panel value="upload"><UploadTab project={project} collection={collection} onDone={() => go('data')} /></Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function CollectionMenu({ project, collection }: { project: Project; collection: Collection }) {
  const [dialog, setDialog] = useState<'rename' | 'delete' | null>(null);
  const client = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => api.delete(path`/projects/${project.id}/collections/${collection.id}`),
    onSuccess: async () => {
      done('Collection deleted');
      await navigate({ to: '/projects/$project/collections', params: { project: project.id } });
      void client.invalidateQueries({ queryKey: keys.project(project.id) });
    },
    onError: (error) => failed('The collection was not deleted', error),
  });
  if (!project.can['collection.write'] && !project.can['collection.delete']) return null;
  return (
    <>
      <Menu>
        <Menu.Target><Button variant="default" px={10} aria-label="More actions"><IconDots size={16} aria-hidden /></Button></Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil size={16} />} disabled={!project.can['collection.write']} onClick={() => setDialog('rename')}>Rename</Menu.Item>
          <Menu.Item leftSection={<IconTrash size={16} />} color="var(--d-bad)" disabled={!project.can['collection.delete']} onClick={() => setDialog('delete')}>
            Delete{project.can['collection.delete'] ? '' : ' (owners only)'}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <RenameCollection project={project.id} collection={collection} opened={dialog === 'rename'} onClose={() => setDialog(null)} />
      <ConfirmDialog opened={dialog === 'delete'} onClose={() => setDialog(null)} title="Delete collection" verb="Delete collection" name={collection.name} busy={remove.isPending} onConfirm={() => remove.mutate()}>
        All {plural(collection.rows, 'row')} in every version will be gone, and components that show them will say so. This cannot be undone.
      </ConfirmDialog>
    </>
  );
}

function RenameCollection({ project, collection, opened, onClose }: { project: string; collection: Collection; opened: boolean; onClose: () => void }) {
  const [name, setName] = useState(collection.name);
  const [description, setDescription] = useState(collection.description ?? '');
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => api.patch<Collection>(path`/projects/${project}/collections/${collection.id}`, { name: name.trim(), description: description.trim() }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.project(project) });
      done('Collection renamed');
      onClose();
    },
  });
  return (
    <Modal opened={opened} onClose={onClose} title="Rename collection">
      <form onSubmit={(event) => { event.preventDefault(); save.mutate(); }}>
        <Stack gap={16}>
          <TextInput label="Name" required maxLength={200} data-autofocus value={name} onChange={(event) => setName(event.currentTarget.value)} error={fieldError(save.error, 'name')} />
          <Textarea label="Description" autosize minRows={2} value={description} onChange={(event) => setDescription(event.currentTarget.value)} error={fieldError(save.error, 'description')} />
          {save.isError && <ProblemPanel error={save.error} title="The collection was not renamed" unchanged compact />}
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button type="submit" loading={save.isPending} disabled={!name.trim()}>Save</Button>
          </Group>
          <Text size="xs" c="dimmed">Dashboards keep showing it: they refer to the collection, not to its name.</Text>
        </Stack>
      </form>
    </Modal>
  );
}
