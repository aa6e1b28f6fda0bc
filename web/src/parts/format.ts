/** Numbers with separators, sizes in kB and MB, times in the reader's locale. */
import type { Cell, ColumnType } from '@/api/types';

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });

export function count(value: number): string {
  return whole.format(value);
}

export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = value;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${size >= 100 || unit === 0 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}

/** A measured number: the decimals asked for, or as many as make about four significant digits. */
export function measure(value: number, decimals?: number): string {
  if (!Number.isFinite(value)) return '–';
  if (decimals !== undefined) {
    return value.toLocaleString(undefined, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  }
  if (Number.isInteger(value)) return whole.format(value);
  const size = Math.abs(value);
  if (size >= 1e15 || (size > 0 && size < 1e-4)) return value.toExponential(3);
  const digits = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 1 ? 2 : 4;
  return value.toLocaleString(undefined, { maximumFractionDigits: digits });
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000], ['month', 2_592_000], ['week', 604_800], ['day', 86_400], ['hour', 3_600], ['minute', 60],
];

export function relative(time: string | Date, now = Date.now()): string {
  const seconds = (new Date(time).getTime() - now) / 1000;
  if (Number.isNaN(seconds)) return '–';
  const format = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size) return format.format(Math.round(seconds / size), unit);
  }
  return Math.abs(seconds) < 10 ? 'just now' : format.format(Math.round(seconds), 'second');
}

export function exact(time: string | Date): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
}

export function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** A table cell as text. Times without a zone are shown as they stand, never shifted into the reader's zone. */
export function cell(value: Cell | undefined, type: ColumnType): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') {
    return type === 'int64' ? value.toLocaleString(undefined) : value.toLocaleString(undefined, { maximumFractionDigits: 6 });
  }
  if (type === 'date' && typeof value === 'string') {
    const date = new Date(`${value.slice(0, 10)}T00:00:00`);
    return Number.isNaN(date.getTime()) ? value : date.toLocaleDateString(undefined, { dateStyle: 'medium' });
  }
  if (type === 'timestamp' && typeof value === 'string') {
    const date = new Date(value.replace(/(Z|[+-]\d\d:\d\d)$/, ''));
    return Number.isNaN(date.getTime()) ? value : date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
  }
  if (type === 'timestamp_tz' && typeof value === 'string') return exact(value);
  return String(value);
}

export const typeNames: Record<ColumnType, string> = {
  string: 'Text', int64: 'Whole number', float64: 'Number', bool: 'True or false', date: 'Date',
  timestamp: 'Date and time', timestamp_tz: 'Date and time with zone', category: 'Category',
};

export function isNumeric(type: ColumnType): boolean {
  return type === 'int64' || type === 'float64';
}

export function isTemporal(type: ColumnType): boolean {
  return type === 'date' || type === 'timestamp' || type === 'timestamp_tz';
}
