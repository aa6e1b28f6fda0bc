/** Tokens for one's own programs: made with a scope and an end, shown once, revoked at once. */
import { Button, Group, Select, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, path } from '@/api/client';
import { projectsQuery, tokensQuery } from '@/api/queries';
import type { MadeToken, Token, TokenScope } from '@/api/types';
import { ConfirmDialog } from '@/parts/ConfirmDialog';
import { DataTable } from '@/parts/DataTable';
import { done, failed } from '@/parts/notify';
import { ProblemPanel } from '@/parts/ProblemPanel';
import { RowsSkeleton } from '@/parts/Rows';
import classes from '@/projects/projects.module.css';
import { TokenDialog } from './TokenDialog';
import { Expires, LastUsed } from './TokenFacts';

const SCOPES: { value: TokenScope; label: string; hint: string }[] = [
  { value: 'read', label: 'Read', hint: 'Looks at what you can see, and changes nothing.' },
  { value: 'edit', label: 'Edit', hint: 'Uploads tables, edits dashboards and makes projects, where you may.' },
  { value: 'admin', label: 'All that I may', hint: 'Everything but your password, sessions and tokens.' },
];
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
              <td><Expires time={token.expires_at} /></td>
              <td><LastUsed of={token} /></td>
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

const EMPTY = { name: '', scope: 'read' as TokenScope, project: EVERYWHERE };

function MakeToken({ opened, onClose, projects }: { opened: boolean; onClose: () => void; projects: { value: string; label: string }[] }) {
  const [form, setForm] = useState(EMPTY);
  const client = useQueryClient();
  return (
    <TokenDialog
      opened={opened}
      onClose={onClose}
      onClosed={() => setForm(EMPTY)}
      verb="Make token"
      made="Your new token"
      failure="The token was not made"
      ready={form.name.trim() !== ''}
      make={(life) => api.post<MadeToken>('/auth/tokens', { name: form.name.trim(), scope: form.scope, project: form.project === EVERYWHERE ? null : form.project, ...life })}
      onMade={() => void client.invalidateQueries({ queryKey: tokensQuery.queryKey })}
    >
      {(error) => (
        <>
          <TextInput label="What it is for" required withAsterisk={false} data-autofocus maxLength={200} autoComplete="off" value={form.name} onChange={(event) => setForm({ ...form, name: event.currentTarget.value })} error={error('name')} />
          <Select label="Scope" allowDeselect={false} data={SCOPES} value={form.scope} description={SCOPES.find((scope) => scope.value === form.scope)?.hint} onChange={(scope) => scope && setForm({ ...form, scope: scope as TokenScope })} />
          <Select label="Projects" allowDeselect={false} searchable data={[{ value: EVERYWHERE, label: 'All that I see' }, ...projects]} value={form.project} onChange={(project) => project && setForm({ ...form, project })} error={error('project')} />
        </>
      )}
    </TokenDialog>
  );
}
