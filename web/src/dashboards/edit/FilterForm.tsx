/** A filter of the panel: its column and its kind, which the column's type decides. */
import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Collection, ColumnType, Widget, WidgetKind } from '@/api/types';
import { isNumeric, isTemporal } from '@/parts/format';
import { newId } from '../content';

interface Props {
  collections: Collection[];
  widget: Widget | null;
  onClose: () => void;
  onApply: (widget: Widget) => void;
  onRemove?: () => void;
}

const KINDS: Record<WidgetKind, string> = { multi_select: 'Choose values', range: 'Range of numbers', date_range: 'Range of days', search: 'Text contains' };

export function kindsFor(type: ColumnType | undefined): WidgetKind[] {
  if (type === undefined) return ['multi_select'];
  if (isNumeric(type)) return ['range', 'multi_select'];
  if (isTemporal(type)) return ['date_range'];
  return type === 'bool' ? ['multi_select'] : ['multi_select', 'search'];
}

export function FilterForm({ collections, widget, onClose, onApply, onRemove }: Props) {
  const filled = collections.filter((collection) => collection.columns.length > 0);
  const [collection, setCollection] = useState(widget?.collection ?? filled[0]?.id ?? '');
  const columns = collections.find((item) => item.id === collection)?.columns ?? [];
  const [column, setColumn] = useState(widget?.column ?? '');
  const kinds = kindsFor(columns.find((item) => item.name === column)?.type);
  const [kind, setKind] = useState<WidgetKind>(widget?.kind ?? 'multi_select');
  const [label, setLabel] = useState(widget?.label ?? '');
  const ready = collection && column;
  return (
    <Modal opened onClose={onClose} title={widget ? 'Edit filter' : 'Add filter'}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!ready) return;
          onApply({ id: widget?.id ?? newId('flt'), collection, column, kind: kinds.includes(kind) ? kind : (kinds[0] ?? 'multi_select'), label: label.trim() || column });
          onClose();
        }}
      >
        <Stack gap={16}>
          <Select label="Collection" data={filled.map((item) => ({ value: item.id, label: item.name }))} value={collection || null} onChange={(next) => { setCollection(next ?? ''); setColumn(''); }} />
          <Select
            label="Column"
            searchable
            data={columns.map((item) => item.name)}
            value={column || null}
            onChange={(next) => {
              setColumn(next ?? '');
              setKind(kindsFor(columns.find((item) => item.name === next)?.type)[0] ?? 'multi_select');
              if (!label || label === column) setLabel(next ?? '');
            }}
          />
          <Select label="Kind" data={kinds.map((value) => ({ value, label: KINDS[value] }))} value={kinds.includes(kind) ? kind : (kinds[0] ?? null)} onChange={(next) => next && setKind(next as WidgetKind)} />
          <TextInput label="Label" maxLength={200} value={label} onChange={(event) => setLabel(event.currentTarget.value)} />
          <Group justify="flex-end" gap={8}>
            {onRemove && <Button variant="subtle" c="var(--d-bad)" mr="auto" onClick={() => { onRemove(); onClose(); }}>Remove filter</Button>}
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button type="submit" disabled={!ready}>{widget ? 'Apply' : 'Add filter'}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
