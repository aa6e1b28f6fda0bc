/** Accounts of programs in a project: made with a role and a token that is shown once, ended at once. */
import { Button, Group, Select, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { TokenDialog } from '@/account/TokenDialog';
import { Expires, LastUsed } from '@/account/TokenFacts';
import { api, path } from '@/api/client';
import { servicesQuery } from '@/api/queries';
import type { MadeServiceAccount, Project, ServiceAccount } from '@/api/types';
import { ConfirmDialog } from '@/parts/ConfirmDialog';
import { DataTable } from '@/parts/DataTable';
import { GuardedButton } from '@/parts/GuardedButton';
import { done } from '@/parts/notify';
import { ProblemPanel } from '@/parts/ProblemPanel';
import { RowsSkeleton } from '@/parts/Rows';
import { explain } from './members';
import classes from './projects.module.css';
import { ROLES, roleLabel } from './roles';
import { whyNot } from './useProject';
import { Why } from './Why';

export function ServiceAccounts({ project }: { project: Project }) {
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(servicesQuery(project.id));
  const [making, setMaking] = useState(false);
  const [renewing, setRenewing] = useState<ServiceAccount | null>(null);
  const [ending, setEnding] = useState<ServiceAccount | null>(null);
  const reason = whyNot(project, 'services.manage');
  const refresh = () => void client.invalidateQueries({ queryKey: servicesQuery(project.id).queryKey });
  const end = useMutation({
    mutationFn: (account: ServiceAccount) => api.delete(path`/projects/${project.id}/service-accounts/${account.id}`),
    onSuccess: (_result, account) => {
      refresh();
      done(`${account.name} was deleted`);
    },
    onError: (failure) => explain('The service account was not deleted', failure),
    onSettled: () => setEnding(null),
  });
  return (
    <section className={classes.section} aria-labelledby="service-accounts">
      <Group justify="space-between" align="flex-start">
        <div>
          <Title order={2} id="service-accounts">Service accounts</Title>
          <Text c="dimmed">A program with an account of its own in this project. It stays when people leave.</Text>
        </div>
        <GuardedButton variant="default" reason={reason} why={<Why project={project.id} action="services.manage" />} onClick={() => setMaking(true)}>Make service account</GuardedButton>
      </Group>
      {error ? (
        <ProblemPanel error={error} title="The service accounts could not be loaded" onRetry={() => void refetch()} />
      ) : !data ? (
        <RowsSkeleton rows={1} />
      ) : data.length === 0 ? (
        <Text>There is none.</Text>
      ) : (
        <DataTable label="Service accounts" head={<><th>Name</th><th>Role</th><th>Expires</th><th>Last used</th><th>Made by</th><th data-actions><span className="visually-hidden">Actions</span></th></>}>
          {data.map((account) => (
            <tr key={account.id}>
              <td className="user-text">{account.name}</td>
              <td>{roleLabel(account.role)}</td>
              <td><Expires time={account.expires_at} /></td>
              <td><LastUsed of={account} /></td>
              <td className="user-text">{account.created_by?.name || '–'}</td>
              <td data-actions>
                {!reason && (
                  <>
                    <Button size="xs" variant="subtle" onClick={() => setRenewing(account)}>New token<span className="visually-hidden"> for {account.name}</span></Button>
                    <Button size="xs" variant="subtle" c="var(--d-bad)" onClick={() => setEnding(account)}>Delete<span className="visually-hidden"> {account.name}</span></Button>
                  </>
                )}
              </td>
            </tr>
          ))}
        </DataTable>
      )}
      <MakeAccount project={project.id} opened={making} onClose={() => setMaking(false)} onMade={refresh} />
      <TokenDialog
        opened={renewing !== null}
        onClose={() => setRenewing(null)}
        verb="Make new token"
        made="The new token"
        failure="The token was not made"
        make={(life) => api.post<MadeServiceAccount>(path`/projects/${project.id}/service-accounts/${renewing?.id ?? ''}/token`, life)}
        onMade={refresh}
      >
        {() => <Text className="user-text">The old token of “{renewing?.name}” ends at once.</Text>}
      </TokenDialog>
      <ConfirmDialog opened={ending !== null} onClose={() => setEnding(null)} title="Delete service account" verb="Delete service account" busy={end.isPending} onConfirm={() => ending && end.mutate(ending)}>
        What runs as “{ending?.name}” stops at once. A deleted service account cannot be brought back.
      </ConfirmDialog>
    </section>
  );
}

/** A program looks or edits; it owns nothing. */
const CHOICES = ROLES.filter((role) => role.value !== 'owner');
const EMPTY = { name: '', role: 'viewer' };

function MakeAccount({ project, opened, onClose, onMade }: { project: string; opened: boolean; onClose: () => void; onMade: () => void }) {
  const [form, setForm] = useState(EMPTY);
  return (
    <TokenDialog
      opened={opened}
      onClose={onClose}
      onClosed={() => setForm(EMPTY)}
      verb="Make service account"
      made="The token of the service account"
      failure="The service account was not made"
      ready={form.name.trim() !== ''}
      make={(life) => api.post<MadeServiceAccount>(path`/projects/${project}/service-accounts`, { name: form.name.trim(), role: form.role, ...life })}
      onMade={onMade}
    >
      {(error) => (
        <>
          <TextInput label="Name" required withAsterisk={false} data-autofocus maxLength={200} autoComplete="off" value={form.name} onChange={(event) => setForm({ ...form, name: event.currentTarget.value })} error={error('name')} />
          <Select label="Role" data={CHOICES.map(({ value, label }) => ({ value, label }))} value={form.role} description={CHOICES.find((role) => role.value === form.role)?.hint} onChange={(role) => role && setForm({ ...form, role })} error={error('role')} />
        </>
      )}
    </TokenDialog>
  );
}
