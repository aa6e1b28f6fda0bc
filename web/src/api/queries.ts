/** What the page reads, as cacheable queries; one key a resource, so a change knows what to forget. */
import { queryOptions } from '@tanstack/react-query';
import { isVisitor } from '@/account/visitor';
import { api, path } from './client';
import { ApiError } from './problem';
import type {
  Access, AuditEvent, CheckedFilter, Collection, Dashboard, DashboardSummary, DirectoryEntry, Distinct, Filter, Group,
  Invitation, LinkPurpose, Me, Member, OwnGroup, Page, Project, ProjectAction, PublicProject, QueryRequest, QueryResult, Reaching, Registration,
  Revision, ServiceAccount, Session, Settings, Status, Token, Usage, User, ValueRange, Version,
} from './types';

const PAGE = 200;

/** Follows cursors until the list ends; lists of this product are short, and `most` bounds a runaway. */
async function all<T>(route: string, signal: AbortSignal, most = 2000): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<T> = await api.get<Page<T>>(route, { query: { limit: PAGE, cursor }, signal });
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor && items.length < most);
  return items;
}

export const keys = {
  me: ['me'] as const,
  projects: ['projects'] as const,
  project: (project: string) => ['project', project] as const,
  collections: (project: string) => ['project', project, 'collections'] as const,
  collection: (project: string, collection: string) => ['project', project, 'collection', collection] as const,
  dashboards: (project: string) => ['project', project, 'dashboards'] as const,
  dashboard: (project: string, dashboard: string) => ['project', project, 'dashboard', dashboard] as const,
  members: (project: string) => ['project', project, 'members'] as const,
  usage: (project: string) => ['project', project, 'usage'] as const,
};

export const meQuery = queryOptions({
  queryKey: keys.me,
  queryFn: ({ signal }) => api.get<Me>('/auth/me', { signal }),
  // The server knows nothing about a visitor that could be asked for again.
  staleTime: ({ state }) => (isVisitor(state.data) ? 'static' : 60_000),
  retry: false,
});

export const sessionsQuery = queryOptions({
  queryKey: ['sessions'],
  queryFn: ({ signal }) => all<Session>('/auth/sessions', signal),
});

export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: ({ signal }) => all<Token>('/auth/tokens', signal),
});

export const registrationQuery = queryOptions({
  queryKey: ['registration'],
  queryFn: ({ signal }) => api.get<Registration>('/auth/registration', { signal }),
  staleTime: Infinity,
});

/** What a link is for; without one there is nothing to ask. */
export const linkQuery = (token: string | null) =>
  queryOptions({
    queryKey: ['link', token],
    queryFn: ({ signal }) => api.post<LinkPurpose>('/auth/link', { token }, { signal }),
    enabled: token !== null,
    staleTime: Infinity,
    retry: false,
  });

export const invitationsQuery = queryOptions({
  queryKey: ['invitations'],
  queryFn: ({ signal }) => all<Invitation>('/invitations', signal),
});

export const projectsQuery = queryOptions({
  queryKey: keys.projects,
  queryFn: ({ signal }) => all<Project>('/projects', signal),
});

export const publicProjectsQuery = queryOptions({
  queryKey: ['public-projects'],
  queryFn: ({ signal }) => all<PublicProject>('/public/projects', signal),
});

export const projectQuery = (project: string) =>
  queryOptions({
    queryKey: keys.project(project),
    queryFn: ({ signal }) => api.get<Project>(path`/projects/${project}`, { signal }),
  });

export const collectionsQuery = (project: string) =>
  queryOptions({
    queryKey: keys.collections(project),
    queryFn: ({ signal }) => all<Collection>(path`/projects/${project}/collections`, signal),
  });

export const collectionQuery = (project: string, collection: string) =>
  queryOptions({
    queryKey: keys.collection(project, collection),
    queryFn: ({ signal }) => api.get<Collection>(path`/projects/${project}/collections/${collection}`, { signal }),
  });

export const versionsQuery = (project: string, collection: string) =>
  queryOptions({
    queryKey: [...keys.collection(project, collection), 'versions'],
    queryFn: ({ signal }) => all<Version>(path`/projects/${project}/collections/${collection}/versions`, signal),
  });

export function queryRows(project: string, collection: string, request: QueryRequest, signal?: AbortSignal) {
  return api.post<QueryResult>(path`/projects/${project}/collections/${collection}/query`, request, { signal });
}

/** Reads a filter as text against the columns of a version; a mistake is an error with its place. */
export const filterQuery = (project: string, collection: string, filter: string, version: number) =>
  queryOptions({
    queryKey: [...keys.collection(project, collection), 'filter', filter, version],
    queryFn: ({ signal }) =>
      api.post<CheckedFilter>(path`/projects/${project}/collections/${collection}/filter`, { filter, version }, { signal }),
    staleTime: Infinity,
    retry: false,
  });

export const distinctQuery = (project: string, collection: string, column: string, search: string, version?: number) =>
  queryOptions({
    queryKey: [...keys.collection(project, collection), 'distinct', column, search, version ?? null],
    queryFn: ({ signal }) =>
      api.post<Distinct>(
        path`/projects/${project}/collections/${collection}/distinct`,
        { column, limit: 200, ...(search ? { search } : {}), ...(version === undefined ? {} : { version }) },
        { signal },
      ),
    staleTime: 60_000,
  });

export const rangeQuery = (project: string, collection: string, column: string, version?: number) =>
  queryOptions({
    queryKey: [...keys.collection(project, collection), 'range', column, version ?? null],
    queryFn: ({ signal }) =>
      api.post<ValueRange>(
        path`/projects/${project}/collections/${collection}/range`,
        { column, ...(version === undefined ? {} : { version }) },
        { signal },
      ),
    staleTime: 60_000,
  });

export const dashboardsQuery = (project: string) =>
  queryOptions({
    queryKey: keys.dashboards(project),
    queryFn: ({ signal }) => all<DashboardSummary>(path`/projects/${project}/dashboards`, signal),
  });

export const dashboardQuery = (project: string, dashboard: string) =>
  queryOptions({
    queryKey: keys.dashboard(project, dashboard),
    queryFn: ({ signal }) => api.get<Dashboard>(path`/projects/${project}/dashboards/${dashboard}`, { signal }),
  });

export const revisionsQuery = (project: string, dashboard: string) =>
  queryOptions({
    queryKey: [...keys.dashboard(project, dashboard), 'revisions'],
    queryFn: ({ signal }) => all<Revision>(path`/projects/${project}/dashboards/${dashboard}/revisions`, signal),
  });

export const membersQuery = (project: string) =>
  queryOptions({
    queryKey: keys.members(project),
    queryFn: ({ signal }) => all<Member>(path`/projects/${project}/members`, signal),
  });

export const usageQuery = (project: string) =>
  queryOptions({
    queryKey: keys.usage(project),
    queryFn: ({ signal }) => api.get<Usage>(path`/projects/${project}/usage`, { signal }),
  });

export const servicesQuery = (project: string) =>
  queryOptions({
    queryKey: [...keys.project(project), 'services'],
    queryFn: ({ signal }) => all<ServiceAccount>(path`/projects/${project}/service-accounts`, signal),
  });

/** Why the caller may or may not do something in a project. */
export const accessQuery = (project: string, action: ProjectAction) =>
  queryOptions({
    queryKey: [...keys.project(project), 'access', action],
    queryFn: ({ signal }) => api.get<Access>(path`/projects/${project}/access`, { query: { action }, signal }),
  });

export const audienceQuery = (project: string) =>
  queryOptions({
    queryKey: [...keys.project(project), 'audience'],
    queryFn: ({ signal }) => all<Reaching>(path`/projects/${project}/audience`, signal),
  });

export const directoryQuery = (search: string) =>
  queryOptions({
    queryKey: ['directory', search],
    queryFn: ({ signal }) => api.get<Page<DirectoryEntry>>('/directory', { query: { q: search, limit: 20 }, signal }),
    staleTime: 30_000,
  });

export const usersQuery = queryOptions({
  queryKey: ['users'],
  queryFn: ({ signal }) => all<User>('/users', signal),
});

export const groupsQuery = queryOptions({
  queryKey: ['groups'],
  queryFn: ({ signal }) => all<Group>('/groups', signal),
});

export const groupQuery = (group: string) =>
  queryOptions({
    queryKey: ['groups', group],
    queryFn: ({ signal }) => api.get<Group>(path`/groups/${group}`, { signal }),
  });

export const ownGroupsQuery = queryOptions({
  queryKey: ['groups', 'own'],
  queryFn: ({ signal }) => all<OwnGroup>('/auth/groups', signal),
});

export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: ({ signal }) => api.get<Settings>('/settings', { signal }),
});

export const statusQuery = queryOptions({
  queryKey: ['status'],
  queryFn: ({ signal }) => api.get<Status>('/status', { signal }),
  refetchInterval: (query) => (query.state.data?.demo.state === 'running' ? 2_000 : 60_000),
});

export interface AuditFilter {
  type?: string;
  actor?: string;
  project?: string;
  from?: string;
  to?: string;
}

export function auditPage(filter: AuditFilter, cursor: string | null, signal: AbortSignal) {
  return api.get<Page<AuditEvent>>('/audit/events', { query: { ...filter, limit: 100, cursor }, signal });
}

/** Tries a read again only when that can help: not after a refusal, a wrong input or a lost session. */
export function retryRead(count: number, error: unknown): boolean {
  if (error instanceof ApiError && error.status > 0 && error.status < 500 && error.status !== 429) return false;
  return count < 2;
}

/** The filters that one collection's own query understands. */
export function filtersFor(collection: string, filters: Filter[]): Filter[] {
  return filters
    .filter((filter) => filter.collection === undefined || filter.collection === collection)
    .map(({ collection: _collection, ...rest }) => rest);
}
