/** What Code Mode's libraries offer: the generated lists (`scripts/names.py`), and how one of their entries is read. */
import data from './names.json';

interface Names {
  keywords: string;
  aggregations: string;
  builtins: Record<string, string>;
  /** What a parameter of Plotly Express takes: one column, several, or one of some words. */
  parameters: Record<string, string | string[]>;
  /** What a trace, a layout or an axis may be given. */
  properties: Record<string, string>;
  colours: Record<string, string>;
  /** Libraries by the name Python imports them under. */
  modules: Record<string, string>;
  /** Members by owner: a library's path (`pd`, `px.colors`) or a kind of object (`DataFrame`). */
  owners: Record<string, Record<string, string>>;
}

export const names: Names = data;

export interface Parameter {
  name: string;
  /** As it would be written; none when the parameter must be given. */
  preset?: string;
  /** `*args` or `**kwargs`. */
  rest?: boolean;
  /** Only by name. */
  named?: boolean;
}

export interface Signature {
  path: string;
  parameters: Parameter[];
}

export type Sort = 'function' | 'class' | 'namespace' | 'property';

export interface Member {
  sort: Sort;
  /** `a, b=1`; none when the library does not tell. */
  parameters?: string;
  /** What it is, or what it gives when it is called. */
  kind?: string;
}

/** Reads an entry: `(a, b=1) Kind`, `class (..)`, `module`, `Kind` or nothing. */
export function member(entry: string): Member {
  if (entry === 'module') return { sort: 'namespace' };
  const known = (text: string) => (text === '…' ? undefined : text);
  if (entry.startsWith('class')) return { sort: 'class', parameters: entry.length > 6 ? known(entry.slice(7, -1)) : undefined };
  if (!entry.startsWith('(')) return { sort: 'property', kind: entry || undefined };
  const end = entry.lastIndexOf(')');
  return { sort: 'function', parameters: known(entry.slice(1, end)), kind: entry.slice(end + 2) || undefined };
}

export function memberOf(owner: string, name: string): Member | undefined {
  const list = names.owners[owner];
  return list && Object.hasOwn(list, name) ? member(list[name] ?? '') : undefined;
}

/** The parameters of `a, b=1, *, c='x, y'`: commas inside quotes and brackets separate nothing. */
export function readParameters(text: string): Parameter[] {
  const parts: string[] = [];
  let depth = 0;
  let quote = '';
  let part = '';
  for (const letter of text) {
    if (quote) {
      if (letter === quote) quote = '';
    } else if (letter === "'" || letter === '"') quote = letter;
    else if ('([{'.includes(letter)) depth += 1;
    else if (')]}'.includes(letter)) depth -= 1;
    if (letter === ',' && depth === 0 && !quote) {
      parts.push(part.trim());
      part = '';
    } else part += letter;
  }
  if (part.trim()) parts.push(part.trim());
  const found: Parameter[] = [];
  let named = false;
  for (const item of parts) {
    if (item === '*') named = true;
    else if (item.startsWith('*')) {
      found.push({ name: item, rest: true });
      named = true;
    } else {
      const at = item.indexOf('=');
      found.push({ name: at < 0 ? item : item.slice(0, at), ...(at < 0 ? {} : { preset: item.slice(at + 1) }), ...(named ? { named } : {}) });
    }
  }
  return found;
}

/** The signature of `owner.name`; traces and layouts take what they may be given, all by name. */
export function signature(owner: string, name: string): Signature | null {
  const path = owner ? `${owner}.${name}` : name;
  const properties = traceOf(owner, name);
  if (properties) return { path, parameters: properties.split(' ').map((item) => ({ name: item, preset: 'None', named: true })) };
  const found = owner ? memberOf(owner, name) : Object.hasOwn(names.builtins, name) ? member(names.builtins[name] ?? '') : undefined;
  if (!found || found.parameters === undefined) return null;
  return { path, parameters: readParameters(found.parameters) };
}

const UPDATES: Record<string, string> = {
  update_layout: 'Layout', update_xaxes: 'layout.XAxis', update_yaxes: 'layout.XAxis', add_annotation: 'layout.Annotation', update_annotations: 'layout.Annotation',
};

function traceOf(owner: string, name: string): string | undefined {
  if (owner === 'go') return names.properties[name];
  if (owner === 'go.layout') return names.properties[`layout.${name}`];
  if (owner !== 'Figure') return undefined;
  if (UPDATES[name]) return names.properties[UPDATES[name]];
  if (!name.startsWith('add_')) return undefined;
  const trace = name.slice(4).replaceAll('_', '');
  const kind = Object.keys(names.properties).find((item) => item.toLowerCase() === trace);
  return kind && kind !== 'Layout' && kind !== 'Frame' ? names.properties[kind] : undefined;
}

/** What a parameter of a function takes. */
export function takes(signaturePath: string, parameter: string): string | string[] | undefined {
  if (!signaturePath.startsWith('px.')) return undefined;
  return names.parameters[`${signaturePath.slice(3)}.${parameter}`] ?? names.parameters[parameter];
}
