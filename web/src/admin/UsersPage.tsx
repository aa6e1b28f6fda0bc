/** Accounts of this server. */
import { Box, Button, Group, Modal, PasswordInput, Select, Stack, Switch, Text, TextInput } from '@mantine/core';
import { IconUserPlus } from '@/icons';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, path } from '@/api/client';
import { fieldError } from '@/api/problem';
import { meQuery, registrationQuery, usersQuery } from '@/api/queries';
import type { SystemRole, User } from '@/api/types';
import { DataTable } from '@/parts/DataTable';
import { plural } from '@/parts/format';
import { Mark } from '@/parts/Mark';
import { done, failed } from '@/parts/notify';
import { Page } from '@/parts/Page';
import { ProblemPanel } from '@/parts/ProblemPanel';
import { RelativeTime } from '@/parts/RelativeTime';
import { RowsSkeleton } from '@/parts/Rows';
import { Invitations } from './Invitations';
import { HINTS, ROLES } from './roles';
import { UserActions } from './UserActions';

export function UsersPage() {
  const client = useQueryClient();
  const { data: me } = useQuery(meQuery);
  const { data, error, refetch } = useQuery(usersQuery);
  const { data: house } = useQuery(registrationQuery);
  const [creating, setCreating] = useState(false);
  const change = useMutation({
    mutationFn: ({ user, part }: { user: User; part: Partial<Pick<User, 'role' | 'disabled' | 'display_name'>> }) => api.patch<User>(path`/users/${user.id}`, part),
    onSuccess: (user, { part }) => {
      void client.invalidateQueries({ queryKey: usersQuery.queryKey });
      done(part.disabled === undefined ? `${user.display_name} is now ${user.role}` : `${user.display_name} ${user.disabled ? 'can no longer sign in' : 'can sign in again'}`);
    },
    onError: (failure) => failed('The account was not changed', failure),
  });
  return (
    <Page
      title="Users"
      description="Who can sign in. What they may do in a project is set by the project."
      actions={<Button leftSection={<IconUserPlus size={16} aria-hidden />} onClick={() => setCreating(true)}>Create user</Button>}
    >
      {error ? (
        <ProblemPanel error={error} title="The users could not be loaded" onRetry={() => void refetch()} />
      ) : !data ? (
        <RowsSkeleton />
      ) : (
        <>
          <Text c="dimmed" mb={12}>{plural(data.length, 'user')}</Text>
          <DataTable label="Users" head={<><th>Name</th><th>E-mail</th><th>Role</th><th>Created</th><th>Can sign in</th><th data-actions><span className="visually-hidden">Actions</span></th></>}>
            {data.map((user) => {
              const self = user.id === me?.user.id;
              return (
                <tr key={user.id}>
                  <td className="user-text"><Group gap={8} wrap="nowrap"><span>{user.display_name}</span>{self && <Mark>you</Mark>}{user.disabled && <Mark tone="warn">disabled</Mark>}</Group></td>
                  <td className="user-text">{user.email}</td>
                  <td>
                    <Select
                      size="xs"
                      w={120}
                      aria-label={`Role of ${user.display_name}`}
                      data={ROLES}
                      value={user.role}
                      disabled={self || change.isPending}
                      title={self ? 'Another admin can change your role.' : undefined}
                      onChange={(role) => role && role !== user.role && change.mutate({ user, part: { role: role as SystemRole } })}
                    />
                  </td>
                  <td><RelativeTime time={user.created_at} /></td>
                  <td>
                    <Switch
                      size="sm"
                      aria-label={`${user.display_name} can sign in`}
                      checked={!user.disabled}
                      disabled={self || change.isPending}
                      title={self ? 'Another admin can disable your account.' : undefined}
                      onChange={(event) => change.mutate({ user, part: { disabled: !event.currentTarget.checked } })}
                    />
                  </td>
                  <td data-actions><UserActions user={user} /></td>
                </tr>
              );
            })}
          </DataTable>
        </>
      )}
      {house && house.registration !== 'closed' && <Box mt={24}><Invitations /></Box>}
      <CreateUser opened={creating} onClose={() => setCreating(false)} />
    </Page>
  );
}

const EMPTY = { email: '', display_name: '', password: '', role: 'user' as SystemRole };

function CreateUser({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [form, setForm] = useState(EMPTY);
  const client = useQueryClient();
  const create = useMutation({
    mutationFn: () => api.post<User>('/users', { ...form, email: form.email.trim(), display_name: form.display_name.trim() }),
    onSuccess: (user) => {
      void client.invalidateQueries({ queryKey: usersQuery.queryKey });
      done(`${user.display_name} can sign in now`);
      onClose();
    },
  });
  const error = (field: string) => fieldError(create.error, field);
  return (
    <Modal opened={opened} onClose={onClose} title="Create user" onExitTransitionEnd={() => { setForm(EMPTY); create.reset(); }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <Stack gap={16}>
          <TextInput label="Name" required withAsterisk={false} data-autofocus maxLength={200} value={form.display_name} onChange={(event) => setForm({ ...form, display_name: event.currentTarget.value })} error={error('display_name')} />
          <TextInput label="E-mail" type="email" required withAsterisk={false} autoComplete="off" value={form.email} onChange={(event) => setForm({ ...form, email: event.currentTarget.value })} error={error('email')} />
          <PasswordInput label="First password" required withAsterisk={false} autoComplete="new-password" description="Give it to them by a way you trust; they can change it under Account." value={form.password} onChange={(event) => setForm({ ...form, password: event.currentTarget.value })} error={error('password')} />
          <Select label="Role" data={ROLES} value={form.role} description={HINTS[form.role]} onChange={(role) => role && setForm({ ...form, role: role as SystemRole })} />
          {create.isError && <ProblemPanel error={create.error} title="The user was not created" unchanged compact />}
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button type="submit" loading={create.isPending} disabled={!form.email.trim() || !form.display_name.trim() || !form.password}>Create user</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
