import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { DashboardTab } from '@/api/types';

interface Props {
  tab: DashboardTab | null;
  onClose: () => void;
  onApply: (title: string) => void;
  onRemove?: () => void;
}

export function TabForm({ tab, onClose, onApply, onRemove }: Props) {
  const [title, setTitle] = useState(tab?.title ?? '');
  return (
    <Modal opened onClose={onClose} title={tab ? 'Edit tab' : 'Add tab'}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onApply(title.trim());
          onClose();
        }}
      >
        <Stack gap={16}>
          <TextInput label="Title" required maxLength={200} data-autofocus value={title} onChange={(event) => setTitle(event.currentTarget.value)} />
          <Group justify="flex-end" gap={8}>
            {onRemove && <Button variant="subtle" c="var(--d-bad)" mr="auto" onClick={() => { onRemove(); onClose(); }}>Remove tab</Button>}
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button type="submit" disabled={!title.trim()}>{tab ? 'Apply' : 'Add tab'}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
