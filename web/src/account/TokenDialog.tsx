/** Makes a token: what it is for, how long it lives, one's password; then the token, shown once. */
import { Button, Group, Modal, PasswordInput, Select, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { ApiError, fieldError } from '@/api/problem';
import { ProblemPanel } from '@/parts/ProblemPanel';
import { Secret } from '@/parts/Secret';

const DAYS = [7, 30, 90, 365].map((days) => ({ value: String(days), label: days === 365 ? 'a year' : `${days} days` }));
const EMPTY = { days: '30', password: '' };

export interface Life {
  expires_in_days: number;
  current_password: string;
}

interface Props {
  opened: boolean;
  onClose: () => void;
  /** Once it is gone from the screen. */
  onClosed?: () => void;
  /** The title and the button's verb: "Make token". */
  verb: string;
  /** The title above what is shown once. */
  made: string;
  /** What happened when it failed. */
  failure: string;
  /** Whether what is asked for besides is there. */
  ready?: boolean;
  make: (life: Life) => Promise<{ token: string }>;
  onMade: () => void;
  /** What is asked for besides, with the error of each field. */
  children: (error: (field: string) => string | undefined) => ReactNode;
}

export function TokenDialog({ opened, onClose, onClosed, verb, made, failure, ready = true, make, onMade, children }: Props) {
  const [form, setForm] = useState(EMPTY);
  const making = useMutation({
    mutationFn: () => make({ expires_in_days: Number(form.days), current_password: form.password }),
    onSuccess: onMade,
  });
  const wrong = making.error instanceof ApiError && making.error.code === 'bad_credentials';
  const error = (field: string) => fieldError(making.error, field);
  return (
    <Modal opened={opened} onClose={onClose} title={making.data ? made : verb} closeOnClickOutside={!making.data} onExitTransitionEnd={() => { setForm(EMPTY); making.reset(); onClosed?.(); }}>
      {making.data ? (
        <Stack gap={16}>
          <Secret label="Token" value={making.data.token}>It is shown this once. Keep it where your program reads its secrets, and send it as “Authorization: Bearer …”.</Secret>
          <Group justify="flex-end"><Button onClick={onClose}>Done</Button></Group>
        </Stack>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            making.mutate();
          }}
        >
          <Stack gap={16}>
            {children(error)}
            <Select label="Lives" allowDeselect={false} data={DAYS} value={form.days} onChange={(days) => days && setForm({ ...form, days })} error={error('expires_in_days')} />
            <PasswordInput label="Your password" description="A session alone makes no token." required withAsterisk={false} autoComplete="current-password" value={form.password} onChange={(event) => setForm({ ...form, password: event.currentTarget.value })} error={wrong && 'This is not your password.'} />
            {making.isError && !wrong && <ProblemPanel error={making.error} title={failure} unchanged compact />}
            <Group justify="flex-end" gap={8}>
              <Button variant="default" onClick={onClose}>Cancel</Button>
              <Button type="submit" loading={making.isPending} disabled={!ready || !form.password}>{verb}</Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
