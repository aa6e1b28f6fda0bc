/** One's own sessions, tokens and password. */
import { Button, Group, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, path } from '@/api/client';
import { ApiError, fieldError } from '@/api/problem';
import { meQuery, ownGroupsQuery, sessionsQuery, tokensQuery } from '@/api/queries';
import type { OwnGroup } from '@/api/types';
import { GroupDrawer } from '@/admin/GroupDrawer';
import { DataTable } from '@/parts/DataTable';
import { Mark } from '@/parts/Mark';
import { done, failed } from '@/parts/notify';
import { Page } from '@/parts/Page';
import { ProblemPanel } from '@/parts/ProblemPanel';
import { RelativeTime } from '@/parts/RelativeTime';
import { RowsSkeleton } from '@/parts/Rows';
import classes from '@/projects/projects.module.css';
import { deviceName } from './deviceName';
import { Tokens } from './Tokens';

export function AccountPage() {
  const { data: me } = useQuery(meQuery);
  return (
    <Page title="Account" description={me && <>{me.user.display_name}, {me.user.email}</>}>
      <Groups />
      <Sessions />
      <Tokens />
      <Password />
    </Page>
  );
}

function Groups() {
  const { data, error, refetch } = useQuery(ownGroupsQuery);
  const [opened, setOpened] = useState<OwnGroup | null>(null);
  if (data?.length === 0) return null;
  return (
    <section className={classes.section} aria-labelledby="groups">
      <div>
        <Title order={2} id="groups">Groups</Title>
        <Text c="dimmed">What a project grants a group, its members have. Of a group you maintain, you say who is in it.</Text>
      </div>
      {error ? (
        <ProblemPanel error={error} title="Your groups could not be loaded" onRetry={() => void refetch()} />
      ) : !data ? (
        <RowsSkeleton rows={1} />
      ) : (
        <DataTable label="Groups" head={<><th>Name</th><th>You</th><th data-actions><span className="visually-hidden">Actions</span></th></>}>
          {data.map((group) => (
            <tr key={group.id}>
              <td className="user-text">{group.name}</td>
              <td>{[group.member && 'member', group.maintainer && 'maintainer'].filter(Boolean).join(', ')}</td>
              <td data-actions>
                {group.maintainer && <Button size="xs" variant="subtle" aria-label={`Members of ${group.name}`} onClick={() => setOpened(group)}>Members</Button>}
              </td>
            </tr>
          ))}
        </DataTable>
      )}
      <GroupDrawer group={opened} onClose={() => setOpened(null)} />
    </section>
  );
}

function Sessions() {
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(sessionsQuery);
  const end = useMutation({
    mutationFn: (id: string) => api.delete(path`/auth/sessions/${id}`),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: sessionsQuery.queryKey });
      done('Session ended');
    },
    onError: (failure) => failed('The session was not ended', failure),
  });
  return (
    <section className={classes.section} aria-labelledby="sessions">
      <div>
        <Title order={2} id="sessions">Sessions</Title>
        <Text c="dimmed">Where you are signed in. End one that you do not know, then change your password.</Text>
      </div>
      {error ? (
        <ProblemPanel error={error} title="The sessions could not be loaded" onRetry={() => void refetch()} />
      ) : !data ? (
        <RowsSkeleton rows={2} />
      ) : (
        <DataTable label="Sessions" head={<><th>Browser or program</th><th>Signed in</th><th>Last used</th><th>From</th><th data-actions><span className="visually-hidden">Actions</span></th></>}>
          {data.map((session) => (
            <tr key={session.id}>
              <td className="user-text">
                <Group gap={8}><span title={session.user_agent ?? undefined}>{deviceName(session.user_agent)}</span>{session.current && <Mark tone="accent">this one</Mark>}</Group>
              </td>
              <td><RelativeTime time={session.created_at} /></td>
              <td>{session.last_used_at ? <RelativeTime time={session.last_used_at} /> : '–'}</td>
              <td>{session.address ?? '–'}</td>
              <td data-actions>
                {!session.current && <Button size="xs" variant="subtle" c="var(--d-bad)" loading={end.isPending && end.variables === session.id} onClick={() => end.mutate(session.id)}>End session</Button>}
              </td>
            </tr>
          ))}
        </DataTable>
      )}
    </section>
  );
}

function Password() {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: () => api.put('/auth/password', { current_password: current, new_password: next }),
    onSuccess: () => {
      setCurrent('');
      setNext('');
      setAgain('');
      void client.invalidateQueries({ queryKey: sessionsQuery.queryKey });
      void client.invalidateQueries({ queryKey: tokensQuery.queryKey });
      done('Password changed');
    },
  });
  const differs = again !== '' && again !== next;
  const wrong = change.error instanceof ApiError && change.error.code === 'bad_credentials';
  return (
    <form
      id="password"
      className={classes.section}
      aria-labelledby="password-title"
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate();
      }}
    >
      <Title order={2} id="password-title">Change password</Title>
      <Stack gap={16} maw={380}>
        <PasswordInput label="Current password" autoComplete="current-password" required withAsterisk={false} value={current} onChange={(event) => setCurrent(event.currentTarget.value)} error={wrong && 'This is not your password.'} />
        <PasswordInput label="New password" autoComplete="new-password" required withAsterisk={false} value={next} onChange={(event) => setNext(event.currentTarget.value)} error={fieldError(change.error, 'new_password')} description="Long and not used elsewhere. A sentence of several words is good." />
        <PasswordInput label="New password again" autoComplete="new-password" required withAsterisk={false} value={again} onChange={(event) => setAgain(event.currentTarget.value)} error={differs && 'The two differ.'} />
        {change.isError && !wrong && <ProblemPanel error={change.error} title="The password was not changed" unchanged compact />}
        <Group><Button type="submit" loading={change.isPending} disabled={!current || !next || again !== next}>Change password</Button></Group>
      </Stack>
    </form>
  );
}
