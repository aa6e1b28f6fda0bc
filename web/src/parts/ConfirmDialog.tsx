/** Asks before what cannot be undone, by the thing's name. */
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';

interface Props {
  opened: boolean;
  onClose: () => void;
  title: string;
  children: React.ReactNode;
  /** The button's verb: "Delete project". */
  verb: string;
  /** When set, the name must be typed. */
  name?: string;
  busy?: boolean;
  onConfirm: () => void;
}

export function ConfirmDialog({ opened, onClose, title, children, verb, name, busy, onConfirm }: Props) {
  const [typed, setTyped] = useState('');
  const ready = name === undefined || typed === name;
  return (
    <Modal opened={opened} onClose={onClose} title={title} onExitTransitionEnd={() => setTyped('')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) onConfirm();
        }}
      >
        <Stack gap={16}>
          <Text component="div" className="user-text">{children}</Text>
          {name !== undefined && (
            <TextInput
              label={<>Type <strong className="user-text">{name}</strong> to confirm</>}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              autoComplete="off"
              data-autofocus
            />
          )}
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button type="submit" color="red.8" loading={busy} disabled={!ready}>{verb}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
