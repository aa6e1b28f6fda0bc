/** The rows behind a component as CSV; at most as many as one query gives, and the file's name says so when cut. */
import { filtersFor, queryRows } from '@/api/queries';
import type { Cell, Component, Filter } from '@/api/types';
import { done, failed } from '@/parts/notify';
import { count } from '@/parts/format';

const ROWS_MAX = 10_000;

/** Quotes as RFC 4180 wants; a leading sign that a spreadsheet would run as a formula is disarmed by an apostrophe. */
export function csvCell(value: Cell): string {
  if (value === null) return '';
  let text = String(value);
  if (typeof value === 'string' && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export async function exportRows(project: string, component: Component, filters: Filter[]): Promise<void> {
  const { content } = component;
  if (content.kind === 'text') return;
  try {
    const result = await queryRows(project, content.collection, {
      filters: filtersFor(content.collection, filters),
      limit: ROWS_MAX,
      ...(content.version ? { version: content.version } : {}),
      ...(content.kind === 'table' && content.columns?.length ? { columns: content.columns } : {}),
    });
    const names = result.columns.map((column) => column.name);
    const lines = [names.map(csvCell).join(','), ...result.rows.map((row) => names.map((name) => csvCell(row[name] ?? null)).join(','))];
    const url = URL.createObjectURL(new Blob([lines.join('\r\n') + '\r\n'], { type: 'text/csv' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = `${component.title || 'data'}.csv`;
    link.click();
    URL.revokeObjectURL(url);
    const cut = result.total_rows > result.rows.length;
    done(cut ? `The first ${count(result.rows.length)} of ${count(result.total_rows)} rows were saved` : `${count(result.rows.length)} rows were saved`);
  } catch (error) {
    failed('The rows could not be saved', error);
  }
}
