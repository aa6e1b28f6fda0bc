/** Every version that is kept stays readable; restoring makes a new one with the old rows. */
import { Anchor, Button, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { address, api, path } from '@/api/client';
import { keys, versionsQuery } from '@/api/queries';
import type { Collection, Project, Version } from '@/api/types';
import { ConfirmDialog } from '@/parts/ConfirmDialog';
import { DataTable } from '@/parts/DataTable';
import { Empty } from '@/parts/Empty';
import { bytes, count, plural } from '@/parts/format';
import { CompareVersions } from './CompareVersions';
import { KeepVersions } from './KeepVersions';
import { GuardedButton } from '@/parts/GuardedButton';
import { Mark } from '@/parts/Mark';
import { done, failed } from '@/parts/notify';
import { ProblemPanel } from '@/parts/ProblemPanel';
import { RelativeTime } from '@/parts/RelativeTime';
import { RowsSkeleton } from '@/parts/Rows';
import { whyNot } from '@/projects/useProject';

/** What a version changed, in the fewest signs. */
export function changed(item: Version): string {
  const parts = ([['+', item.rows_added], ['\u2212', item.rows_removed], ['~', item.rows_updated]] as const)
    .filter(([, rows]) => rows !== null && rows > 0)
    .map(([sign, rows]) => `${sign}${count(rows ?? 0)}`);
  return parts.join(' ') || '\u2013';
}

export function VersionsTab({ project, collection, onLook }: { project: Project; collection: Collection; onLook: (version: number) => void }) {
  const { data, error, refetch } = useQuery(versionsQuery(project.id, collection.id));
  const [asked, setAsked] = useState<number | null>(null);
  const client = useQueryClient();
  const reason = whyNot(project, 'collection.write');
  const restore = useMutation({
    mutationFn: (version: number) => api.post<{ version: number }>(path`/projects/${project.id}/collections/${collection.id}/restore`, { version }),
    onSuccess: (result, version) => {
      setAsked(null);
      void client.invalidateQueries({ queryKey: keys.project(project.id) });
      done(`Version ${version} is back, as version ${result.version}`);
    },
    onError: (failure) => failed('The version was not restored', failure),
  });
  if (error) return <ProblemPanel error={error} title="The versions could not be loaded" onRetry={() => void refetch()} />;
  if (!data) return <RowsSkeleton rows={3} />;
  if (data.length === 0) return <Empty>The first upload makes version 1.</Empty>;
  const kept = data.filter((item) => !item.removed);
  return (
    <>
      <DataTable label="Versions" head={<><th>Version</th><th>Operation</th><th data-number>Rows</th><th>Changed</th><th data-number>Size</th><th>By</th><th>When</th><th data-actions><span className="visually-hidden">Actions</span></th></>}>
        {data.map((item) => (
          <tr key={item.version}>
            <td><Text fw={600} size="13px" span mr={8}>{item.version}</Text>{item.version === collection.version && <Mark tone="accent">current</Mark>}{item.removed && <Mark>removed</Mark>}</td>
            <td>{item.operation}</td>
            <td data-number>
              {count(item.rows)}
              {item.set_aside > 0 && !item.removed && (
                <Anchor size="xs" display="block" href={address(path`/projects/${project.id}/collections/${collection.id}/versions/${item.version}/set_aside`)} download>
                  {plural(item.set_aside, 'row')} set aside
                </Anchor>
              )}
            </td>
            <td className="num">{changed(item)}</td>
            <td data-number>{item.bytes === null ? '–' : bytes(item.bytes)}</td>
            <td className="user-text">{item.created_by?.name || '–'}</td>
            <td><RelativeTime time={item.created_at} /></td>
            <td data-actions>
              {!item.removed && <Button size="xs" variant="subtle" onClick={() => onLook(item.version)} aria-label={`Show rows of version ${item.version}`}>Show rows</Button>}
              {!item.removed && item.version !== collection.version && (
                <GuardedButton size="xs" variant="subtle" reason={reason} onClick={() => setAsked(item.version)} aria-label={`Restore version ${item.version}`}>Restore</GuardedButton>
              )}
            </td>
          </tr>
        ))}
      </DataTable>
      {kept.length > 1 && <CompareVersions project={project} collection={collection} versions={kept} />}
      <KeepVersions project={project} collection={collection} versions={data} />
      <ConfirmDialog opened={asked !== null} onClose={() => setAsked(null)} title="Restore version" verb={`Restore version ${asked ?? ''}`} busy={restore.isPending} onConfirm={() => asked !== null && restore.mutate(asked)}>
        A new version with the rows of version {asked} becomes the current one. Nothing that is there now is lost: the present version stays in the history.
      </ConfirmDialog>
    </>
  );
}
