/** The first rows as they were understood, with a type to correct above each column. */
import { Select, Text } from '@mantine/core';
import type { Column, ColumnType, UploadPreview } from '@/api/types';
import { cell, count, isNumeric, typeNames } from '@/parts/format';
import classes from './collections.module.css';

interface Props {
  preview: UploadPreview;
  types: Column[];
  onTypes: (types: Column[]) => void;
  /** Appended rows must fit the types that are there. */
  locked: boolean;
}

const CHOICES = (Object.keys(typeNames) as ColumnType[]).map((value) => ({ value, label: typeNames[value] }));
const COLUMNS_MAX = 100;
const ROWS_MAX = 20;

export function PreviewTable({ preview, types, onTypes, locked }: Props) {
  const columns = types.slice(0, COLUMNS_MAX);
  return (
    <div>
      <Text mb={8} c="dimmed">
        The first {count(Math.min(ROWS_MAX, preview.rows.length))} rows as they were understood.{' '}
        {locked ? 'Appended rows keep the types of the collection.' : 'Correct a type above its column where it is wrong.'}
      </Text>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolls, also by keyboard */}
      <div className={classes.preview} tabIndex={0} role="region" aria-label="Preview of the rows">
        <table aria-label="Preview">
          <thead>
            <tr>
              {columns.map((column, index) => (
                <th key={column.name} scope="col">
                  <span className={classes.previewName} title={column.name}>{column.name}</span>
                  <Select
                    size="xs"
                    w={190}
                    aria-label={`Type of ${column.name}`}
                    data={CHOICES}
                    value={column.type}
                    disabled={locked}
                    onChange={(type) => type && onTypes(types.map((item, at) => (at === index ? { ...item, type: type as ColumnType } : item)))}
                  />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {preview.rows.slice(0, ROWS_MAX).map((row, index) => (
              <tr key={index}>
                {columns.map((column) => {
                  const inferred = preview.columns.find((item) => item.name === column.name)?.type ?? column.type;
                  return (
                    <td key={column.name} style={isNumeric(inferred) ? { textAlign: 'right' } : undefined}>
                      {row[column.name] === null ? <Text span c="dimmed" size="xs">empty</Text> : cell(row[column.name], inferred)}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {types.length > COLUMNS_MAX && <Text size="xs" c="dimmed" mt={4}>The first {COLUMNS_MAX} of {count(types.length)} columns.</Text>}
    </div>
  );
}
