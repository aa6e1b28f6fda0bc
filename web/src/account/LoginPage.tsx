/** Sign in, and back to where one was. */
import { Alert, Anchor, Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useRouter, useSearch } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { api } from '@/api/client';
import { ApiError, sentence } from '@/api/problem';
import { registrationQuery } from '@/api/queries';
import type { Registration } from '@/api/types';
import classes from './account.module.css';
import { enter } from './arrive';
import { Door } from './Door';
import { safeNext } from './next';
import { OpenProjects } from './OpenProjects';

function explain(error: unknown): string {
  if (error instanceof ApiError && error.code === 'bad_credentials') return 'The e-mail or the password is wrong.';
  if (error instanceof ApiError && error.status === 429) return 'Too many tries. Wait a minute, then try again.';
  return sentence(error);
}

/** How one comes by an account here. */
function foot(house: Registration | undefined): ReactNode {
  if (house?.single_user) return 'For the one person who works on this computer. It needs no password.';
  if (house?.registration === 'open') return <>New here? <Anchor underline="always" component={Link} to="/invitation">Make an account</Anchor></>;
  return house?.registration === 'invite' ? 'A new account needs an invitation.' : 'Accounts are made by your administrator.';
}

export function LoginPage() {
  const { next } = useSearch({ from: '/login' });
  const router = useRouter();
  const client = useQueryClient();
  const { data: house } = useQuery(registrationQuery);
  const alone = house?.single_user === true;
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const login = useMutation({
    mutationFn: () => (alone ? api.post('/auth/single-user') : api.post('/auth/login', { email: email.trim(), password })),
    onSuccess: async () => {
      await enter(client);
      router.history.push(safeNext(next));
    },
  });
  return (
    <Door
      title="Sign in to Depictio"
      onSubmit={() => login.mutate()}
      foot={foot(house)}
      below={<OpenProjects />}
    >
      {login.isError && <Alert color="red" role="alert" variant="light" className={classes.loginError}>{explain(login.error)}</Alert>}
      {!alone && (
        <>
          <TextInput
            label="E-mail"
            type="email"
            name="email"
            autoComplete="username"
            required
            withAsterisk={false}
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <PasswordInput
            label="Password"
            name="password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
        </>
      )}
      <Button type="submit" fullWidth loading={login.isPending}>Sign in</Button>
    </Door>
  );
}
