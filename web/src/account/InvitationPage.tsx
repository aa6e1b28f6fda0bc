/** A new account: by an invitation, or by nothing where the server is open to everybody. */
import { Alert, Anchor, Button, PasswordInput, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '@/api/client';
import { fieldError, sentence } from '@/api/problem';
import { linkQuery, registrationQuery } from '@/api/queries';
import type { User } from '@/api/types';
import classes from './account.module.css';
import { enter } from './arrive';
import { Door } from './Door';
import { secretOfAddress } from './secretOfAddress';

const FIELDS = ['display_name', 'email', 'password'];

export function InvitationPage() {
  const [token] = useState(secretOfAddress);
  const [form, setForm] = useState({ display_name: '', email: '', password: '' });
  const router = useRouter();
  const client = useQueryClient();
  const { data: house } = useQuery(registrationQuery);
  const link = useQuery(linkQuery(token));
  const named = link.data?.email ?? null;
  const register = useMutation({
    mutationFn: async () => {
      const user = await api.post<User>('/auth/register', {
        token,
        display_name: form.display_name.trim(),
        email: named ?? form.email.trim(),
        password: form.password,
      });
      await api.post('/auth/login', { email: user.email, password: form.password });
    },
    onSuccess: async () => {
      await enter(client);
      router.history.push('/projects');
    },
  });
  const error = (field: string) => fieldError(register.error, field);
  const uninvited = !token && house && house.registration !== 'open';
  if (uninvited || link.error || (link.data && link.data.purpose !== 'invitation')) {
    return (
      <Door title={token ? 'This link does not work' : 'An invitation is needed'} foot={<Anchor underline="always" component={Link} to="/login">Sign in</Anchor>}>
        <Text>{link.error ? sentence(link.error) : 'Open the link as you were given it, or ask your administrator for one.'}</Text>
      </Door>
    );
  }
  return (
    <Door title="Make your account" onSubmit={() => register.mutate()} foot={<>You have one? <Anchor underline="always" component={Link} to="/login">Sign in</Anchor></>}>
      {register.isError && !FIELDS.some(error) && <Alert color="red" role="alert" variant="light" className={classes.loginError}>{sentence(register.error)}</Alert>}
      <TextInput label="Name" name="name" autoComplete="name" required withAsterisk={false} maxLength={200} value={form.display_name} onChange={(event) => setForm({ ...form, display_name: event.currentTarget.value })} error={error('display_name')} />
      <TextInput label="E-mail" type="email" name="email" autoComplete="username" required withAsterisk={false} readOnly={named !== null} value={named ?? form.email} onChange={(event) => setForm({ ...form, email: event.currentTarget.value })} error={error('email')} />
      <PasswordInput label="Password" name="password" autoComplete="new-password" required withAsterisk={false} description="Long and not used elsewhere. A sentence of several words is good." value={form.password} onChange={(event) => setForm({ ...form, password: event.currentTarget.value })} error={error('password')} />
      <Button type="submit" fullWidth loading={register.isPending} disabled={!form.display_name.trim() || !(named ?? form.email.trim()) || !form.password}>Make account</Button>
    </Door>
  );
}
