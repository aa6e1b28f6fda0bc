/** Place and size by numbers: the keyboard's way to arrange a dashboard. */
import { Button, Group, Modal, NumberInput, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { Component, Layout } from '@/api/types';
import { COLUMNS } from '../layout';

interface Props {
  component: Component;
  onClose: () => void;
  onPlace: (layout: Layout) => void;
}

export function PositionForm({ component, onClose, onPlace }: Props) {
  const [layout, setLayout] = useState(component.layout);
  const field = (key: keyof Layout, label: string, min: number, max: number) => (
    <NumberInput label={label} min={min} max={max} clampBehavior="strict" allowDecimal={false} value={layout[key]} onChange={(value) => typeof value === 'number' && setLayout({ ...layout, [key]: value })} />
  );
  return (
    <Modal opened onClose={onClose} title={<span className="user-text">Position of {component.title || 'text'}</span>}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onPlace(layout);
          onClose();
        }}
      >
        <Stack gap={16}>
          <Text c="dimmed">The grid has {COLUMNS} columns. What stands in the way moves down.</Text>
          <Group grow>{field('x', 'Column from the left', 0, COLUMNS - 1)}{field('y', 'Row from the top', 0, 500)}</Group>
          <Group grow>{field('w', 'Width in columns', 1, COLUMNS)}{field('h', 'Height in rows', 1, 60)}</Group>
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button type="submit">Place</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
