/** One filter: its label, its control, a way to clear it. */
import { ActionIcon, Text, TextInput, Tooltip } from '@mantine/core';
import { IconPencil, IconX } from '@/icons';
import { useEffect, useId, useState } from 'react';
import classes from '../dashboards.module.css';
import { DateRangeFilter } from './DateRangeFilter';
import { MultiSelectFilter } from './MultiSelectFilter';
import { RangeFilter } from './RangeFilter';
import type { ControlProps } from './control';
import { isEmpty } from './state';

export function FilterWidget({ onEdit, ...props }: ControlProps & { onEdit?: () => void }) {
  const { widget, value, onChange } = props;
  const id = useId();
  return (
    <section className={classes.filter} role="group" aria-labelledby={id}>
      <div className={classes.filterHead}>
        <Text fw={600} id={id} className="user-text">{widget.label}</Text>
        {!isEmpty(value) && (
          <Tooltip label="Clear">
            <ActionIcon size="sm" aria-label={`Clear ${widget.label}`} onClick={() => onChange(null)}><IconX size={14} /></ActionIcon>
          </Tooltip>
        )}
        {onEdit && (
          <ActionIcon size="sm" aria-label={`Edit filter ${widget.label}`} onClick={onEdit}><IconPencil size={14} /></ActionIcon>
        )}
      </div>
      {widget.kind === 'multi_select' && <MultiSelectFilter {...props} />}
      {widget.kind === 'range' && <RangeFilter {...props} />}
      {widget.kind === 'date_range' && <DateRangeFilter {...props} />}
      {widget.kind === 'search' && <SearchFilter {...props} />}
    </section>
  );
}

function SearchFilter({ widget, value, onChange }: ControlProps) {
  const stored = value && 'text' in value ? value.text : '';
  const [text, setText] = useState(stored);
  useEffect(() => setText(stored), [stored]);
  useEffect(() => {
    if (text === stored) return;
    const timer = setTimeout(() => onChange(text.trim() ? { text } : null), 300);
    return () => clearTimeout(timer);
  }, [text, stored, onChange]);
  return <TextInput aria-label={`${widget.label} contains`} placeholder="Contains" value={text} onChange={(event) => setText(event.currentTarget.value)} />;
}
