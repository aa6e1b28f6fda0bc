/** The filters of a tab: 280 px on the left, resizable, folds to a rail that still shows how many are active. */
import { ActionIcon, Button, Text, Tooltip } from '@mantine/core';
import { IconFilter, IconLayoutSidebarLeftCollapse, IconPlus } from '@/icons';
import { useState, type KeyboardEvent, type PointerEvent } from 'react';
import type { Widget } from '@/api/types';
import classes from '../dashboards.module.css';
import { activeCount, type FilterState, type FilterValue, type TypeOf } from './state';
import { FilterWidget } from './FilterWidget';

const WIDTH = 'depictio.filters.width';
const FOLDED = 'depictio.filters.folded';
const MIN = 220;
const MAX = 480;

interface Props {
  project: string;
  widgets: Widget[];
  state: FilterState;
  typeOf: TypeOf;
  onChange: (id: string, value: FilterValue | null) => void;
  onClear: () => void;
  editing?: { onAdd: () => void; onEdit: (widget: Widget) => void };
}

export function FilterPanel({ project, widgets, state, typeOf, onChange, onClear, editing }: Props) {
  const [width, setWidth] = useState(() => Math.min(MAX, Math.max(MIN, Number(localStorage.getItem(WIDTH)) || 280)));
  const [folded, setFolded] = useState(() => (localStorage.getItem(FOLDED) ?? (matchMedia('(max-width: 767px)').matches ? 'yes' : 'no')) === 'yes');
  const active = activeCount(widgets, state);

  function fold(next: boolean) {
    setFolded(next);
    localStorage.setItem(FOLDED, next ? 'yes' : 'no');
  }
  function resize(next: number) {
    const clamped = Math.min(MAX, Math.max(MIN, next));
    setWidth(clamped);
    localStorage.setItem(WIDTH, String(clamped));
  }
  function onPointerDown(event: PointerEvent<HTMLDivElement>) {
    const start = event.clientX - width;
    const target = event.currentTarget;
    target.setPointerCapture(event.pointerId);
    const move = (next: globalThis.PointerEvent) => resize(next.clientX - start);
    target.addEventListener('pointermove', move);
    target.addEventListener('pointerup', () => target.removeEventListener('pointermove', move), { once: true });
  }
  function onKeyDown(event: KeyboardEvent) {
    if (event.key === 'ArrowLeft') resize(width - 16);
    if (event.key === 'ArrowRight') resize(width + 16);
  }

  if (folded) {
    return (
      <aside className={classes.filtersFolded} aria-label="Filters">
        <Tooltip label={active ? `Show filters, ${active} active` : 'Show filters'} position="right">
          <ActionIcon size="lg" onClick={() => fold(false)} aria-label={active ? `Show filters, ${active} active` : 'Show filters'}>
            <IconFilter size={18} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
        {active > 0 && <span className={classes.filterCount} aria-hidden>{active}</span>}
      </aside>
    );
  }
  return (
    <aside className={classes.filters} aria-label="Filters" style={{ width }}>
      <div className={classes.filtersHead}>
        <Text fw={600}>Filters</Text>
        {active > 0 && <span className={classes.filterCount}>{active}</span>}
        {active > 0 && <Button size="compact-xs" variant="subtle" onClick={onClear} ml="auto">Clear all</Button>}
        <Tooltip label="Fold the filters">
          <ActionIcon ml={active > 0 ? 0 : 'auto'} onClick={() => fold(true)} aria-label="Fold the filters"><IconLayoutSidebarLeftCollapse size={18} stroke={1.6} /></ActionIcon>
        </Tooltip>
      </div>
      <div className={classes.filterList}>
        {widgets.map((widget) => (
          <FilterWidget
            key={widget.id}
            project={project}
            widget={widget}
            type={typeOf(widget.collection, widget.column)}
            value={state[widget.id]}
            onChange={(value) => onChange(widget.id, value)}
            onEdit={editing ? () => editing.onEdit(widget) : undefined}
          />
        ))}
        {editing && (
          <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />} onClick={editing.onAdd}>Add filter</Button>
        )}
      </div>
      {/* A separator that can be moved by pointer and by arrow keys. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <div
        className={classes.filtersGrip}
        role="separator"
        aria-orientation="vertical"
        aria-label="Width of the filters"
        aria-valuenow={width}
        aria-valuemin={MIN}
        aria-valuemax={MAX}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        onPointerDown={onPointerDown}
        onKeyDown={onKeyDown}
      />
    </aside>
  );
}
