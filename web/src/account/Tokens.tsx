/** Tokens for one's own programs: made with a scope and an end, shown once, revoked at once. */
import { Button, Group, Modal, PasswordInput, Select, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, path } from '@/api/client';
import { ApiError, fieldError } from '@/api/problem';
import { projectsQuery, tokensQuery } from '@/api/queries';
import type { MadeToken, Token, TokenScope } from '@/api/types';
import { ConfirmDialog } from '@/parts/ConfirmDialog';
import { DataTable } from '@/parts/DataTable';
import { Mark } from '@/parts/Mark';
import { done, failed } from '@/parts/notify';
import { ProblemPanel } from '@/parts/ProblemPanel';
import { RelativeTime } from '@/parts/RelativeTime';
import { RowsSkeleton } from '@/parts/Rows';
import { Secret } from '@/parts/Secret';
import classes from '@/projects/projects.module.css';

const SCOPES: { value: TokenScope; label: string; hint: string }[] = [
  { value: 'read', label: 'Read', hint: 'Looks at what you can see, and changes nothing.' },
  { value: 'edit', label: 'Edit', hint: 'Uploads tables, edits dashboards and makes projects, where you may.' },
  { value: 'admin', label: 'All that I may', hint: 'Everything but your password, sessions and tokens.' },
];
const DAYS = [7, 30, 90, 365].map((days) => ({ value: String(days), label: days === 365 ? 'a year' : `${days} days` }));
const EVERYWHERE = '*';

export function Tokens() {
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(tokensQuery);
  const { data: projects } = useQuery(projectsQuery);
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<Token | null>(null);
  const revoke = useMutation({
    mutationFn: (token: Token) => api.delete(path`/auth/tokens/${token.id}`),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: tokensQuery.queryKey });
      setRevoking(null);
      done('Token revoked');
    },
    onError: (failure) => failed('The token was not revoked', failure),
  });
  const projectName = (id: string) => projects?.find((project) => project.id === id)?.name ?? 'a project you no longer see';
  return (
    <section className={classes.section} aria-labelledby="tokens">
      <Group justify="space-between" align="flex-start">
        <div>
          <Title order={2} id="tokens">Tokens for programs</Title>
          <Text c="dimmed">A program with a token may what you may, within the token’s scope. A new password ends them all.</Text>
        </div>
        <Button variant="default" onClick={() => setMaking(true)}>Make token</Button>
      </Group>
      {error ? (
        <ProblemPanel error={error} title="The tokens could not be loaded" onRetry={() => void refetch()} />
      ) : !data ? (
        <RowsSkeleton rows={1} />
      ) : data.length === 0 ? (
        <Text>You have none.</Text>
      ) : (
        <DataTable label="Tokens" head={<><th>Name</th><th>Scope</th><th>Expires</th><th>Last used</th><th data-actions><span className="visually-hidden">Actions</span></th></>}>
          {data.map((token) => (
            <tr key={token.id}>
              <td className="user-text">{token.name}</td>
              <td className="user-text">{token.scope}{token.project && <>, {projectName(token.project)}</>}</td>
              <td>{Date.parse(token.expires_at) > Date.now() ? <RelativeTime time={token.expires_at} /> : <Mark tone="warn">expired</Mark>}</td>
              <td>{token.last_used_at ? <span title={token.last_used_from ?? undefined}><RelativeTime time={token.last_used_at} /></span> : 'never'}</td>
              <td data-actions><Button size="xs" variant="subtle" c="var(--d-bad)" onClick={() => setRevoking(token)}>Revoke<span className="visually-hidden"> {token.name}</span></Button></td>
            </tr>
          ))}
        </DataTable>
      )}
      <MakeToken opened={making} onClose={() => setMaking(false)} projects={projects?.map((project) => ({ value: project.id, label: project.name })) ?? []} />
      <ConfirmDialog opened={revoking !== null} onClose={() => setRevoking(null)} title="Revoke this token?" verb="Revoke token" busy={revoke.isPending} onConfirm={() => revoking && revoke.mutate(revoking)}>
        What uses “{revoking?.name}” stops at once. A revoked token cannot be brought back.
      </ConfirmDialog>
    </section>
  );
}

const EMPTY = { name: '', scope: 'read' as TokenScope, project: EVERYWHERE, days: '30', password: '' };

function MakeToken({ opened, onClose, projects }: { opened: boolean; onClose: () => void; projects: { value: string; label: string }[] }) {
  const [form, setForm] = useState(EMPTY);
  const client = useQueryClient();
  const make = useMutation({
    mutationFn: () =>
      api.post<MadeToken>('/auth/tokens', {
        name: form.name.trim(),
        scope: form.scope,
        project: form.project === EVERYWHERE ? null : form.project,
        expires_in_days: Number(form.days),
        current_password: form.password,
      }),
    onSuccess: () => void client.invalidateQueries({ queryKey: tokensQuery.queryKey }),
  });
  const wrong = make.error instanceof ApiError && make.error.code === 'bad_credentials';
  const field = (name: string) => fieldError(make.error, name);
  return (
    <Modal opened={opened} onClose={onClose} title={make.data ? 'Your new token' : 'Make token'} closeOnClickOutside={!make.data} onExitTransitionEnd={() => { setForm(EMPTY); make.reset(); }}>
      {make.data ? (
        <Stack gap={16}>
          <Secret label="Token" value={make.data.token}>It is shown this once. Keep it where your program reads its secrets, and send it as “Authorization: Bearer …”.</Secret>
          <Group justify="flex-end"><Button onClick={onClose}>Done</Button></Group>
        </Stack>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            make.mutate();
          }}
        >
          <Stack gap={16}>
            <TextInput label="What it is for" required withAsterisk={false} data-autofocus maxLength={200} autoComplete="off" value={form.name} onChange={(event) => setForm({ ...form, name: event.currentTarget.value })} error={field('name')} />
            <Select label="Scope" allowDeselect={false} data={SCOPES} value={form.scope} description={SCOPES.find((scope) => scope.value === form.scope)?.hint} onChange={(scope) => scope && setForm({ ...form, scope: scope as TokenScope })} />
            <Select label="Projects" allowDeselect={false} searchable data={[{ value: EVERYWHERE, label: 'All that I see' }, ...projects]} value={form.project} onChange={(project) => project && setForm({ ...form, project })} error={field('project')} />
            <Select label="Lives" allowDeselect={false} data={DAYS} value={form.days} onChange={(days) => days && setForm({ ...form, days })} error={field('expires_in_days')} />
            <PasswordInput label="Your password" description="A session alone makes no token." required withAsterisk={false} autoComplete="current-password" value={form.password} onChange={(event) => setForm({ ...form, password: event.currentTarget.value })} error={wrong && 'This is not your password.'} />
            {make.isError && !wrong && <ProblemPanel error={make.error} title="The token was not made" unchanged compact />}
            <Group justify="flex-end" gap={8}>
              <Button variant="default" onClick={onClose}>Cancel</Button>
              <Button type="submit" loading={make.isPending} disabled={!form.name.trim() || !form.password}>Make token</Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
