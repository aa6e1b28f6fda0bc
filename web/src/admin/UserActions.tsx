/** What an administrator does for one person: a link for a new password, and the end of all that is open. */
import { Button, Group, Modal, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, path } from '@/api/client';
import type { MadeLink, User } from '@/api/types';
import { ConfirmDialog } from '@/parts/ConfirmDialog';
import { done, failed } from '@/parts/notify';
import { Secret } from '@/parts/Secret';
import { linkOf } from './Invitations';
import { Mailed } from './Mailed';

export function UserActions({ user }: { user: User }) {
  const [ending, setEnding] = useState(false);
  const reset = useMutation({
    mutationFn: () => api.post<MadeLink>(path`/users/${user.id}/reset-link`),
    onError: (failure) => failed('No link was made', failure),
  });
  const end = useMutation({
    mutationFn: () => api.delete(path`/users/${user.id}/sessions`),
    onSuccess: () => {
      setEnding(false);
      done(`${user.display_name} is signed out everywhere`);
    },
    onError: (failure) => failed('Nothing was ended', failure),
  });
  return (
    <Group gap={4} wrap="nowrap" justify="flex-end">
      <Button size="xs" variant="subtle" loading={reset.isPending} disabled={user.disabled} onClick={() => reset.mutate()}>Reset link<span className="visually-hidden"> for {user.display_name}</span></Button>
      <Button size="xs" variant="subtle" c="var(--d-bad)" onClick={() => setEnding(true)}>Sign out<span className="visually-hidden"> {user.display_name} everywhere</span></Button>
      <Modal opened={reset.data !== undefined} onClose={() => reset.reset()} title="Link for a new password" closeOnClickOutside={false}>
        {reset.data && (
          <Stack gap={16}>
            <Secret label="Link" value={linkOf(reset.data)}>It is shown this once, good once and for a day. Hand it to {user.display_name} by a way you trust.</Secret>
            <Mailed made={reset.data} />
            <Group justify="flex-end"><Button onClick={() => reset.reset()}>Done</Button></Group>
          </Stack>
        )}
      </Modal>
      <ConfirmDialog opened={ending} onClose={() => setEnding(false)} title="Sign out everywhere?" verb="End all" busy={end.isPending} onConfirm={() => end.mutate()}>
        All sessions and tokens of {user.display_name} end at once. The password stays as it is.
      </ConfirmDialog>
    </Group>
  );
}
