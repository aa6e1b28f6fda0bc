/** What happened, newest first, as the server recorded it. */
import { ActionIcon, Button, Group, Select, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconAlertTriangle, IconBan, IconCheck, IconChevronDown, IconChevronRight } from '@/icons';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Fragment, useState } from 'react';
import { auditPage, projectsQuery, usersQuery, type AuditFilter } from '@/api/queries';
import { api } from '@/api/client';
import type { AuditEvent } from '@/api/types';
import { DataTable } from '@/parts/DataTable';
import { Empty } from '@/parts/Empty';
import { count, exact } from '@/parts/format';
import { Mark } from '@/parts/Mark';
import { Page } from '@/parts/Page';
import { ProblemPanel } from '@/parts/ProblemPanel';
import { RelativeTime } from '@/parts/RelativeTime';
import { RowsSkeleton } from '@/parts/Rows';
import classes from './admin.module.css';

const OUTCOMES: Record<string, { tone: 'good' | 'bad' | 'warn' | 'plain'; icon: typeof IconCheck }> = {
  allowed: { tone: 'good', icon: IconCheck }, done: { tone: 'good', icon: IconCheck },
  denied: { tone: 'warn', icon: IconBan }, failed: { tone: 'bad', icon: IconAlertTriangle },
};

/** Actors without a name of their own in the log. */
const ACTORS: Record<string, string> = { service: 'service account' };

export function AuditPage() {
  const [type, setType] = useState('');
  const [asked] = useDebouncedValue(type.trim(), 300);
  const [rest, setRest] = useState<Omit<AuditFilter, 'type'>>({});
  const filter: AuditFilter = {
    type: asked || undefined, actor: rest.actor, project: rest.project,
    from: rest.from ? `${rest.from}T00:00:00Z` : undefined, to: rest.to ? `${rest.to}T23:59:59Z` : undefined,
  };
  const { data: users } = useQuery(usersQuery);
  const { data: projects } = useQuery(projectsQuery);
  const { data: checkpoint } = useQuery({
    queryKey: ['audit', 'checkpoint'],
    queryFn: ({ signal }) => api.get<{ seq: number; hash: string; at: string }>('/audit/checkpoint', { signal }),
    retry: false,
  });
  const events = useInfiniteQuery({
    queryKey: ['audit', 'events', filter],
    queryFn: ({ pageParam, signal }) => auditPage(filter, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
  const items = events.data?.pages.flatMap((page) => page.items) ?? [];
  const names = new Map((projects ?? []).map((project) => [project.id, project.name]));
  return (
    <Page
      title="Audit"
      description={checkpoint ? <>Every decision and change is recorded in a chain that shows tampering. Last checkpoint: event {count(checkpoint.seq)}, <RelativeTime time={checkpoint.at} />.</> : 'Every decision and change is recorded.'}
      actions={<Button variant="default" onClick={() => void events.refetch()} loading={events.isRefetching}>Refresh</Button>}
    >
      <div className={classes.filters} role="search" aria-label="Audit events">
        <TextInput label="Type" placeholder="auth.login" value={type} onChange={(event) => setType(event.currentTarget.value)} />
        <Select label="Actor" placeholder="Anyone" searchable clearable allowDeselect data={(users ?? []).map((user) => ({ value: user.id, label: user.display_name }))} value={rest.actor ?? null} onChange={(actor) => setRest({ ...rest, actor: actor ?? undefined })} />
        <Select label="Project" placeholder="Any" searchable clearable allowDeselect data={(projects ?? []).map((project) => ({ value: project.id, label: project.name }))} value={rest.project ?? null} onChange={(project) => setRest({ ...rest, project: project ?? undefined })} />
        <TextInput label="From" type="date" value={rest.from ?? ''} onChange={(event) => setRest({ ...rest, from: event.currentTarget.value || undefined })} />
        <TextInput label="To" type="date" value={rest.to ?? ''} onChange={(event) => setRest({ ...rest, to: event.currentTarget.value || undefined })} />
      </div>
      {events.error ? (
        <ProblemPanel error={events.error} title="The events could not be loaded" onRetry={() => void events.refetch()} />
      ) : events.isPending ? (
        <RowsSkeleton rows={10} height={36} />
      ) : items.length === 0 ? (
        <Empty>No event matches.</Empty>
      ) : (
        <>
          <DataTable label="Audit events" head={<><th aria-label="Details" /><th data-number>Event</th><th>When</th><th>Type</th><th>Outcome</th><th>Actor</th><th>Project</th></>}>
            {items.map((event) => <EventRow key={event.id} event={event} project={event.project ? (names.get(event.project) ?? event.project) : null} />)}
          </DataTable>
          {events.hasNextPage && (
            <Group justify="center" mt={16}><Button variant="default" loading={events.isFetchingNextPage} onClick={() => void events.fetchNextPage()}>Show older events</Button></Group>
          )}
        </>
      )}
    </Page>
  );
}

function EventRow({ event, project }: { event: AuditEvent; project: string | null }) {
  const [open, setOpen] = useState(false);
  const outcome = OUTCOMES[event.outcome] ?? { tone: 'plain' as const, icon: IconCheck };
  const Icon = outcome.icon;
  const Chevron = open ? IconChevronDown : IconChevronRight;
  const facts: [string, string][] = [
    ['Exact time', exact(event.at)], ['Event id', event.id],
    ...(event.target ? [['Target', `${event.target.kind} ${event.target.id}`] as [string, string]] : []),
    ...(event.actor.id ? [['Actor id', event.actor.id] as [string, string]] : []),
    ...(event.actor.service ? [['Service account', event.actor.service] as [string, string]] : []),
    ...(event.project ? [['Project id', event.project] as [string, string]] : []),
    ...(event.address ? [['Address', event.address] as [string, string]] : []),
    ...(event.request_id ? [['Request', event.request_id] as [string, string]] : []),
    ...(event.because ? [['Because', typeof event.because === 'string' ? event.because : JSON.stringify(event.because)] as [string, string]] : []),
  ];
  return (
    <Fragment>
      <tr>
        <td className={classes.chevron}>
          <ActionIcon size="sm" aria-expanded={open} aria-label={`Details of event ${event.seq}`} onClick={() => setOpen(!open)}><Chevron size={16} /></ActionIcon>
        </td>
        <td data-number>{event.seq}</td>
        <td style={{ whiteSpace: 'nowrap' }}><RelativeTime time={event.at} /></td>
        <td className={classes.type}>{event.type}</td>
        <td><Mark tone={outcome.tone} icon={<Icon size={12} aria-hidden />}>{event.outcome}</Mark></td>
        <td className="user-text">{event.actor.name ?? ACTORS[event.actor.kind] ?? event.actor.kind}</td>
        <td className="user-text">{project ?? <Text span c="dimmed">–</Text>}</td>
      </tr>
      {open && (
        <tr>
          <td colSpan={7} className={classes.facts}>
            <dl>
              {facts.map(([name, value]) => (
                <Fragment key={name}><dt>{name}</dt><dd className="user-text">{value}</dd></Fragment>
              ))}
            </dl>
            {event.details !== undefined && event.details !== null && <pre>{JSON.stringify(event.details, null, 2)}</pre>}
          </td>
        </tr>
      )}
    </Fragment>
  );
}
