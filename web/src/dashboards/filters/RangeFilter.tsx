/** A numeric range: two handles, and two fields for those who know the number. */
import { NumberInput, RangeSlider, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { rangeQuery } from '@/api/queries';
import { measure } from '@/parts/format';
import { ProblemPanel } from '@/parts/ProblemPanel';
import classes from '../dashboards.module.css';
import { ControlSkeleton, type ControlProps } from './control';

/** A step that gives about 200 places and reads well: 1, 2 or 5 times a power of ten; whole numbers stay whole. */
export function niceStep(span: number, integer: boolean): number {
  if (!(span > 0)) return 1;
  const raw = span / 200;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= raw) ?? raw;
  return integer ? Math.max(1, Math.round(step)) : Number(step.toPrecision(3));
}

export function RangeFilter({ project, widget, type, value, onChange }: ControlProps) {
  const { data, error, refetch } = useQuery(rangeQuery(project, widget.collection, widget.column));
  const min = Number(data?.min ?? 0);
  const max = Number(data?.max ?? 0);
  const integer = type === 'int64';
  const from = value && 'from' in value && typeof value.from === 'number' ? value.from : min;
  const to = value && 'from' in value && typeof value.to === 'number' ? value.to : max;
  const [drag, setDrag] = useState<[number, number]>([from, to]);
  useEffect(() => setDrag([from, to]), [from, to]);

  if (error) return <ProblemPanel error={error} title="The range could not be loaded" compact onRetry={() => void refetch()} />;
  if (!data) return <ControlSkeleton lines={2} />;
  if (data.min === null || data.max === null) return <Text size="xs" c="dimmed">This column has no values.</Text>;

  const commit = (low: number, high: number) => {
    const next = { from: low <= min ? null : low, to: high >= max ? null : high };
    onChange(next.from === null && next.to === null ? null : next);
  };
  const step = niceStep(max - min, integer);
  const field = (name: string, at: 0 | 1) => (
    <NumberInput
      aria-label={`${widget.label}, ${name}`}
      size="xs"
      hideControls
      thousandSeparator=","
      value={drag[at]}
      min={min}
      max={max}
      allowDecimal={!integer}
      decimalScale={integer ? 0 : 6}
      onChange={(next) => {
        if (typeof next === 'number') setDrag(at === 0 ? [next, drag[1]] : [drag[0], next]);
      }}
      onBlur={() => commit(Math.min(drag[0], drag[1]), Math.max(drag[0], drag[1]))}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit(Math.min(drag[0], drag[1]), Math.max(drag[0], drag[1]));
      }}
    />
  );
  return (
    <div className={classes.range}>
      <RangeSlider
        size="sm"
        min={min}
        max={max}
        step={step}
        minRange={0}
        label={(at) => measure(at)}
        thumbFromLabel={`${widget.label} from`}
        thumbToLabel={`${widget.label} to`}
        value={drag}
        onChange={setDrag}
        onChangeEnd={([low, high]) => commit(low, high)}
        disabled={min === max}
      />
      <div className={classes.rangeFields}>
        {field('lowest', 0)}
        <span aria-hidden>to</span>
        {field('highest', 1)}
      </div>
    </div>
  );
}
