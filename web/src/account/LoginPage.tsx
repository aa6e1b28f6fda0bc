/** Sign in, and back to where one was. */
import { Alert, Button, PasswordInput, Stack, TextInput, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '@/api/client';
import { ApiError, sentence } from '@/api/problem';
import { keys, meQuery } from '@/api/queries';
import { keepAlive } from '@/api/session';
import { Logo } from '@/shell/Logo';
import classes from './account.module.css';
import { safeNext } from './next';

function explain(error: unknown): string {
  if (error instanceof ApiError && error.code === 'bad_credentials') return 'The e-mail or the password is wrong.';
  if (error instanceof ApiError && error.status === 429) return 'Too many tries. Wait a minute, then try again.';
  return sentence(error);
}

export function LoginPage() {
  useDocumentTitle('Sign in · Depictio');
  const { next } = useSearch({ from: '/login' });
  const router = useRouter();
  const client = useQueryClient();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const login = useMutation({
    mutationFn: () => api.post('/auth/login', { email: email.trim(), password }),
    onSuccess: async () => {
      client.removeQueries({ queryKey: keys.me });
      const me = await client.fetchQuery(meQuery);
      keepAlive(me.expires_in);
      router.history.push(safeNext(next));
    },
  });
  return (
    <main className={classes.login}>
      <form
        className={classes.loginCard}
        onSubmit={(event) => {
          event.preventDefault();
          login.mutate();
        }}
      >
        <Stack gap={16}>
          <div className={classes.loginBrand}>
            <Logo size={36} />
            <Title order={1}>Sign in to Depictio</Title>
          </div>
          {login.isError && <Alert color="red" role="alert" variant="light" className={classes.loginError}>{explain(login.error)}</Alert>}
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
          <Button type="submit" fullWidth loading={login.isPending}>Sign in</Button>
        </Stack>
      </form>
      <p className={classes.loginFoot}>Accounts are made by your administrator.</p>
    </main>
  );
}
