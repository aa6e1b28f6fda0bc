/** Every page and its address. Pages load when first opened. */
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router';
import type { QueryClient } from '@tanstack/react-query';
import { arrive } from './account/arrive';
import { loginSearch, safeNext } from './account/next';
import { isVisitor } from './account/visitor';
import { meQuery, projectQuery } from './api/queries';
import type { FilterState } from './dashboards/filters/state';
import { Frame } from './shell/Frame';
import { NotFound, RouteError, RoutePending } from './shell/RouteStates';

interface Context {
  client: QueryClient;
}

const root = createRootRouteWithContext<Context>()({ component: Outlet, notFoundComponent: NotFound });

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: (search: Record<string, unknown>): { next?: string } =>
    typeof search.next === 'string' ? { next: search.next } : {},
  beforeLoad: async ({ context, search }) => {
    // Signed in already (another tab, a bookmark): go on.
    const me = context.client.getQueryData(meQuery.queryKey);
    if (me && !isVisitor(me)) throw redirect({ href: safeNext(search.next) });
  },
  component: lazyRouteComponent(() => import('./account/LoginPage'), 'LoginPage'),
});

const reset = createRoute({
  getParentRoute: () => root,
  path: '/reset',
  component: lazyRouteComponent(() => import('./account/ResetPage'), 'ResetPage'),
});

const invitation = createRoute({
  getParentRoute: () => root,
  path: '/invitation',
  component: lazyRouteComponent(() => import('./account/InvitationPage'), 'InvitationPage'),
});

const frame = createRoute({
  getParentRoute: () => root,
  id: 'frame',
  beforeLoad: async ({ context, location }) => {
    if (!(await arrive(context.client, location.pathname))) throw redirect({ to: '/login', search: loginSearch(location.href) });
  },
  component: Frame,
  errorComponent: RouteError,
});

const index = createRoute({
  getParentRoute: () => frame,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/projects' });
  },
});

const projects = createRoute({
  getParentRoute: () => frame,
  path: '/projects',
  validateSearch: (search: Record<string, unknown>): { create?: boolean } => (search.create ? { create: true } : {}),
  component: lazyRouteComponent(() => import('./projects/ProjectsPage'), 'ProjectsPage'),
});

const dashboards = createRoute({
  getParentRoute: () => frame,
  path: '/dashboards',
  component: lazyRouteComponent(() => import('./dashboards/AllDashboardsPage'), 'AllDashboardsPage'),
});

/** Loads the project once for all pages below it; what is hidden ends in one "not found". */
const projectRoot = createRoute({
  getParentRoute: () => frame,
  path: '/projects/$project',
  loader: ({ context, params }) => context.client.ensureQueryData(projectQuery(params.project)),
  component: Outlet,
  errorComponent: RouteError,
});

const project = createRoute({
  getParentRoute: () => projectRoot,
  id: 'project',
  component: lazyRouteComponent(() => import('./projects/ProjectPage'), 'ProjectPage'),
});
const projectDashboards = createRoute({
  getParentRoute: () => project,
  path: '/',
  component: lazyRouteComponent(() => import('./projects/DashboardsTab'), 'DashboardsTab'),
});
const projectCollections = createRoute({
  getParentRoute: () => project,
  path: '/collections',
  component: lazyRouteComponent(() => import('./projects/CollectionsTab'), 'CollectionsTab'),
});
const projectMembers = createRoute({
  getParentRoute: () => project,
  path: '/members',
  component: lazyRouteComponent(() => import('./projects/MembersTab'), 'MembersTab'),
});
const projectSettings = createRoute({
  getParentRoute: () => project,
  path: '/settings',
  component: lazyRouteComponent(() => import('./projects/SettingsTab'), 'SettingsTab'),
});

export type CollectionView = 'data' | 'schema' | 'versions' | 'upload';

const collection = createRoute({
  getParentRoute: () => projectRoot,
  path: '/collections/$collection',
  validateSearch: (search: Record<string, unknown>): { view?: CollectionView; version?: number; filter?: string } => ({
    ...(['data', 'schema', 'versions', 'upload'].includes(String(search.view)) ? { view: search.view as CollectionView } : {}),
    ...(typeof search.version === 'number' ? { version: search.version } : {}),
    // A filter such as `42` is read from the address as a number; it is text all the same, and refused as one.
    ...(search.filter === undefined || search.filter === '' ? {} : { filter: String(search.filter) }),
  }),
  component: lazyRouteComponent(() => import('./collections/CollectionPage'), 'CollectionPage'),
});

const dashboard = createRoute({
  getParentRoute: () => projectRoot,
  path: '/dashboards/$dashboard',
  validateSearch: (search: Record<string, unknown>): { tab?: string; edit?: boolean; f?: FilterState } => ({
    ...(typeof search.tab === 'string' ? { tab: search.tab } : {}),
    ...(search.edit === true ? { edit: true } : {}),
    ...(search.f && typeof search.f === 'object' ? { f: search.f as FilterState } : {}),
  }),
  component: lazyRouteComponent(() => import('./dashboards/DashboardPage'), 'DashboardPage'),
});

const account = createRoute({
  getParentRoute: () => frame,
  path: '/account',
  component: lazyRouteComponent(() => import('./account/AccountPage'), 'AccountPage'),
});

const users = createRoute({
  getParentRoute: () => frame,
  path: '/admin/users',
  component: lazyRouteComponent(() => import('./admin/UsersPage'), 'UsersPage'),
});
const groups = createRoute({
  getParentRoute: () => frame,
  path: '/admin/groups',
  component: lazyRouteComponent(() => import('./admin/GroupsPage'), 'GroupsPage'),
});
const audit = createRoute({
  getParentRoute: () => frame,
  path: '/admin/audit',
  component: lazyRouteComponent(() => import('./admin/AuditPage'), 'AuditPage'),
});
const status = createRoute({
  getParentRoute: () => frame,
  path: '/admin/status',
  component: lazyRouteComponent(() => import('./admin/StatusPage'), 'StatusPage'),
});
const settings = createRoute({
  getParentRoute: () => frame,
  path: '/admin/settings',
  component: lazyRouteComponent(() => import('./admin/SettingsPage'), 'SettingsPage'),
});

const tree = root.addChildren([
  login, reset, invitation,
  frame.addChildren([
    index, projects, dashboards, account, users, groups, audit, status, settings,
    projectRoot.addChildren([
      project.addChildren([projectDashboards, projectCollections, projectMembers, projectSettings]),
      collection,
      dashboard,
    ]),
  ]),
]);

export function makeRouter(client: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { client },
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    defaultPendingComponent: RoutePending,
    defaultPendingMs: 150,
    defaultErrorComponent: RouteError,
    defaultNotFoundComponent: NotFound,
    // Errors are shown by the page; the console is for what nobody foresaw.
    defaultOnCatch: () => undefined,
    scrollRestoration: true,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
