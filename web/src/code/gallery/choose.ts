/** Which of a collection's columns an example uses: by type, and by how many different values they have. */
import type { Column } from '@/api/types';
import { isNumeric, isTemporal } from '@/parts/format';

export interface Chosen {
  /** Measurements, the likeliest first. */
  numbers: string[];
  /** Few values: what a chart is split by. */
  groups: string[];
  /** Any text. */
  texts: string[];
  dates: string[];
  /** A few ordered values, for frames. */
  steps: string[];
  /** p-values, and the change they belong to. */
  chances: string[];
  effects: string[];
  /** All names, so that an example makes no second column of one name. */
  all: string[];
}

export const FEW = 12;
const STEPS = 40;
const COUNTER = /(^|[\s_.-])(id|ids|index|idx|nr|no|num|number|row|sample|key|code|zip|plate)$/i;
const CHANCE = /(^|[\s_.-])(p|q|fdr|padj|adj)([\s_.-]?(val|value|adj|fdr))?([\s_.-]|$)|p[\s_.-]?val|q[\s_.-]?val|padj/i;
const EFFECT = /log.{0,3}f.{0,8}c|fold|effect|beta|estimate|difference/i;
const YEAR = /(^|[\s_.-])(year|jahr|day|week|month|time|step|cycle|generation|visit)s?$/i;

/** `counts` holds the number of different values where it is known. */
export function choose(columns: Column[], counts: Record<string, number> = {}): Chosen {
  const named = (test: (column: Column) => boolean) => columns.filter(test).map((column) => column.name);
  const few = (name: string, most: number) => counts[name] !== undefined && counts[name] >= 2 && counts[name] <= most;
  const isText = (column: Column) => column.type === 'string' || column.type === 'category' || column.type === 'bool';
  const texts = named(isText);
  const known = texts.filter((name) => few(name, FEW));
  const groups = known.length > 0 ? known : texts.filter((name) => counts[name] === undefined || counts[name] > 1).slice(0, 1);
  const numeric = columns.filter((column) => isNumeric(column.type));
  const steps = named((column) => column.type === 'int64' && few(column.name, STEPS) && (YEAR.test(column.name) || few(column.name, FEW)));
  const counter = (column: Column) => COUNTER.test(column.name) || YEAR.test(column.name) || steps.includes(column.name);
  const measured = numeric.filter((column) => !counter(column));
  const numbers = [...measured.filter((column) => column.type === 'float64'), ...measured.filter((column) => column.type === 'int64'), ...numeric.filter(counter)].map((column) => column.name);
  return {
    numbers,
    groups,
    texts,
    dates: named((column) => isTemporal(column.type)),
    steps: [...steps.filter((name) => YEAR.test(name)), ...steps.filter((name) => !YEAR.test(name)), ...groups.slice(1), ...groups.slice(0, 1)],
    chances: numeric.filter((column) => CHANCE.test(column.name)).map((column) => column.name),
    effects: numeric.filter((column) => EFFECT.test(column.name)).map((column) => column.name),
    all: columns.map((column) => column.name),
  };
}

/** A name that the table does not have yet. */
export function fresh(wanted: string, taken: readonly string[]): string {
  let name = wanted;
  for (let index = 2; taken.includes(name); index += 1) name = `${wanted} ${index}`;
  return name;
}
