/** The dashboards of every project one may see. */
import { Title } from '@mantine/core';
import { IconLayoutDashboard } from '@/icons';
import { useQueries, useQuery } from '@tanstack/react-query';
import { dashboardsQuery, projectsQuery } from '@/api/queries';
import { Empty } from '@/parts/Empty';
import { Page } from '@/parts/Page';
import { ProblemPanel } from '@/parts/ProblemPanel';
import { RowsSkeleton } from '@/parts/Rows';
import { DashboardCards } from '@/projects/DashboardsTab';
import { LinkButton, LinkText } from '@/shell/NavLink';

export function AllDashboardsPage() {
  const { data: projects, error, refetch } = useQuery(projectsQuery);
  const all = projects ?? [];
  const lists = useQueries({ queries: all.map((project) => dashboardsQuery(project.id)) });
  const none = projects !== undefined && lists.every((list) => list.data?.length === 0);
  return (
    <Page title="Dashboards" description="From every project you may see.">
      {error ? (
        <ProblemPanel error={error} title="The dashboards could not be loaded" onRetry={() => void refetch()} />
      ) : !projects ? (
        <RowsSkeleton rows={3} height={92} />
      ) : none ? (
        <Empty icon={<IconLayoutDashboard />} action={<LinkButton to="/projects" variant="default">Go to projects</LinkButton>}>
          There is no dashboard yet. Dashboards are made inside a project.
        </Empty>
      ) : (
        all.map((project, index) => lists[index]?.data?.length === 0 ? null : (
          <section key={project.id} style={{ marginBottom: 32 }}>
            <Title order={2} mb={12} className="user-text">
              <LinkText to="/projects/$project" params={{ project: project.id }} c="var(--d-text)">{project.name}</LinkText>
            </Title>
            {lists[index]?.error ? (
              <ProblemPanel error={lists[index].error} compact onRetry={() => void lists[index]?.refetch()} />
            ) : lists[index]?.data ? (
              <DashboardCards project={project.id} dashboards={lists[index].data} />
            ) : (
              <RowsSkeleton rows={1} height={92} />
            )}
          </section>
        ))
      )}
    </Page>
  );
}
