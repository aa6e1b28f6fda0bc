/** The dashboards of one project. */
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { IconLayoutDashboard, IconLock, IconPlus } from '@/icons';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, path } from '@/api/client';
import { fieldError } from '@/api/problem';
import { dashboardsQuery, keys } from '@/api/queries';
import type { Dashboard, DashboardSummary } from '@/api/types';
import { Empty } from '@/parts/Empty';
import { plural } from '@/parts/format';
import { GuardedButton } from '@/parts/GuardedButton';
import { Mark } from '@/parts/Mark';
import { ProblemPanel } from '@/parts/ProblemPanel';
import { RelativeTime } from '@/parts/RelativeTime';
import { RowsSkeleton } from '@/parts/Rows';
import classes from './projects.module.css';
import { useProject, whyNot } from './useProject';
import { Why } from './Why';

export function DashboardsTab() {
  const project = useProject();
  const { data: dashboards, error, refetch } = useQuery(dashboardsQuery(project.id));
  const [creating, setCreating] = useState(false);
  const reason = whyNot(project, 'dashboard.create');
  const button = (
    <GuardedButton reason={reason} why={<Why project={project.id} action="dashboard.create" />} leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setCreating(true)}>Create dashboard</GuardedButton>
  );
  if (error) return <ProblemPanel error={error} title="The dashboards could not be loaded" onRetry={() => void refetch()} />;
  if (!dashboards) return <RowsSkeleton rows={3} height={92} />;
  return (
    <>
      {dashboards.length === 0 ? (
        <Empty icon={<IconLayoutDashboard />} action={reason ? undefined : button}>
          {project.collections === 0 ? 'A dashboard shows collections. Create a collection first, then a dashboard from it.' : 'There is no dashboard in this project yet.'}
        </Empty>
      ) : (
        <>
          <div className={classes.toolbar}>
            <Text c="dimmed">{plural(dashboards.length, 'dashboard')}</Text>
            {button}
          </div>
          <DashboardCards project={project.id} dashboards={dashboards} />
        </>
      )}
      <CreateDashboard project={project.id} opened={creating} onClose={() => setCreating(false)} />
    </>
  );
}

export function DashboardCards({ project, dashboards }: { project: string; dashboards: DashboardSummary[] }) {
  return (
    <ul className={classes.cards} aria-label="Dashboards">
      {dashboards.map((dashboard) => (
        <li key={dashboard.id} className={classes.card}>
          <Link to="/projects/$project/dashboards/$dashboard" params={{ project, dashboard: dashboard.id }} className={classes.cardLink}>
            {dashboard.title}
          </Link>
          <p className={classes.cardFacts}>
            {dashboard.narrowed && <Mark icon={<IconLock size={12} aria-hidden />} hint="Not everyone in the project sees this dashboard.">narrowed</Mark>}
            <span>{plural(dashboard.components, 'component')}</span>
            <span>
              changed <RelativeTime time={dashboard.updated_at} />
              {dashboard.updated_by?.name ? ` by ${dashboard.updated_by.name}` : ''}
            </span>
          </p>
        </li>
      ))}
    </ul>
  );
}

function CreateDashboard({ project, opened, onClose }: { project: string; opened: boolean; onClose: () => void }) {
  const [title, setTitle] = useState('');
  const client = useQueryClient();
  const navigate = useNavigate();
  const create = useMutation({
    mutationFn: () =>
      api.post<Dashboard>(path`/projects/${project}/dashboards`, {
        title: title.trim(),
        tabs: [{ id: 'main', title: 'Overview', filters: [], components: [] }],
      }),
    onSuccess: async (dashboard) => {
      void client.invalidateQueries({ queryKey: keys.project(project) });
      await navigate({ to: '/projects/$project/dashboards/$dashboard', params: { project, dashboard: dashboard.id }, search: { edit: true } });
    },
  });
  return (
    <Modal opened={opened} onClose={onClose} title="Create dashboard" onExitTransitionEnd={() => { setTitle(''); create.reset(); }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <Stack gap={16}>
          <TextInput label="Title" required maxLength={200} data-autofocus value={title} onChange={(event) => setTitle(event.currentTarget.value)} error={fieldError(create.error, 'title')} />
          {create.isError && <ProblemPanel error={create.error} title="The dashboard was not created" unchanged compact />}
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button type="submit" loading={create.isPending} disabled={!title.trim()}>Create dashboard</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
