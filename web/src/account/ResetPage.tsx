/** A new password, by a link that an administrator made. */
import { Alert, Anchor, Button, PasswordInput, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '@/api/client';
import { fieldError, sentence } from '@/api/problem';
import { linkQuery } from '@/api/queries';
import { done } from '@/parts/notify';
import classes from './account.module.css';
import { Door } from './Door';
import { secretOfAddress } from './secretOfAddress';

export function ResetPage() {
  const [token] = useState(secretOfAddress);
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const navigate = useNavigate();
  const link = useQuery(linkQuery(token));
  const reset = useMutation({
    mutationFn: () => api.post('/auth/reset', { token, new_password: next }),
    onSuccess: () => {
      done('Password set. Sign in with it.');
      void navigate({ to: '/login' });
    },
  });
  const differs = again !== '' && again !== next;
  if (!token || link.error || (link.data && link.data.purpose !== 'reset')) {
    return (
      <Door title="This link does not work" foot={<Anchor underline="always" component={Link} to="/login">Sign in</Anchor>}>
        <Text>{link.error ? sentence(link.error) : 'Open the link as you were given it, or ask your administrator for a new one.'}</Text>
      </Door>
    );
  }
  return (
    <Door title="Set a new password" onSubmit={() => reset.mutate()} foot="All your sessions and tokens end with it.">
      {link.data?.email && <Text className="user-text">For {link.data.email}</Text>}
      {reset.isError && !fieldError(reset.error, 'new_password') && <Alert color="red" role="alert" variant="light" className={classes.loginError}>{sentence(reset.error)}</Alert>}
      <input type="text" name="username" autoComplete="username" value={link.data?.email ?? ''} readOnly hidden />
      <PasswordInput label="New password" autoComplete="new-password" required withAsterisk={false} value={next} onChange={(event) => setNext(event.currentTarget.value)} error={fieldError(reset.error, 'new_password')} description="Long and not used elsewhere. A sentence of several words is good." />
      <PasswordInput label="New password again" autoComplete="new-password" required withAsterisk={false} value={again} onChange={(event) => setAgain(event.currentTarget.value)} error={differs && 'The two differ.'} />
      <Button type="submit" fullWidth loading={reset.isPending} disabled={!next || again !== next}>Set password</Button>
    </Door>
  );
}
