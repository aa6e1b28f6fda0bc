/** Few values: a list one can tick, each with its count. Many: a field that searches on the server. */
import { Checkbox, MultiSelect, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { distinctQuery } from '@/api/queries';
import type { Cell } from '@/api/types';
import { cell, count } from '@/parts/format';
import { ProblemPanel } from '@/parts/ProblemPanel';
import classes from '../dashboards.module.css';
import { ControlSkeleton, type ControlProps } from './control';

const LISTED_MAX = 8;

export function MultiSelectFilter({ project, widget, type, value, onChange }: ControlProps) {
  const [search, setSearch] = useState('');
  const [asked] = useDebouncedValue(search, 250);
  const { data, error, refetch } = useQuery({
    ...distinctQuery(project, widget.collection, widget.column, asked),
    placeholderData: keepPreviousData,
  });
  const chosen = value && 'in' in value ? value.in : [];
  const set = (next: Cell[]) => onChange(next.length ? { in: next } : null);

  if (error) return <ProblemPanel error={error} title="The values could not be loaded" compact onRetry={() => void refetch()} />;
  if (!data) return <ControlSkeleton />;
  // Rows without a value are not offered: `in` does not match them.
  const items = data.items.filter((item) => item.value !== null);
  const show = (item: Cell) => cell(item, type ?? 'string');

  if (data.total <= LISTED_MAX && !search) {
    return (
      <div className={classes.facets}>
        {items.map((item) => (
          <div key={JSON.stringify(item.value)} className={classes.facet}>
            <Checkbox
              size="xs"
              label={show(item.value)}
              checked={chosen.includes(item.value)}
              onChange={(event) => set(event.currentTarget.checked ? [...chosen, item.value] : chosen.filter((other) => other !== item.value))}
            />
            <span className={classes.facetCount} title={`${count(item.count)} rows`}>{count(item.count)}</span>
          </div>
        ))}
        {items.length === 0 && <Text size="xs" c="dimmed">This column has no values.</Text>}
      </div>
    );
  }
  const values = new Map<string, { value: Cell; count?: number }>();
  for (const item of items) values.set(JSON.stringify(item.value), item);
  for (const item of chosen) if (!values.has(JSON.stringify(item))) values.set(JSON.stringify(item), { value: item });
  return (
    <>
      <MultiSelect
        aria-label={widget.label}
        placeholder={chosen.length ? undefined : 'All'}
        searchable
        clearable
        hidePickedOptions={false}
        nothingFoundMessage="No such value"
        maxDropdownHeight={320}
        limit={200}
        data={[...values].map(([key, item]) => ({ value: key, label: show(item.value) }))}
        value={chosen.map((item) => JSON.stringify(item))}
        onChange={(next) => set(next.map((key) => values.get(key)?.value ?? null).filter((item) => item !== null))}
        searchValue={search}
        onSearchChange={setSearch}
        renderOption={({ option, checked }) => (
          <span className={classes.option} data-checked={checked || undefined}>
            <span className="user-text">{option.label}</span>
            <span className={classes.facetCount}>{values.get(option.value)?.count === undefined ? '' : count(values.get(option.value)?.count ?? 0)}</span>
          </span>
        )}
      />
      {data.truncated && <Text size="xs" c="dimmed">The most frequent of {count(data.total)} values; type to find others.</Text>}
    </>
  );
}
