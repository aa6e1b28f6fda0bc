/** Rows at a version: the newest unless another is chosen, with a filter as text and simple filter rows. */
import { ActionIcon, Button, Select, Text, TextInput } from '@mantine/core';
import { IconPlus, IconTable, IconX } from '@/icons';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { versionsQuery } from '@/api/queries';
import type { Cell, Collection, Column, Filter, FilterOp } from '@/api/types';
import { Empty } from '@/parts/Empty';
import { count, isNumeric, isTemporal, plural, relative } from '@/parts/format';
import { Mark } from '@/parts/Mark';
import classes from './collections.module.css';
import { FilterBox } from './FilterBox';
import { RowsGrid } from './RowsGrid';
import { SaveRows } from './SaveRows';

interface Props {
  project: string;
  collection: Collection;
  version: number | undefined;
  onVersion: (version: number | undefined) => void;
  /** The filter as text that is applied; it lives in the address. */
  filter: string | undefined;
  onFilter: (filter: string | undefined) => void;
  mayExport: boolean;
  onUpload?: () => void;
}

const TEXT_OPS: [FilterOp, string][] = [['eq', 'is'], ['ne', 'is not'], ['contains', 'contains'], ['starts_with', 'starts with'], ['is_null', 'is empty'], ['not_null', 'is not empty']];
const ORDER_OPS: [FilterOp, string][] = [['eq', 'is'], ['ne', 'is not'], ['gte', 'is at least'], ['lte', 'is at most'], ['is_null', 'is empty'], ['not_null', 'is not empty']];

interface Draft {
  column: string;
  op: FilterOp;
  text: string;
}

/** A typed filter from what was typed; null while it is not a value of the column's type. */
export function toFilter(draft: Draft, columns: Column[]): Filter | null {
  const column = columns.find((item) => item.name === draft.column);
  if (!column) return null;
  if (draft.op === 'is_null' || draft.op === 'not_null') return { column: column.name, op: draft.op };
  const text = draft.text.trim();
  if (text === '') return null;
  let value: Cell = text;
  if (isNumeric(column.type)) {
    value = Number(text);
    if (!Number.isFinite(value) || (column.type === 'int64' && !Number.isInteger(value))) return null;
  } else if (column.type === 'bool') {
    if (!/^(true|false)$/i.test(text)) return null;
    value = text.toLowerCase() === 'true';
  }
  return { column: column.name, op: draft.op, value };
}

export function DataTab({ project, collection, version, onVersion, filter, onFilter, mayExport, onUpload }: Props) {
  const { data: versions } = useQuery(versionsQuery(project, collection.id));
  const [drafts, setDrafts] = useState<Draft[]>([]);
  const [applied, setApplied] = useState<Filter[]>([]);
  const [total, setTotal] = useState<number | null>(null);
  const [columns, setColumns] = useState<Column[] | null>(null);
  if (collection.version === null) {
    return (
      <Empty icon={<IconTable />} action={onUpload && <Button onClick={onUpload}>Upload table</Button>}>
        This collection has no rows yet.
      </Empty>
    );
  }
  const at = version ?? collection.version;
  const old = at !== collection.version;
  // An old version may have other columns than the newest; the first answer says which.
  const shown = old ? (columns ?? []) : collection.columns;
  const apply = (next: Draft[]) => setApplied(next.map((draft) => toFilter(draft, shown)).filter((filter) => filter !== null));
  const change = (index: number, part: Partial<Draft>) => setDrafts(drafts.map((draft, item) => (item === index ? { ...draft, ...part } : draft)));
  return (
    <>
      <div className={classes.dataHead}>
        <Select
          label="Version"
          w={260}
          value={String(at)}
          data={(versions ?? [{ version: at, rows: collection.rows, created_at: '' }]).map((item) => ({
            value: String(item.version),
            label: `Version ${item.version}, ${plural(item.rows, 'row')}${item.created_at ? `, ${relative(item.created_at)}` : ''}`,
          }))}
          onChange={(next) => {
            setColumns(null);
            onVersion(Number(next) === collection.version ? undefined : Number(next));
          }}
        />
        <div style={{ alignSelf: 'flex-end', display: 'flex', gap: 8, alignItems: 'center', minHeight: 36, flexWrap: 'wrap' }}>
          {old && <Mark tone="warn">Old version</Mark>}
          <Text c="dimmed" className="num" role="status">
            {total === null ? '' : applied.length || filter !== undefined ? `${count(total)} of the rows match` : plural(total, 'row')}
          </Text>
        </div>
        <div className={classes.dataActions}>
          {mayExport && <SaveRows project={project} collection={collection.id} rows={{ version: at, filters: applied, filter }} />}
          <Button
            variant="default"
            leftSection={<IconPlus size={16} aria-hidden />}
            disabled={shown.length === 0}
            onClick={() => setDrafts([...drafts, { column: shown[0]?.name ?? '', op: 'eq', text: '' }])}
          >
            Add filter
          </Button>
        </div>
      </div>
      <FilterBox project={project} collection={collection.id} version={at} columns={shown} value={filter} onApply={onFilter} />
      {drafts.length > 0 && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            apply(drafts);
          }}
          style={{ display: 'grid', gap: 8, marginBottom: 12 }}
        >
          {drafts.map((draft, index) => {
            const type = shown.find((column) => column.name === draft.column)?.type ?? 'string';
            const ops = isNumeric(type) || isTemporal(type) ? ORDER_OPS : TEXT_OPS;
            const bad = draft.text.trim() !== '' && toFilter(draft, shown) === null;
            return (
              <div className={classes.filterRow} key={index}>
                <Select aria-label="Column" w={200} searchable data={shown.map((column) => column.name)} value={draft.column} onChange={(column) => column && change(index, { column, op: 'eq' })} />
                <Select aria-label="Condition" w={140} data={ops.map(([value, label]) => ({ value, label }))} value={draft.op} onChange={(op) => op && change(index, { op: op as FilterOp })} />
                {draft.op !== 'is_null' && draft.op !== 'not_null' && (
                  <TextInput aria-label="Value" w={200} value={draft.text} error={bad && 'Not a value of this column'} onChange={(event) => change(index, { text: event.currentTarget.value })} />
                )}
                <ActionIcon
                  size="lg"
                  aria-label="Remove filter"
                  onClick={() => {
                    const rest = drafts.filter((_, item) => item !== index);
                    setDrafts(rest);
                    apply(rest);
                  }}
                >
                  <IconX size={16} />
                </ActionIcon>
                {index === drafts.length - 1 && <Button type="submit" variant="default">Apply</Button>}
              </div>
            );
          })}
        </form>
      )}
      <div className={`${classes.framed} ${classes.dataGrid}`}>
        <RowsGrid
          key={`${at}`}
          project={project}
          collection={collection.id}
          columns={shown}
          version={at}
          filters={applied}
          filter={filter}
          label={`Rows of version ${at}`}
          onTotal={(rows, result) => {
            setTotal(rows);
            if (old && columns === null) setColumns(result.columns);
          }}
        />
      </div>
    </>
  );
}
