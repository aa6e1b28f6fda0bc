/** Where one is. Names come from the cache the page fills anyway, so a crumb costs no request of its own. */
import { useQuery } from '@tanstack/react-query';
import { Link, useParams, useRouterState } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useVisitor } from '@/account/useVisitor';
import { collectionQuery, dashboardQuery, projectQuery } from '@/api/queries';
import classes from './shell.module.css';

const FIXED: Record<string, string> = {
  '/projects': 'Projects', '/dashboards': 'Dashboards', '/account': 'Account', '/admin/users': 'Users',
  '/admin/groups': 'Groups', '/admin/audit': 'Audit', '/admin/status': 'Status', '/admin/settings': 'Settings',
};

export function Breadcrumbs() {
  const { project, collection, dashboard } = useParams({ strict: false });
  const visitor = useVisitor();
  const path = useRouterState({ select: (state) => state.location.pathname.replace(/\/$/, '') });
  const { data: theProject } = useQuery({ ...projectQuery(project ?? ''), enabled: !!project });
  const { data: theCollection } = useQuery({ ...collectionQuery(project ?? '', collection ?? ''), enabled: !!collection });
  const { data: theDashboard } = useQuery({ ...dashboardQuery(project ?? '', dashboard ?? ''), enabled: !!dashboard });

  const crumbs: ReactNode[] = [];
  if (project) {
    crumbs.push(visitor ? <span>Depictio</span> : <Link to="/projects" activeOptions={{ exact: true }}>Projects</Link>);
    crumbs.push(
      collection || dashboard
        ? <Link to="/projects/$project" params={{ project }} activeOptions={{ exact: true }}>{theProject?.name ?? '…'}</Link>
        : <span aria-current="page">{theProject?.name ?? '…'}</span>,
    );
    if (collection) crumbs.push(<span aria-current="page">{theCollection?.name ?? '…'}</span>);
    if (dashboard) crumbs.push(<span aria-current="page">{theDashboard?.title ?? '…'}</span>);
  } else {
    if (path.startsWith('/admin')) crumbs.push(<span>Admin</span>);
    crumbs.push(<span aria-current="page">{FIXED[path] ?? 'Depictio'}</span>);
  }
  return (
    <nav aria-label="Breadcrumbs" className={classes.crumbs}>
      <ol>{crumbs.map((crumb, index) => <li key={index}>{crumb}</li>)}</ol>
    </nav>
  );
}
