/**
 * What kind of thing an expression is, as far as its source tells: enough to offer a frame's methods after a frame.
 * A guess is allowed to be missing, so everything unknown is `null`.
 */
import type { EditorState } from '@codemirror/state';
import type { SyntaxNode } from '@lezer/common';
import { memberOf, names } from '../names';
import { unquote } from './quote';
import { treeOf } from './tree';

/** A kind of `names.json`, `Indexer`, or a library's path after `module:`. A window remembers what it slides over. */
export interface Kind {
  name: string;
  of?: string;
}

const DEEP = 40;
const START: Record<string, string> = { df: 'DataFrame', pd: 'module:pd', np: 'module:np', px: 'module:px', go: 'module:go' };
/** Libraries by the name Python imports them under. */
const MODULES = names.modules;
const WINDOWS = ['Rolling', 'Expanding', 'ExponentialMovingWindow', 'Resampler'];
const LITERALS: Record<string, string> = {
  String: 'text', FormatString: 'text', ContinuedString: 'text', ArrayExpression: 'list', ArrayComprehensionExpression: 'list',
  DictionaryExpression: 'dict', DictionaryComprehensionExpression: 'dict', SetExpression: 'set', SetComprehensionExpression: 'set',
};

export function textOf(state: EditorState, node: SyntaxNode): string {
  return state.sliceDoc(node.from, node.to);
}

export function children(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) found.push(child);
  return found;
}

export function kindOf(state: EditorState, node: SyntaxNode | null, depth = 0): Kind | null {
  if (!node || depth > DEEP) return null;
  const literal = LITERALS[node.name];
  if (literal) return { name: literal };
  switch (node.name) {
    case 'VariableName':
      return kindOfName(state, textOf(state, node), node.from, depth + 1);
    case 'ParenthesizedExpression':
    case 'AwaitExpression':
      return kindOf(state, children(node).find((child) => child.name !== '(') ?? null, depth + 1);
    case 'MemberExpression':
      return kindOfMember(state, node, depth + 1);
    case 'CallExpression':
      return kindOfCall(state, node, depth + 1);
    case 'BinaryExpression': {
      const [left, , right] = [node.firstChild, null, node.lastChild];
      const kinds = [kindOf(state, left, depth + 1), kindOf(state, right, depth + 1)];
      return kinds.find((kind) => kind && ['DataFrame', 'Series', 'ndarray', 'Index'].includes(kind.name)) ?? kinds[0] ?? null;
    }
    case 'UnaryExpression':
      return kindOf(state, node.lastChild, depth + 1);
    case 'ConditionalExpression':
      return kindOf(state, node.firstChild, depth + 1);
    default:
      return null;
  }
}

/** The path of a library that an expression names: `px`, `np.linalg`. */
export function moduleOf(kind: Kind | null): string | null {
  return kind?.name.startsWith('module:') ? kind.name.slice(7) : null;
}

function below(path: string, name: string): string {
  if (path === 'plotly') return MODULES[`plotly.${name}`] ?? `plotly.${name}`;
  if (path === 'pd.tseries') return MODULES[`pandas.tseries.${name}`] ?? `pd.tseries.${name}`;
  return `${path}.${name}`;
}

function kindOfMember(state: EditorState, node: SyntaxNode, depth: number): Kind | null {
  const parts = children(node);
  const [object, mark] = parts;
  const owner = kindOf(state, object ?? null, depth);
  if (!owner || !mark) return null;
  if (mark.name === '[') return kindOfItem(state, owner, parts.slice(2).filter((part) => part.name !== ']'));
  const name = node.lastChild?.name === 'PropertyName' ? textOf(state, node.lastChild) : '';
  const path = moduleOf(owner);
  if (path !== null) {
    const found = memberOf(path, name);
    if (found?.sort === 'namespace') return { name: `module:${below(path, name)}` };
    if (names.colours[path]?.split(' ').includes(name)) return { name: 'list' };
    return null;
  }
  const found = memberOf(owner.name, name);
  if (found) return found.sort === 'property' && found.kind ? { name: found.kind, of: owner.name } : null;
  // A name that is no member of a frame can only be a column.
  if (owner.name === 'DataFrame') return { name: 'Series' };
  if (owner.name === 'DataFrameGroupBy') return { name: 'SeriesGroupBy' };
  return null;
}

function kindOfItem(state: EditorState, owner: Kind, keys: SyntaxNode[]): Kind | null {
  const single = keys.length === 1 && (keys[0]?.name === 'String' || keys[0]?.name === 'FormatString');
  switch (owner.name) {
    case 'DataFrame':
      return { name: single ? 'Series' : 'DataFrame' };
    case 'DataFrameGroupBy':
      return { name: single ? 'SeriesGroupBy' : 'DataFrameGroupBy' };
    case 'Rolling':
    case 'Expanding':
    case 'ExponentialMovingWindow':
    case 'Resampler':
      return { name: owner.name, of: single ? 'Series' : owner.of };
    case 'Indexer': {
      if (owner.of === 'Series') return { name: 'Series' };
      const last = keys.at(-1);
      return { name: keys.length > 1 && last?.name === 'String' && unquote(textOf(state, last)) !== null ? 'Series' : 'DataFrame' };
    }
    case 'Series':
    case 'ndarray':
    case 'Index':
      return { name: owner.name };
    default:
      return null;
  }
}

function kindOfCall(state: EditorState, node: SyntaxNode, depth: number): Kind | null {
  const callee = node.firstChild;
  if (!callee) return null;
  if (callee.name === 'VariableName') {
    const name = textOf(state, callee);
    if (name === 'make_subplots') return { name: 'Figure' };
    return { str: { name: 'text' }, list: { name: 'list' }, sorted: { name: 'list' }, dict: { name: 'dict' }, set: { name: 'set' } }[name] ?? null;
  }
  if (callee.name !== 'MemberExpression' || callee.lastChild?.name !== 'PropertyName') return null;
  const owner = kindOf(state, callee.firstChild, depth);
  if (!owner) return null;
  const name = textOf(state, callee.lastChild);
  const path = moduleOf(owner);
  const found = memberOf(path ?? owner.name, name);
  if (!found) return null;
  if (found.sort === 'class') return path === 'go' && name === 'Figure' ? { name: 'Figure' } : Object.hasOwn(names.owners, name) ? { name } : null;
  if (found.kind === 'same') return owner.of ? { name: owner.of } : null;
  if (!found.kind) return null;
  return WINDOWS.includes(found.kind) ? { name: found.kind, of: owner.name.startsWith('Series') ? 'Series' : 'DataFrame' } : { name: found.kind };
}

/** What a name stands for at a place: the nearest binding before it, else what a script starts with. */
function kindOfName(state: EditorState, name: string, at: number, depth: number): Kind | null {
  const bound = binding(state, name, at);
  if (!bound) return START[name] === undefined ? null : { name: START[name] };
  if ('module' in bound) return { name: `module:${bound.module}` };
  if ('kind' in bound) return bound.kind ? { name: bound.kind } : null;
  return kindOf(state, bound.value, depth);
}

type Binding = { value: SyntaxNode } | { module: string } | { kind: string | null };

function binding(state: EditorState, name: string, at: number): Binding | null {
  let found: Binding | null = null;
  let inner: Binding | null = null;
  treeOf(state).iterate({
    to: at,
    enter(ref) {
      const { node } = ref;
      if (ref.from > at) return false;
      switch (ref.name) {
        case 'AssignStatement': {
          if (ref.to >= at) return true;
          const parts = children(node);
          const mark = parts.findIndex((part) => part.name === 'AssignOp');
          const last = parts.at(-1);
          const targets = parts.slice(0, mark).filter((part) => part.name === 'VariableName' && textOf(state, part) === name);
          if (mark > 0 && targets.length > 0 && last) found = mark === 1 ? { value: last } : { kind: null };
          return true;
        }
        case 'ForStatement': {
          const [targets, values] = loop(state, node);
          const place = targets.findIndex((target) => target === name);
          if (place >= 0) {
            const over = kindOf(state, values, DEEP / 2);
            found = { kind: place === 1 && over?.name === 'DataFrameGroupBy' ? 'DataFrame' : null };
          }
          return true;
        }
        case 'ImportStatement':
          found = imported(state, node, name) ?? found;
          return false;
        case 'ParamList':
          if (node.parent && node.parent.to >= at && children(node).some((part) => part.name === 'VariableName' && textOf(state, part) === name)) {
            inner = { kind: parameterKind(state, node.parent, name) };
          }
          return false;
        default:
          return true;
      }
    },
  });
  return inner ?? found;
}

/** The names a loop binds, in order, and what it walks over. */
export function loop(state: EditorState, node: SyntaxNode): [string[], SyntaxNode | null] {
  const parts = children(node);
  const from = parts.findIndex((part) => part.name === 'for');
  const to = parts.findIndex((part) => part.name === 'in');
  if (from < 0 || to < 0) return [[], null];
  const targets: string[] = [];
  for (const part of parts.slice(from + 1, to)) {
    if (part.name === 'VariableName') targets.push(textOf(state, part));
    else for (const inner of children(part)) if (inner.name === 'VariableName') targets.push(textOf(state, inner));
  }
  return [targets, parts[to + 1] ?? null];
}

function imported(state: EditorState, node: SyntaxNode, name: string): Binding | null {
  const words = textOf(state, node);
  const whole = /^import\s+([\w.]+)\s+as\s+(\w+)\s*$/.exec(words);
  if (whole && whole[2] === name) return MODULES[whole[1] ?? ''] ? { module: MODULES[whole[1] ?? ''] ?? '' } : { kind: null };
  const part = /^from\s+([\w.]+)\s+import\s+(.*)$/s.exec(words);
  for (const item of part?.[2]?.split(',') ?? []) {
    const [original, alias] = item.trim().split(/\s+as\s+/);
    if ((alias ?? original) === name) {
      const path = MODULES[`${part?.[1]}.${original}`];
      return path ? { module: path } : { kind: null };
    }
  }
  return null;
}

/** `lambda d: d...` given to a method of a frame is called with a frame; a parameter called df is one. */
function parameterKind(state: EditorState, owner: SyntaxNode, name: string): string | null {
  if (owner.name === 'LambdaExpression') {
    let call = owner.parent;
    while (call && call.name !== 'CallExpression') call = call.parent;
    const callee = call?.firstChild;
    if (callee?.name === 'MemberExpression' && callee.lastChild?.name === 'PropertyName') {
      const method = textOf(state, callee.lastChild);
      const object = kindOf(state, callee.firstChild, DEEP / 2)?.name;
      if (object === 'DataFrame' && ['assign', 'pipe'].includes(method)) return 'DataFrame';
      if (object === 'DataFrame' && ['apply', 'transform', 'agg'].includes(method)) return 'Series';
      if (object === 'DataFrameGroupBy' && ['apply', 'pipe', 'filter'].includes(method)) return 'DataFrame';
      if (object === 'SeriesGroupBy' && ['apply', 'transform', 'agg'].includes(method)) return 'Series';
    }
  }
  return name === 'df' ? 'DataFrame' : null;
}
