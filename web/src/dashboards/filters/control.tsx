/** What every filter control takes, and its place while it loads. */
import { Skeleton } from '@mantine/core';
import type { ColumnType, Widget } from '@/api/types';
import classes from '../dashboards.module.css';
import type { FilterValue } from './state';

export interface ControlProps {
  project: string;
  widget: Widget;
  type: ColumnType | undefined;
  value: FilterValue | undefined;
  onChange: (value: FilterValue | null) => void;
}

export function ControlSkeleton({ lines = 3 }: { lines?: number }) {
  return (
    <div role="status" aria-busy="true" aria-label="Loading" className={classes.filterSkeleton}>
      {Array.from({ length: lines }, (_, line) => <Skeleton key={line} height={20} />)}
    </div>
  );
}
