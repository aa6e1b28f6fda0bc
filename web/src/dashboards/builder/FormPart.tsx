/** The form of each kind of component. */
import { Checkbox, MultiSelect, SegmentedControl, Select, Stack, Text, Textarea } from '@mantine/core';
import type { CardAggregate, Chart, Column, Content, FigureSpec } from '@/api/types';
import { isNumeric } from '@/parts/format';
import { aggregateNames, chartNames, startSpec } from '../content';

interface Props {
  content: Content;
  columns: Column[];
  onChange: (content: Content) => void;
}

export function FormPart({ content, columns, onChange }: Props) {
  switch (content.kind) {
    case 'figure':
      return <FigureForm spec={content.spec} columns={columns} onChange={(spec) => onChange({ ...content, spec })} />;
    case 'card': {
      const needsNumber = !['count', 'distinct', 'min', 'max'].includes(content.aggregate);
      const choices = needsNumber ? columns.filter((column) => isNumeric(column.type)) : columns;
      return (
        <Stack gap={16}>
          <Select
            label="Measure"
            data={Object.entries(aggregateNames).map(([value, label]) => ({ value, label }))}
            value={content.aggregate}
            onChange={(next) => {
              const aggregate = next as CardAggregate;
              const numeric = !['count', 'distinct', 'min', 'max'].includes(aggregate);
              const fits = columns.some((column) => column.name === content.column && (!numeric || isNumeric(column.type)));
              const column = aggregate === 'count' ? undefined : fits ? content.column : columns.find((item) => !numeric || isNumeric(item.type))?.name;
              onChange({ ...content, aggregate, column });
            }}
          />
          {content.aggregate !== 'count' && (
            <Select label="Column" searchable data={choices.map((column) => column.name)} value={content.column ?? null} onChange={(column) => onChange({ ...content, column: column ?? undefined })} />
          )}
        </Stack>
      );
    }
    case 'table': {
      const key = content.sort?.[0];
      return (
        <Stack gap={16}>
          <MultiSelect label="Columns" placeholder={content.columns?.length ? undefined : 'All columns'} searchable clearable data={columns.map((column) => column.name)} value={content.columns ?? []} onChange={(next) => onChange({ ...content, columns: next.length ? next : undefined })} />
          <Select label="Sort by" searchable clearable allowDeselect data={columns.map((column) => column.name)} value={key?.column ?? null} onChange={(column) => onChange({ ...content, sort: column ? [{ column, descending: key?.descending ?? false }] : undefined })} />
          {key && <Checkbox label="Largest first" checked={!!key.descending} onChange={(event) => onChange({ ...content, sort: [{ column: key.column, descending: event.currentTarget.checked }] })} />}
        </Stack>
      );
    }
    case 'text':
      return (
        <Stack gap={8}>
          <Textarea label="Text" autosize minRows={8} maxRows={20} maxLength={50_000} value={content.markdown} onChange={(event) => onChange({ ...content, markdown: event.currentTarget.value })} />
          <Text size="xs" c="dimmed">Markdown: headings, lists, links, tables, emphasis.</Text>
        </Stack>
      );
    case 'code':
      return null;
  }
}

const SUMMARIES = [
  { value: 'count', label: 'Count of rows' }, { value: 'mean', label: 'Mean' }, { value: 'sum', label: 'Sum' },
  { value: 'median', label: 'Median' }, { value: 'min', label: 'Lowest' }, { value: 'max', label: 'Highest' },
];

function FigureForm({ spec, columns, onChange }: { spec: FigureSpec; columns: Column[]; onChange: (spec: FigureSpec) => void }) {
  const names = columns.map((column) => column.name);
  const numbers = columns.filter((column) => isNumeric(column.type)).map((column) => column.name);
  const column = (key: 'x' | 'y' | 'color' | 'size', label: string, data: string[], optional = false) => (
    <Select label={label} searchable clearable={optional} allowDeselect={optional} placeholder={optional ? 'None' : undefined} data={data} value={spec[key] ?? null} onChange={(next) => onChange({ ...spec, [key]: next ?? undefined })} />
  );
  const { chart } = spec;
  return (
    <Stack gap={16}>
      <SegmentedControl
        fullWidth
        aria-label="Chart"
        value={chart}
        onChange={(next) => onChange(startSpec(next as Chart, columns, spec))}
        data={Object.entries(chartNames).map(([value, label]) => ({ value, label }))}
      />
      {chart === 'box' ? column('y', 'Vertical axis', numbers) : column('x', 'Horizontal axis', names)}
      {chart === 'scatter' && column('y', 'Vertical axis', names)}
      {chart === 'line' && column('y', 'Vertical axis', numbers)}
      {chart === 'bar' && (
        <Select
          label="Height of a bar"
          data={SUMMARIES}
          value={spec.aggregate ?? 'count'}
          onChange={(next) => onChange(next === 'count' || next === null ? { ...spec, aggregate: undefined, y: undefined } : { ...spec, aggregate: next as CardAggregate, y: spec.y ?? numbers[0] })}
        />
      )}
      {chart === 'bar' && spec.aggregate && column('y', 'Of column', numbers)}
      {chart === 'box' && column('x', 'Group by', names, true)}
      {column('color', 'Colour', names, true)}
      {chart === 'scatter' && column('size', 'Size', numbers, true)}
      {chart === 'line' && <Select label="Points at the same place" data={SUMMARIES.slice(1)} value={spec.aggregate ?? 'mean'} onChange={(next) => onChange({ ...spec, aggregate: (next ?? undefined) as CardAggregate | undefined })} />}
      {chart === 'bar' && spec.color && (
        <SegmentedControl aria-label="Bars of one place" value={spec.mode ?? 'group'} onChange={(next) => onChange({ ...spec, mode: next as 'group' | 'stack' })} data={[{ value: 'group', label: 'Side by side' }, { value: 'stack', label: 'Stacked' }]} />
      )}
      {chart === 'bar' && <Checkbox label="Horizontal bars" checked={!!spec.horizontal} onChange={(event) => onChange({ ...spec, horizontal: event.currentTarget.checked || undefined })} />}
    </Stack>
  );
}
