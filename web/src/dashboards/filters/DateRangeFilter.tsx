/** A range of days; either end may stay open. The browser's own date field: keyboard, locale and screen readers included. */
import { Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { rangeQuery } from '@/api/queries';
import { ProblemPanel } from '@/parts/ProblemPanel';
import classes from '../dashboards.module.css';
import { ControlSkeleton, type ControlProps } from './control';

export function DateRangeFilter({ project, widget, value, onChange }: ControlProps) {
  const { data, error, refetch } = useQuery(rangeQuery(project, widget.collection, widget.column));
  if (error) return <ProblemPanel error={error} title="The range could not be loaded" compact onRetry={() => void refetch()} />;
  if (!data) return <ControlSkeleton lines={2} />;
  if (data.min === null || data.max === null) return <Text size="xs" c="dimmed">This column has no values.</Text>;
  const min = String(data.min).slice(0, 10);
  const max = String(data.max).slice(0, 10);
  const from = value && 'from' in value ? value.from : null;
  const to = value && 'from' in value ? value.to : null;
  const set = (low: string | number | null, high: string | number | null) => onChange(low === null && high === null ? null : { from: low, to: high });
  return (
    <div className={classes.dates}>
      <TextInput
        type="date"
        size="xs"
        label="From"
        aria-label={`${widget.label} from`}
        min={min}
        max={max}
        value={from === null ? '' : String(from)}
        onChange={(event) => set(event.currentTarget.value || null, to)}
      />
      <TextInput
        type="date"
        size="xs"
        label="To"
        aria-label={`${widget.label} to`}
        min={min}
        max={max}
        value={to === null ? '' : String(to)}
        onChange={(event) => set(from, event.currentTarget.value || null)}
      />
      <Text size="xs" c="dimmed" className={classes.datesSpan}>Data from {dayText(min)} to {dayText(max)}</Text>
    </div>
  );
}

function dayText(day: string): string {
  const date = new Date(`${day}T00:00:00`);
  return Number.isNaN(date.getTime()) ? day : date.toLocaleDateString(undefined, { dateStyle: 'medium' });
}
