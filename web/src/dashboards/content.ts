/** What a component's content refers to, and how a new one begins. */
import type { Chart, Collection, Column, Content, ContentKind, FigureSpec } from '@/api/types';
import { isNumeric, isTemporal } from '@/parts/format';

export const kindNames: Record<ContentKind, string> = { figure: 'Figure', card: 'Card', table: 'Table', text: 'Text', code: 'Code figure' };
export const chartNames: Record<Chart, string> = { scatter: 'Scatter', line: 'Line', bar: 'Bar', histogram: 'Histogram', box: 'Box' };
export const aggregateNames = {
  count: 'Count of rows', distinct: 'Distinct values', sum: 'Sum', mean: 'Mean', median: 'Median', min: 'Lowest', max: 'Highest', std: 'Standard deviation',
} as const;

/** Sizes on the 12-column grid. */
export const startSizes: Record<ContentKind, { w: number; h: number }> = {
  figure: { w: 6, h: 8 }, code: { w: 6, h: 8 }, card: { w: 3, h: 2 }, table: { w: 12, h: 8 }, text: { w: 6, h: 4 },
};

export function usedColumns(content: Content, columns: Column[]): Column[] {
  let names: (string | undefined)[] | undefined;
  if (content.kind === 'figure') names = [content.spec.x, content.spec.y, content.spec.color, content.spec.size];
  else if (content.kind === 'table' || content.kind === 'code') names = content.columns;
  const wanted = new Set(names?.filter(Boolean));
  const used = columns.filter((column) => wanted.has(column.name));
  return used.length ? used : columns;
}

const numeric = (columns: Column[]) => columns.filter((column) => isNumeric(column.type)).map((column) => column.name);
const groups = (columns: Column[]) => columns.filter((column) => column.type === 'string' || column.type === 'category' || column.type === 'bool').map((column) => column.name);

/** A first figure that shows something: the columns that fit the chart, in the order of the table. */
export function startSpec(chart: Chart, columns: Column[], before?: FigureSpec): FigureSpec {
  const numbers = numeric(columns);
  const kinds = groups(columns);
  const times = columns.filter((column) => isTemporal(column.type)).map((column) => column.name);
  const first = columns[0]?.name;
  const keep = (name: string | undefined, among: string[]) => (name && among.includes(name) ? name : undefined);
  const titles = { ...(before?.x_title ? { x_title: before.x_title } : {}), ...(before?.y_title ? { y_title: before.y_title } : {}) };
  const color = before?.color;
  const withColor = color ? { color } : {};
  switch (chart) {
    case 'scatter':
      return { chart, x: keep(before?.x, numbers) ?? numbers[0] ?? first, y: keep(before?.y, numbers) ?? numbers[1] ?? numbers[0] ?? first, ...withColor, ...titles };
    case 'line':
      return { chart, x: keep(before?.x, [...times, ...numbers]) ?? times[0] ?? numbers[0] ?? first, y: keep(before?.y, numbers) ?? numbers[0] ?? first, ...withColor, ...titles };
    case 'bar':
      return { chart, x: keep(before?.x, kinds) ?? kinds[0] ?? first, ...withColor, ...titles };
    case 'histogram':
      return { chart, x: keep(before?.x, numbers) ?? numbers[0] ?? first, ...withColor, ...titles };
    case 'box':
      return { chart, y: keep(before?.y, numbers) ?? numbers[0] ?? first, ...(kinds[0] ? { x: keep(before?.x, kinds) ?? kinds[0] } : {}), ...withColor, ...titles };
  }
}

export function startContent(kind: ContentKind, collection: Collection | undefined): Content {
  const id = collection?.id ?? '';
  switch (kind) {
    case 'card':
      return { kind, collection: id, aggregate: 'count' };
    case 'figure':
      return { kind, collection: id, spec: startSpec('scatter', collection?.columns ?? []) };
    case 'code':
      return { kind, collection: id, code: 'fig = px.histogram(df)\n' };
    case 'table':
      return { kind, collection: id, page_size: 25 };
    case 'text':
      return { kind, markdown: '' };
  }
}

/** Ids inside a document: unique, 1 to 64 of [A-Za-z0-9_-]. */
export function newId(prefix: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return `${prefix}_${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
