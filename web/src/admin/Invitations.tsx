/** Invitations that wait, and a new one: its link is shown once. */
import { Button, Group, Modal, Select, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, path } from '@/api/client';
import { fieldError } from '@/api/problem';
import { invitationsQuery } from '@/api/queries';
import type { MadeLink, SystemRole } from '@/api/types';
import { DataTable } from '@/parts/DataTable';
import { done, failed } from '@/parts/notify';
import { ProblemPanel } from '@/parts/ProblemPanel';
import { RelativeTime } from '@/parts/RelativeTime';
import { Secret } from '@/parts/Secret';
import classes from '@/projects/projects.module.css';
import { HINTS, ROLES } from './roles';
import { Mailed } from './Mailed';

export const linkOf = (made: MadeLink) => window.location.origin + made.path;

export function Invitations() {
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(invitationsQuery);
  const [inviting, setInviting] = useState(false);
  const withdraw = useMutation({
    mutationFn: (id: string) => api.delete(path`/invitations/${id}`),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: invitationsQuery.queryKey });
      done('Invitation withdrawn');
    },
    onError: (failure) => failed('The invitation was not withdrawn', failure),
  });
  return (
    <section className={classes.section} aria-labelledby="invitations">
      <Group justify="space-between" align="flex-start">
        <div>
          <Title order={2} id="invitations">Invitations</Title>
          <Text c="dimmed">Each is a link that makes one account, good once and for a week.</Text>
        </div>
        <Button variant="default" onClick={() => setInviting(true)}>Invite</Button>
      </Group>
      {error ? (
        <ProblemPanel error={error} title="The invitations could not be loaded" onRetry={() => void refetch()} />
      ) : !data || data.length === 0 ? (
        <Text>None is waiting.</Text>
      ) : (
        <DataTable label="Invitations" head={<><th>For</th><th>Role</th><th>Made</th><th>Ends</th><th data-actions><span className="visually-hidden">Actions</span></th></>}>
          {data.map((invitation) => (
            <tr key={invitation.id}>
              <td className="user-text">{invitation.email ?? 'whoever has the link'}</td>
              <td>{invitation.role}</td>
              <td><RelativeTime time={invitation.created_at} /></td>
              <td><RelativeTime time={invitation.expires_at} /></td>
              <td data-actions><Button size="xs" variant="subtle" c="var(--d-bad)" loading={withdraw.isPending && withdraw.variables === invitation.id} onClick={() => withdraw.mutate(invitation.id)}>Withdraw</Button></td>
            </tr>
          ))}
        </DataTable>
      )}
      <Invite opened={inviting} onClose={() => setInviting(false)} />
    </section>
  );
}

const EMPTY = { email: '', role: 'user' as SystemRole };

function Invite({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [form, setForm] = useState(EMPTY);
  const client = useQueryClient();
  const invite = useMutation({
    mutationFn: () => api.post<MadeLink>('/invitations', { email: form.email.trim() || null, role: form.role }),
    onSuccess: () => void client.invalidateQueries({ queryKey: invitationsQuery.queryKey }),
  });
  return (
    <Modal opened={opened} onClose={onClose} title={invite.data ? 'The invitation' : 'Invite'} closeOnClickOutside={!invite.data} onExitTransitionEnd={() => { setForm(EMPTY); invite.reset(); }}>
      {invite.data ? (
        <Stack gap={16}>
          <Secret label="Link" value={linkOf(invite.data)}>It is shown this once. Hand it on by a way you trust: whoever has it makes the account.</Secret>
          <Mailed made={invite.data} />
          <Group justify="flex-end"><Button onClick={onClose}>Done</Button></Group>
        </Stack>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            invite.mutate();
          }}
        >
          <Stack gap={16}>
            <TextInput label="E-mail" type="email" autoComplete="off" data-autofocus description="Leave it empty for a link that whoever has it may use." value={form.email} onChange={(event) => setForm({ ...form, email: event.currentTarget.value })} error={fieldError(invite.error, 'email')} />
            <Select label="Role" allowDeselect={false} data={ROLES} value={form.role} description={HINTS[form.role]} onChange={(role) => role && setForm({ ...form, role: role as SystemRole })} />
            {invite.isError && <ProblemPanel error={invite.error} title="The invitation was not made" unchanged compact />}
            <Group justify="flex-end" gap={8}>
              <Button variant="default" onClick={onClose}>Cancel</Button>
              <Button type="submit" loading={invite.isPending}>Make link</Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
