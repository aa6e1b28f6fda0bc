/** A dashboard as its readers use it. */
import { Button, Group, Progress, Text } from '@mantine/core';
import { IconHistory, IconLayoutDashboard, IconLock, IconPencil } from '@/icons';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import type { Component, Dashboard, Project } from '@/api/types';
import { ColourBook } from '@/charts/colours';
import { Empty } from '@/parts/Empty';
import { Mark } from '@/parts/Mark';
import { RelativeTime } from '@/parts/RelativeTime';
import { Chips } from '../filters/Chips';
import { FilterPanel } from '../filters/FilterPanel';
import classes from '../dashboards.module.css';
import { narrowedWords } from '../narrowedWords';
import { TabBar } from '../TabBar';
import { useDashboardFilters } from '../useDashboardFilters';
import { ComponentFrame } from './ComponentFrame';
import { exportRows } from './exportRows';
import { useRender } from './useRender';
import { ViewGrid } from './ViewGrid';

// What opens on demand loads on demand: a reader's first paint needs neither dialogs nor drawers.
const Lens = lazy(() => import('./Lens').then((module) => ({ default: module.Lens })));
const NarrowDialog = lazy(() => import('../NarrowDialog').then((module) => ({ default: module.NarrowDialog })));
const RevisionsDrawer = lazy(() => import('../RevisionsDrawer').then((module) => ({ default: module.RevisionsDrawer })));

export function DashboardView({ project, dashboard }: { project: Project; dashboard: Dashboard }) {
  const search = useSearch({ from: '/frame/projects/$project/dashboards/$dashboard' });
  const navigate = useNavigate({ from: '/projects/$project/dashboards/$dashboard' });
  const [book] = useState(() => new ColourBook());
  const [lens, setLens] = useState<{ view: 'data' | 'full'; component: Component } | null>(null);
  const [history, setHistory] = useState(false);
  const [narrowing, setNarrowing] = useState(false);
  const narrowed = narrowedWords(dashboard);
  const tab = dashboard.tabs.find((item) => item.id === search.tab) ?? dashboard.tabs[0];
  const filters = useDashboardFilters(project.id, tab);
  const render = useRender({
    project: project.id, dashboard: dashboard.id, tab: filters.ready ? tab : undefined, filters: filters.filters, draft: false, revision: dashboard.revision,
  });
  const editable = project.can['dashboard.edit'];
  const edit = () => void navigate({ search: (before) => ({ ...before, edit: true }) });
  const components = tab?.components ?? [];
  return (
    <div className={classes.screen}>
      {tab && tab.filters.length > 0 && (
        <FilterPanel project={project.id} widgets={tab.filters} state={filters.state} typeOf={filters.typeOf} onChange={filters.change} onClear={filters.clear} />
      )}
      <div className={classes.stage}>
        <header className={classes.stageHead}>
          <div className={classes.stageTitle}>
            <Group gap={8} wrap="nowrap">
              <h1 className="user-text">{dashboard.title}</h1>
              {narrowed && <Mark icon={<IconLock size={12} aria-hidden />} hint={narrowed}>narrowed</Mark>}
            </Group>
            <Text size="xs" c="dimmed">changed <RelativeTime time={dashboard.updated_at} />{dashboard.updated_by?.name ? ` by ${dashboard.updated_by.name}` : ''}</Text>
          </div>
          {editable && (
            <Group gap={8}>
              {project.can['dashboard.narrow'] && <Button variant="default" leftSection={<IconLock size={16} aria-hidden />} onClick={() => setNarrowing(true)}>Who sees it</Button>}
              <Button variant="default" leftSection={<IconHistory size={16} aria-hidden />} onClick={() => setHistory(true)}>Revisions</Button>
              <Button leftSection={<IconPencil size={16} aria-hidden />} onClick={edit}>Edit</Button>
            </Group>
          )}
        </header>
        <TabBar tabs={dashboard.tabs} active={tab?.id} onSelect={(id) => void navigate({ search: (before) => ({ ...before, tab: id }) })} />
        <Chips widgets={tab?.filters ?? []} state={filters.state} onRemove={(id) => filters.change(id, null)} />
        <div className={classes.pending} data-on={render.pending > 0 || undefined} role="status">
          {render.pending > 0 && (
            <>
              <Progress size={2} value={((render.total - render.pending) / Math.max(1, render.total)) * 100} aria-label="Components ready" />
              <span className="visually-hidden">{render.total - render.pending} of {render.total} components ready</span>
            </>
          )}
        </div>
        {components.length === 0 ? (
          <Empty icon={<IconLayoutDashboard />} action={editable ? <Button onClick={edit}>Add components</Button> : undefined}>
            {editable ? 'This dashboard is empty.' : 'Nothing has been added to this dashboard yet.'}
          </Empty>
        ) : (
          <ViewGrid components={components}>
            {(component) => (
              <ComponentFrame
                project={project.id}
                component={component}
                rendered={render.state[component.id]}
                filters={filters.filters}
                widgets={tab?.filters ?? []}
                collections={filters.collections}
                book={book}
                onRetry={() => render.retry(component.id)}
                onOpen={(view, opened) => setLens({ view, component: opened })}
                onExport={project.can['data.export'] ? (opened) => void exportRows(project.id, opened, filters.filters) : undefined}
              />
            )}
          </ViewGrid>
        )}
      </div>
      <Suspense fallback={null}>
      {lens && (
        <Lens
          project={project.id}
          view={lens.view}
          component={lens.component}
          line={render.state[lens.component.id]?.line}
          filters={filters.filters}
          collections={filters.collections}
          book={book}
          onClose={() => setLens(null)}
        />
      )}
      {narrowing && <NarrowDialog project={project.id} dashboard={dashboard} onClose={() => setNarrowing(false)} />}
      {history && <RevisionsDrawer project={project.id} dashboard={dashboard} opened onClose={() => setHistory(false)} />}
      </Suspense>
    </div>
  );
}
