/** The history of a dashboard; going back is a new revision, so nothing is lost. */
import { Button, Drawer, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, path } from '@/api/client';
import { dashboardQuery, keys, revisionsQuery } from '@/api/queries';
import type { Dashboard } from '@/api/types';
import { Mark } from '@/parts/Mark';
import { done, failed } from '@/parts/notify';
import { ProblemPanel } from '@/parts/ProblemPanel';
import { RelativeTime } from '@/parts/RelativeTime';
import { RowsSkeleton } from '@/parts/Rows';
import classes from './dashboards.module.css';

interface Props {
  project: string;
  dashboard: Dashboard;
  opened: boolean;
  onClose: () => void;
  onReverted?: (dashboard: Dashboard) => void;
}

export function RevisionsDrawer({ project, dashboard, opened, onClose, onReverted }: Props) {
  const client = useQueryClient();
  const { data, error, refetch } = useQuery({ ...revisionsQuery(project, dashboard.id), enabled: opened });
  const revert = useMutation({
    mutationFn: (revision: number) => api.post<Dashboard>(path`/projects/${project}/dashboards/${dashboard.id}/revert`, { revision }),
    onSuccess: (next, revision) => {
      client.setQueryData(dashboardQuery(project, dashboard.id).queryKey, next);
      void client.invalidateQueries({ queryKey: keys.dashboard(project, dashboard.id) });
      onReverted?.(next);
      done(`Revision ${revision} is back, as revision ${next.revision}`);
      onClose();
    },
    onError: (failure) => failed('The dashboard was not reverted', failure),
  });
  return (
    <Drawer opened={opened} onClose={onClose} position="right" title="Revisions" size={400}>
      {error ? (
        <ProblemPanel error={error} title="The revisions could not be loaded" onRetry={() => void refetch()} />
      ) : !data ? (
        <RowsSkeleton />
      ) : (
        <ol className={classes.revisions} aria-label="Revisions">
          {data.map((item) => (
            <li key={item.revision} className={classes.revision}>
              <Stack gap={0}>
                <Text fw={600}>Revision {item.revision}</Text>
                <Text size="xs" c="dimmed" className="user-text"><RelativeTime time={item.created_at} />{item.created_by ? ` by ${item.created_by.name}` : ''}</Text>
              </Stack>
              {item.revision === dashboard.revision ? (
                <Mark tone="accent">current</Mark>
              ) : (
                <Button size="xs" variant="default" loading={revert.isPending && revert.variables === item.revision} onClick={() => revert.mutate(item.revision)}>Revert to this</Button>
              )}
            </li>
          ))}
        </ol>
      )}
    </Drawer>
  );
}
