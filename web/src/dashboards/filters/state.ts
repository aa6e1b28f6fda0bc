/** What a reader has chosen in the filter panel, and what of it goes to the server. */
import type { Cell, ColumnType, Filter, Widget } from '@/api/types';
import { count, measure } from '@/parts/format';

/** Chosen values by widget id: a list of values, a pair of bounds (either may be open) or a piece of text. */
export type FilterValue = { in: Cell[] } | { from: string | number | null; to: string | number | null } | { text: string };
export type FilterState = Record<string, FilterValue>;

export type TypeOf = (collection: string, column: string) => ColumnType | undefined;

export function isEmpty(value: FilterValue | undefined): boolean {
  if (!value) return true;
  if ('in' in value) return value.in.length === 0;
  if ('text' in value) return value.text.trim() === '';
  return value.from === null && value.to === null;
}

/** A date the reader chose, as the column's type wants it; the last day is in to its end. */
function bound(value: string | number, type: ColumnType | undefined, end: boolean): Cell {
  if (typeof value === 'number' || type === undefined) return value;
  if (type === 'date') return value.slice(0, 10);
  if (type === 'timestamp' || type === 'timestamp_tz') {
    const time = `${value.slice(0, 10)}T${end ? '23:59:59.999999' : '00:00:00'}`;
    return type === 'timestamp_tz' ? `${time}Z` : time;
  }
  return value;
}

export function toFilters(widgets: Widget[], state: FilterState, typeOf: TypeOf): Filter[] {
  const filters: Filter[] = [];
  for (const widget of widgets) {
    const value = state[widget.id];
    if (!value || isEmpty(value)) continue;
    const { collection, column } = widget;
    if ('in' in value) {
      filters.push({ collection, column, op: 'in', values: value.in });
    } else if ('text' in value) {
      filters.push({ collection, column, op: 'contains', value: value.text.trim() });
    } else {
      const type = typeOf(collection, column);
      const from = value.from === null ? null : bound(value.from, type, false);
      const to = value.to === null ? null : bound(value.to, type, true);
      if (from !== null && to !== null) filters.push({ collection, column, op: 'between', values: [from, to] });
      else if (from !== null) filters.push({ collection, column, op: 'gte', value: from });
      else if (to !== null) filters.push({ collection, column, op: 'lte', value: to });
    }
  }
  return filters;
}

function day(value: string): string {
  const date = new Date(`${value.slice(0, 10)}T00:00:00`);
  return Number.isNaN(date.getTime()) ? value : date.toLocaleDateString(undefined, { dateStyle: 'medium' });
}

function show(value: string | number): string {
  return typeof value === 'number' ? measure(value) : day(value);
}

/** The chip's words: "Species: Adelie, Gentoo". */
export function describe(widget: Widget, value: FilterValue): string {
  if ('in' in value) {
    const few = value.in.slice(0, 3).map((item) => (item === null ? 'no value' : String(item)));
    const rest = value.in.length - few.length;
    return `${widget.label}: ${few.join(', ')}${rest > 0 ? ` and ${count(rest)} more` : ''}`;
  }
  if ('text' in value) return `${widget.label}: contains “${value.text}”`;
  if (value.from !== null && value.to !== null) return `${widget.label}: ${show(value.from)} to ${show(value.to)}`;
  if (value.from !== null) return `${widget.label}: from ${show(value.from)}`;
  return `${widget.label}: up to ${show(value.to ?? '')}`;
}

export function activeCount(widgets: Widget[], state: FilterState): number {
  return widgets.filter((widget) => !isEmpty(state[widget.id])).length;
}
