/** What can stand where the cursor is in a filter as text, and how a column's name is written there. */
import type { Column } from '@/api/types';

/** Words that name no column unless they stand in backticks (docs/filters.md). */
const KEYWORDS = ['and', 'or', 'not', 'in', 'between', 'like', 'is', 'null', 'true', 'false'];
const WORDS = [...KEYWORDS, 'contains', 'starts_with', 'ends_with', 'escape', 'missing'];
const FUNCTIONS = ['lower', 'upper', 'trim', 'length', 'year', 'month', 'day', 'weekday', 'date', 'timestamp'];
const OFFERED_MAX = 8;
const WORD = /[\p{L}_][\p{L}\p{N}_.]*$/u;

export interface Completion {
  /** What is shown. */
  label: string;
  /** What is put in. */
  text: string;
  kind: 'column' | 'function' | 'word';
}

export interface Completions {
  /** The part of the text that is replaced. */
  from: number;
  to: number;
  items: Completion[];
}

/** A column's name as it stands in a filter. */
export function columnName(name: string): string {
  const plain = /^[\p{L}_][\p{L}\p{N}_.]*$/u.test(name) && !KEYWORDS.includes(name.toLowerCase());
  return plain ? name : `\`${name.replaceAll('`', '``')}\``;
}

/** Which quote or backtick is open at the end of this text, and where it began. */
function open(text: string): { sign: string; at: number } | null {
  let inside: { sign: string; at: number } | null = null;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at] ?? '';
    if (inside) {
      // A doubled quote closes and opens again, which is the same.
      if (sign === '\\' && inside.sign !== '`') at += 1;
      else if (sign === inside.sign) inside = null;
    } else if (sign === '"' || sign === "'" || sign === '`') inside = { sign, at };
  }
  return inside;
}

/** What the word before the cursor may become; nothing within quotes. */
export function completions(text: string, cursor: number, columns: Column[]): Completions | null {
  const before = text.slice(0, cursor);
  const inside = open(before);
  if (inside && inside.sign !== '`') return null;
  const word = inside ? before.slice(inside.at + 1) : (WORD.exec(before)?.[0] ?? '');
  if (word === '') return null;
  const wanted = word.toLowerCase();
  const named = (name: string): number => {
    const at = name.toLowerCase().indexOf(wanted);
    // What begins so comes first; what is there already is not offered.
    return name === word ? -1 : at;
  };
  const found = columns
    .map((column) => ({ column, at: named(column.name) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => Math.sign(a.at) - Math.sign(b.at))
    .map(({ column }): Completion => ({ label: column.name, text: columnName(column.name), kind: 'column' }));
  const begins = (name: string) => !inside && name !== wanted && name.startsWith(wanted);
  const items = [
    ...found,
    ...FUNCTIONS.filter(begins).map((name): Completion => ({ label: `${name}()`, text: `${name}(`, kind: 'function' })),
    ...WORDS.filter(begins).map((name): Completion => ({ label: name, text: `${name} `, kind: 'word' })),
  ].slice(0, OFFERED_MAX);
  return items.length === 0 ? null : { from: inside ? inside.at : cursor - word.length, to: cursor, items };
}

/** The text with a completion put in, and where the cursor then is. */
export function completed(text: string, at: Completions, item: Completion): { text: string; cursor: number } {
  const closing = item.kind === 'column' && text[at.to] === '`' && item.text.endsWith('`') ? 1 : 0;
  const next = text.slice(0, at.from) + item.text + text.slice(at.to + closing);
  return { text: next, cursor: at.from + item.text.length };
}
