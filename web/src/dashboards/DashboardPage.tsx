/** A dashboard: filters on the left, tabs, the grid; the editor is the same page with handles. */
import { Skeleton } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useParams, useSearch } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { dashboardQuery } from '@/api/queries';
import { Page } from '@/parts/Page';
import { ProblemPanel } from '@/parts/ProblemPanel';
import { useProject } from '@/projects/useProject';
import { ApiError } from '@/api/problem';
import { NotFound } from '@/shell/RouteStates';
import classes from './dashboards.module.css';
import { DashboardView } from './view/DashboardView';

const DashboardEditor = lazy(() => import('./edit/DashboardEditor').then((module) => ({ default: module.DashboardEditor })));

export function DashboardPage() {
  const project = useProject();
  const { dashboard: id } = useParams({ from: '/frame/projects/$project/dashboards/$dashboard' });
  const { edit } = useSearch({ from: '/frame/projects/$project/dashboards/$dashboard' });
  const { data: dashboard, error, refetch } = useQuery(dashboardQuery(project.id, id));
  useDocumentTitle(`${dashboard?.title ?? 'Dashboard'} · Depictio`);
  if (error && !dashboard) {
    if (error instanceof ApiError && error.status === 404) return <NotFound />;
    return (
      <Page title="Dashboard">
        <ProblemPanel error={error} title="The dashboard could not be loaded" onRetry={() => void refetch()} />
      </Page>
    );
  }
  if (!dashboard) return <DashboardSkeleton />;
  if (edit && project.can['dashboard.edit']) {
    return (
      <Suspense fallback={<DashboardSkeleton />}>
        <DashboardEditor key={id} project={project} stored={dashboard} />
      </Suspense>
    );
  }
  return <DashboardView project={project} dashboard={dashboard} />;
}

function DashboardSkeleton() {
  return (
    <div className={classes.screen} role="status" aria-busy="true" aria-label="Loading">
      <div className={classes.filters} style={{ width: 280, padding: 16 }}>
        <Skeleton height={20} mb={16} />
        <Skeleton height={80} mb={16} />
        <Skeleton height={60} />
      </div>
      <div className={classes.stage}>
        <Skeleton height={36} width={280} mb={16} />
        <div className={classes.viewGrid}>
          {[0, 1, 2, 3].map((at) => (
            <div key={at} className={classes.cell} style={{ '--x': at * 3 + 1, '--y': 1, '--w': 3, '--h': 2 } as React.CSSProperties}><Skeleton height="100%" /></div>
          ))}
          {[0, 1].map((at) => (
            <div key={at} className={classes.cell} style={{ '--x': at * 6 + 1, '--y': 3, '--w': 6, '--h': 7 } as React.CSSProperties}><Skeleton height="100%" /></div>
          ))}
        </div>
      </div>
    </div>
  );
}
