/**
 * What is offered while a person types: columns of `df`, names of the libraries as far as Code Mode has them, methods of
 * what an expression is, arguments, and the script's own names. Nothing that a run would refuse.
 */
import { pickedCompletion, type Completion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import type { EditorState } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import type { SyntaxNode } from '@lezer/common';
import type { Column } from '@/api/types';
import { typeNames } from '@/parts/format';
import { member, names, takes } from '../names';
import { callAt, parameterAt, signatureOf, type Call } from './call';
import { kindOf, moduleOf, textOf, type Kind } from './kinds';
import { madeColumns, ownNames } from './own';
import { inside, quote } from './quote';
import { treeOf } from './tree';

const WORD = /^\w*$/;
const INSIDE = /^[^"'\\\n]*$/;
const FRAMES = ['DataFrame', 'DataFrameGroupBy'];
const GIVEN: Completion[] = [
  { label: 'df', type: 'variable', detail: 'the filtered rows', boost: 20 },
  { label: 'px', type: 'namespace', detail: 'plotly.express', boost: 10 },
  { label: 'go', type: 'namespace', detail: 'plotly.graph_objects', boost: 8 },
  { label: 'pd', type: 'namespace', detail: 'pandas', boost: 8 },
  { label: 'np', type: 'namespace', detail: 'numpy', boost: 8 },
];
/** Words that the parameters of pandas take and that its signatures do not tell. */
const WORDS: Record<string, string[]> = { how: ['inner', 'left', 'right', 'outer', 'cross'], keep: ['first', 'last'], na_position: ['first', 'last'], join: ['outer', 'inner'] };
const COLUMN_PARAMETERS = [
  'by', 'on', 'left_on', 'right_on', 'subset', 'index', 'columns', 'values', 'id_vars', 'value_vars', 'keys', 'labels', 'column', 'items', 'item', 'cols', 'mapper', 'dtype',
];
/** Of these, text given by place names columns. */
const COLUMN_METHODS = [
  'groupby', 'sort_values', 'set_index', 'drop', 'pivot', 'pivot_table', 'melt', 'value_counts', 'drop_duplicates', 'duplicated', 'dropna', 'nlargest', 'nsmallest', 'get', 'pop',
  'explode', 'filter', 'join', 'crosstab', 'get_dummies',
];
const AGGREGATING = ['agg', 'aggregate', 'transform', 'apply'];

export function pythonCompletion(columns: () => Column[]) {
  return (context: CompletionContext): CompletionResult | null => complete(context, columns());
}

export function complete(context: CompletionContext, columns: Column[]): CompletionResult | null {
  const { state, pos } = context;
  const node = treeOf(state).resolveInner(pos, -1);
  if (node.name === 'Comment') return null;
  const text = stringAround(node, pos);
  if (text) return inText(context, text, columns);
  const word = context.matchBefore(/\w*/);
  const from = word?.from ?? pos;
  const before = state.sliceDoc(Math.max(0, from - 1), from);
  if (before === '.') return afterDot(state, from, columns);
  if (/^\d/.test(word?.text ?? '')) return null;
  return words(context, from, pos > from, columns);
}

/** A string without prefix whose inside holds the place. */
function stringAround(node: SyntaxNode, pos: number): SyntaxNode | null {
  for (let each: SyntaxNode | null = node; each; each = each.parent) {
    if (each.name === 'FormatReplacement') return null;
    if (each.name === 'String' || each.name === 'FormatString') return each.from < pos ? each : null;
  }
  return null;
}

/* Columns ------------------------------------------------------------------------------------------------------- */

interface Offered {
  name: string;
  detail: string;
}

function allColumns(state: EditorState, at: number, columns: Column[]): Offered[] {
  const own = columns.map((column) => ({ name: column.name, detail: typeNames[column.type] }));
  const known = new Set(columns.map((column) => column.name));
  return [...own, ...madeColumns(state, at).filter((name) => !known.has(name)).map((name) => ({ name, detail: 'made above' }))];
}

/** Columns as quoted text, where a value is expected and no quote has been typed. */
function quotedColumns(state: EditorState, at: number, columns: Column[]): Completion[] {
  return allColumns(state, at, columns).map(({ name, detail }, place) => ({ label: quote(name), type: 'column', detail, boost: 60 - Math.min(place, 50) }));
}

/** Inside a string: replaces what stands between the quotes up to the place, and closes the string. */
function intoText(view: EditorView, completion: Completion, text: string, from: number, to: number, mark: '"' | "'"): void {
  const after = view.state.sliceDoc(to, to + 1);
  const rest = /^[\w .-]*/.exec(view.state.sliceDoc(to, view.state.doc.lineAt(to).to))?.[0] ?? '';
  const end = rest && view.state.sliceDoc(to + rest.length, to + rest.length + 1) === mark ? to + rest.length : to;
  const closed = view.state.sliceDoc(end, end + 1) === mark;
  const insert = inside(text, mark) + (closed || after === mark ? '' : mark);
  view.dispatch({
    changes: { from, to: end, insert },
    selection: { anchor: from + insert.length + (closed ? 1 : 0) },
    annotations: pickedCompletion.of(completion),
    userEvent: 'input.complete',
  });
}

function inText(context: CompletionContext, node: SyntaxNode, columns: Column[]): CompletionResult | null {
  const { state, pos } = context;
  const literal = textOf(state, node);
  const opening = /^("""|'''|"|')/.exec(literal)?.[1];
  if (!opening || opening.length > 1) return null;
  const mark = opening as '"' | "'";
  if (literal.length > 1 && literal.endsWith(mark) && pos === node.to) return null;
  const from = node.from + 1;
  const wanted = wantedText(state, node, pos);
  if (!wanted) return null;
  if (wanted === 'expression') {
    // Names inside df.query("..."): only what can stand there without quotes of its own.
    const word = context.matchBefore(/[A-Za-z_]\w*/);
    if (!word && !context.explicit) return null;
    const options = allColumns(state, pos, columns).filter(({ name }) => /^[A-Za-z_]\w*$/.test(name)).map(({ name, detail }) => ({ label: name, type: 'column', detail }));
    return { from: word?.from ?? pos, options, validFor: WORD };
  }
  const offered: Offered[] = wanted === 'column' ? allColumns(state, pos, columns) : wanted.map((name) => ({ name, detail: '' }));
  const options = offered.map(({ name, detail }, place): Completion => ({
    label: name,
    detail: detail || undefined,
    type: wanted === 'column' ? 'column' : 'enum',
    boost: Math.max(0, 50 - place),
    apply: (view, completion, start, end) => intoText(view, completion, name, start, end, mark),
  }));
  return { from, options, validFor: INSIDE };
}

/** What the text at a place names: columns, one of some words, an expression over columns, or nothing known. */
function wantedText(state: EditorState, node: SyntaxNode, pos: number): 'column' | 'expression' | string[] | null {
  // Lists, tuples and dictionaries between the text and what it is given to.
  let inner: SyntaxNode = node;
  let outer = node.parent;
  let place = 0;
  let key = true;
  while (outer && ['ArrayExpression', 'TupleExpression', 'DictionaryExpression', 'SetExpression', 'ParenthesizedExpression', 'ArrayComprehensionExpression', 'ContinuedString', 'BinaryExpression'].includes(outer.name)) {
    if (outer.name === 'BinaryExpression') return null;
    if (outer.name === 'DictionaryExpression') key = inner.prevSibling?.name !== ':';
    if (outer.name === 'TupleExpression') for (let each = inner.prevSibling; each; each = each.prevSibling) if (each.name === ',') place += 1;
    inner = outer;
    outer = outer.parent;
  }
  if (outer?.name === 'MemberExpression' && inner.from > (outer.firstChild?.to ?? 0)) {
    const owner = kindOf(state, outer.firstChild);
    if (owner && ['Series', 'ndarray', 'list', 'text', 'dict', 'Index'].includes(owner.name)) return null;
    return 'column';
  }
  const call = callAt(state, Math.max(node.from, pos - 1));
  if (!call || call.node.to < node.from) return null;
  return wantedByCall(state, call, place, key);
}

function wantedByCall(state: EditorState, call: Call, place: number, key: boolean): 'column' | 'expression' | string[] | null {
  const known = signatureOf(state, call);
  const parameter = call.argument ?? known?.parameters[parameterAt(call, known.parameters)]?.name ?? '';
  if (call.owner === 'px') {
    const kind = takes(`px.${call.name}`, parameter);
    if (kind === 'column' || kind === 'columns') return key ? 'column' : null;
    // `labels={"column": "Words"}` and `category_orders={"column": [..]}`.
    if (['labels', 'category_orders'].includes(parameter)) return key ? 'column' : null;
    return Array.isArray(kind) ? kind : null;
  }
  if (call.owner === 'go' || call.owner === 'Figure' || call.owner === '') return null;
  if (call.name === 'query' || call.name === 'eval') return 'expression';
  if (AGGREGATING.includes(call.name)) {
    const functions = names.aggregations.split(' ');
    if (call.argument && call.argument !== 'func') return place === 0 && call.owner.startsWith('DataFrame') ? 'column' : functions;
    return dictionaryAround(call) ? (key ? 'column' : functions) : functions;
  }
  if (parameter === 'aggfunc') return names.aggregations.split(' ');
  if (WORDS[parameter] && !(parameter === 'keep' && call.name === 'filter')) return WORDS[parameter] ?? null;
  if (COLUMN_PARAMETERS.includes(parameter)) return key || call.name !== 'rename' ? 'column' : null;
  return COLUMN_METHODS.includes(call.name) && (call.argument === null || parameter === 'func') ? 'column' : null;
}

function dictionaryAround(call: Call): boolean {
  return call.value?.name === 'DictionaryExpression';
}

/* Members ------------------------------------------------------------------------------------------------------- */

function afterDot(state: EditorState, from: number, columns: Column[]): CompletionResult | null {
  let node: SyntaxNode | null = treeOf(state).resolveInner(from, -1);
  while (node && node.name !== 'MemberExpression') node = node.parent;
  if (!node?.firstChild || node.firstChild.to > from - 1) return null;
  const kind = kindOf(state, node.firstChild);
  const options = kind ? membersOf(kind) : unknownMembers();
  if (kind && FRAMES.includes(kind.name)) {
    const taken = new Set(options.map((option) => option.label));
    const own = allColumns(state, from, columns).filter(({ name }) => /^[A-Za-z]\w*$/.test(name) && !taken.has(name));
    options.unshift(...own.map(({ name, detail }, place): Completion => ({ label: name, type: 'column', detail, boost: 60 - Math.min(place, 50) })));
  }
  return options.length > 0 ? { from, options, validFor: WORD } : null;
}

function membersOf(kind: Kind): Completion[] {
  const path = moduleOf(kind);
  const colours = path === null ? undefined : names.colours[path];
  if (colours) return colours.split(' ').map((label) => ({ label, type: 'constant', detail: 'list of colours' }));
  return Object.entries(names.owners[path ?? kind.name] ?? {}).map(([label, entry]) => offered(label, entry));
}

/** Nothing is known of what stands before the dot; most things here are frames and columns. */
function unknownMembers(): Completion[] {
  const all = { ...names.owners.Series, ...names.owners.DataFrame };
  return Object.entries(all).map(([label, entry]) => ({ ...offered(label, entry), boost: -10 }));
}

function offered(label: string, entry: string): Completion {
  const { sort, parameters, kind } = member(entry);
  const gives = kind && !['same', 'text'].includes(kind) ? kind : '';
  const detail = sort === 'namespace' ? 'names' : sort === 'function' ? (gives ? `() ${gives}` : parameters === '' ? '()' : '(…)') : sort === 'class' ? 'class' : gives;
  return { label, type: sort, detail: detail || undefined };
}

/* Words --------------------------------------------------------------------------------------------------------- */

function words(context: CompletionContext, from: number, typed: boolean, columns: Column[]): CompletionResult | null {
  const { state, explicit } = context;
  const options: Completion[] = [];
  const before = state.sliceDoc(Math.max(0, from - 2), from).trimEnd().at(-1) ?? '';
  const values = valuesHere(state, from, columns);
  // Between the name of an argument and its value, or at the start of a subscript, the values are offered at once.
  if (!typed && !explicit && !(values.length > 0 && (before === '=' || before === '['))) return null;
  options.push(...values);
  const call = callAt(state, from);
  if (call && (before === '(' || before === ',' || /^\s*$/.test(lineBefore(state, from)))) options.push(...argumentNames(state, call));
  if (typed || explicit) options.push(...general(state, from));
  return options.length > 0 ? { from, options, validFor: WORD } : null;
}

function lineBefore(state: EditorState, at: number): string {
  return state.sliceDoc(state.doc.lineAt(at).from, at);
}

/** Values for the argument or the subscript at a place. */
function valuesHere(state: EditorState, at: number, columns: Column[]): Completion[] {
  const node = treeOf(state).resolveInner(at, -1);
  const subscript = node.name === '[' ? node.parent : node.parent?.name === 'MemberExpression' ? node.parent : node;
  let outer: SyntaxNode | null = subscript;
  while (outer && ['ArrayExpression', 'ArrayComprehensionExpression', '⚠'].includes(outer.name)) outer = outer.parent;
  const bracket = outer?.name === 'MemberExpression' && outer.firstChild?.nextSibling?.name === '[' && (outer.firstChild?.nextSibling.to ?? 0) <= at;
  if (bracket && outer) {
    const owner = kindOf(state, outer.firstChild);
    return owner && FRAMES.includes(owner.name) ? quotedColumns(state, at, columns) : [];
  }
  const call = callAt(state, at);
  if (!call) return [];
  const known = signatureOf(state, call);
  const parameter = call.argument ?? (call.owner === 'px' && call.index > 0 ? known?.parameters[parameterAt(call, known.parameters)]?.name : undefined);
  if (!parameter) return [];
  const wanted = wantedByCall(state, { ...call, argument: parameter }, 0, true);
  if (wanted === 'column') return quotedColumns(state, at, columns);
  return Array.isArray(wanted) && call.argument !== null ? wanted.map((word, place) => ({ label: quote(word), type: 'enum', boost: 50 - Math.min(place, 49) })) : [];
}

function argumentNames(state: EditorState, call: Call): Completion[] {
  const known = signatureOf(state, call);
  if (!known || call.argument !== null) return [];
  const byPlace = known.parameters.filter((parameter) => !parameter.named && !parameter.rest).slice(0, call.index).map((parameter) => parameter.name);
  return known.parameters
    .filter((parameter) => !parameter.rest && !call.given.includes(parameter.name) && !byPlace.includes(parameter.name))
    .map((parameter, place) => ({ label: `${parameter.name}=`, type: 'argument', detail: parameter.preset, boost: 40 - Math.min(place, 39) }));
}

function general(state: EditorState, at: number): Completion[] {
  const own = ownNames(state, at);
  const taken = new Set(own.map(({ name }) => name));
  return [
    ...own.map(({ name, sort }): Completion => ({ label: name, type: sort === 'parameter' ? 'variable' : sort, detail: name === 'df' ? 'the filtered rows' : undefined, boost: 25 })),
    ...GIVEN.filter((item) => !taken.has(item.label)),
    ...Object.entries(names.builtins).filter(([name]) => !taken.has(name)).map(([label, entry]): Completion => ({
      label, type: /^[A-Z]/.test(label) ? (entry.startsWith('class') ? 'class' : 'constant') : 'function', boost: /^[A-Z]/.test(label) ? -20 : -5,
    })),
    ...names.keywords.split(' ').map((label): Completion => ({ label, type: 'keyword', boost: -5 })),
  ];
}
