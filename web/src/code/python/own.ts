/** What the script itself brings: its names, and the columns it makes. */
import type { EditorState } from '@codemirror/state';
import type { SyntaxNode } from '@lezer/common';
import { children, loop, textOf } from './kinds';
import { unquote } from './quote';
import { treeOf } from './tree';

export interface OwnName {
  name: string;
  sort: 'variable' | 'function' | 'class' | 'namespace' | 'parameter';
}

/** Every name the script binds that can be seen at `at`. */
export function ownNames(state: EditorState, at: number): OwnName[] {
  const found = new Map<string, OwnName['sort']>();
  const add = (node: SyntaxNode, sort: OwnName['sort']) => {
    if (node.from <= at && node.to >= at) return;
    const name = textOf(state, node);
    if (!found.has(name) || sort !== 'variable') found.set(name, sort);
  };
  const within = (node: SyntaxNode | null) => !!node && node.from <= at && node.to >= at;
  treeOf(state).iterate({
    enter(ref) {
      const { node } = ref;
      switch (ref.name) {
        case 'AssignStatement':
        case 'UpdateStatement': {
          const parts = children(node);
          const last = parts.findLastIndex((part) => part.name === 'AssignOp' || part.name === 'UpdateOp');
          for (const part of parts.slice(0, Math.max(0, last))) {
            for (const target of part.name === 'VariableName' ? [part] : part.name === 'TupleExpression' || part.name === 'ArrayExpression' ? children(part) : []) {
              if (target.name === 'VariableName') add(target, 'variable');
            }
          }
          return true;
        }
        case 'NamedExpression':
          if (node.firstChild) add(node.firstChild, 'variable');
          return true;
        case 'FunctionDefinition':
        case 'ClassDefinition': {
          const name = node.getChild('VariableName');
          if (name) add(name, ref.name === 'ClassDefinition' ? 'class' : 'function');
          return true;
        }
        case 'ParamList':
          if (within(node.parent)) for (const part of children(node)) if (part.name === 'VariableName') add(part, 'parameter');
          return true;
        case 'ForStatement':
          for (const name of loop(state, node)[0]) found.set(name, 'variable');
          return true;
        case 'ArrayComprehensionExpression':
        case 'ComprehensionExpression':
        case 'DictionaryComprehensionExpression':
        case 'SetComprehensionExpression':
          if (within(node)) for (const name of loop(state, node)[0]) found.set(name, 'variable');
          return true;
        case 'ImportStatement':
          for (const name of importedNames(textOf(state, node))) found.set(name, 'namespace');
          return false;
        case 'WithStatement':
        case 'TryStatement': {
          const parts = children(node);
          parts.forEach((part, index) => {
            if (part.name === 'as' && parts[index + 1]?.name === 'VariableName') add(parts[index + 1] as SyntaxNode, 'variable');
          });
          return true;
        }
        default:
          return true;
      }
    },
  });
  return [...found].map(([name, sort]) => ({ name, sort }));
}

function importedNames(text: string): string[] {
  const part = /^(?:from\s+[\w.]+\s+)?import\s+\(?([^)]*)/s.exec(text)?.[1];
  return (part ?? '')
    .split(',')
    .map((item) => item.trim().split(/\s+as\s+/).at(-1)?.split('.')[0] ?? '')
    .filter((name) => /^\w+$/.test(name));
}

/** Arguments that name a column of the result. */
const NAMING: Record<string, string[]> = { reset_index: ['name', 'names'], rename: ['name'], melt: ['var_name', 'value_name'], to_frame: ['name'], insert: ['column'], rename_axis: ['index', 'columns'] };
/** Methods whose every keyword is a new column. */
const BY_KEYWORD = ['assign', 'agg', 'aggregate'];

/** Columns that the script adds to frames: `df["new"] = ..`, `assign(new=..)`, `reset_index(name="new")` and their like. */
export function madeColumns(state: EditorState, at: number): string[] {
  const found = new Set<string>();
  const take = (node: SyntaxNode | null | undefined) => {
    if (node?.name === 'String' && !(node.from <= at && node.to >= at)) {
      const name = unquote(textOf(state, node));
      if (name) found.add(name);
    }
  };
  treeOf(state).iterate({
    enter(ref) {
      const { node } = ref;
      if (ref.name === 'AssignStatement') {
        for (const part of children(node)) {
          if (part.name === 'AssignOp') break;
          const inner = children(part);
          if (part.name === 'MemberExpression' && inner[1]?.name === '[') take(inner.at(-2));
        }
      }
      // What a call makes is there after it, not inside.
      if (ref.name !== 'CallExpression' || (ref.from <= at && ref.to >= at)) return true;
      const method = node.firstChild?.lastChild?.name === 'PropertyName' ? textOf(state, node.firstChild.lastChild) : '';
      const list = node.getChild('ArgList');
      if (!list || (!NAMING[method] && !BY_KEYWORD.includes(method) && method !== 'rename')) return true;
      const parts = children(list);
      parts.forEach((part, index) => {
        if (part.name !== 'VariableName' || parts[index + 1]?.name !== 'AssignOp') return;
        const name = textOf(state, part);
        const value = parts[index + 2];
        if (NAMING[method]?.includes(name)) take(value);
        else if (BY_KEYWORD.includes(method) && name !== 'func' && name !== 'axis') found.add(name);
        else if (method === 'rename' && name === 'columns' && value?.name === 'DictionaryExpression') {
          const items = children(value);
          items.forEach((item, place) => item.name === ':' && take(items[place + 1]));
        }
      });
      return true;
    },
  });
  return [...found];
}
