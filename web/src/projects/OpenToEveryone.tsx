/** Opens a project to whoever reaches the server, once it was said what that means. */
import { Button } from '@mantine/core';
import { IconWorld } from '@/icons';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { ConfirmDialog } from '@/parts/ConfirmDialog';
import { done } from '@/parts/notify';
import { EVERYONE, explain, removeMember, setRole } from './members';

export function OpenToEveryone({ project, onChanged }: { project: string; onChanged: () => void }) {
  const [asked, setAsked] = useState(false);
  const close = () => void removeMember(project, EVERYONE).then(onChanged).catch((failure: unknown) => explain('The project was not closed again', failure));
  const open = useMutation({
    mutationFn: () => setRole(project, EVERYONE, 'viewer'),
    onSuccess: () => {
      onChanged();
      done('The project is open to everyone', close);
    },
    onError: (failure) => explain('The project was not opened', failure),
    onSettled: () => setAsked(false),
  });
  return (
    <>
      <Button variant="default" leftSection={<IconWorld size={16} aria-hidden />} onClick={() => setAsked(true)}>Open to everyone</Button>
      <ConfirmDialog opened={asked} onClose={() => setAsked(false)} title="Open to everyone" verb="Open project" busy={open.isPending} onConfirm={() => open.mutate()}>
        Anyone who reaches this server can look at the dashboards of this project, query its data and download it, without signing in.
      </ConfirmDialog>
    </>
  );
}
