/** The call around a place: whose, which argument, what has been given already. */
import type { EditorState } from '@codemirror/state';
import type { SyntaxNode } from '@lezer/common';
import { signature, type Parameter, type Signature } from '../names';
import { children, kindOf, moduleOf, textOf } from './kinds';
import { treeOf } from './tree';

export interface Call {
  node: SyntaxNode;
  /** `px`, `DataFrame`; empty for a plain name. */
  owner: string;
  name: string;
  /** The argument at the place: its position, and its name when it is given by name. */
  index: number;
  argument: string | null;
  /** Where the argument's value begins. */
  value: SyntaxNode | null;
  /** Arguments given by name, the present one excepted. */
  given: string[];
}

/** The innermost call whose brackets hold `at`. */
export function callAt(state: EditorState, at: number): Call | null {
  let node: SyntaxNode | null = treeOf(state).resolveInner(at, -1);
  while (node) {
    if (node.name === 'ArgList' && node.parent?.name === 'CallExpression') {
      const open = node.firstChild;
      const close = node.lastChild?.name === ')' ? node.lastChild : null;
      if (open && open.to <= at && (!close || at <= close.from)) return describe(state, node.parent, node, at);
    }
    // A function that is being defined is no argument of the call before it.
    if (['Body', 'Script', 'LambdaExpression'].includes(node.name)) return null;
    node = node.parent;
  }
  return null;
}

function describe(state: EditorState, call: SyntaxNode, list: SyntaxNode, at: number): Call {
  const found: Call = { node: call, ...callee(state, call.firstChild), index: 0, argument: null, value: null, given: [] };
  const parts = children(list);
  let start = 1;
  for (let place = 1; place <= parts.length; place += 1) {
    const part = parts[place];
    if (part && part.name !== ',' && part.name !== ')') continue;
    const argument = parts.slice(start, place).filter((item) => !item.type.isError);
    const named = argument[0]?.name === 'VariableName' && argument[1]?.name === 'AssignOp' && argument[1].to > argument[1].from;
    const name = named && argument[0] ? textOf(state, argument[0]) : null;
    const here = at > (parts[start - 1]?.to ?? 0) - 1 && (!part || at <= part.from) && at >= (parts[start - 1]?.to ?? 0);
    if (here) {
      found.index = parts.slice(1, start).filter((item) => item.name === ',').length;
      // Left of the equals sign the name itself is being written.
      found.argument = name !== null && at >= (argument[1]?.to ?? 0) ? name : null;
      found.value = (named ? argument[2] : argument[0]) ?? null;
    } else if (name) found.given.push(name);
    start = place + 1;
  }
  return found;
}

function callee(state: EditorState, node: SyntaxNode | null): { owner: string; name: string } {
  if (node?.name === 'VariableName') {
    const name = textOf(state, node);
    return { owner: name === 'make_subplots' ? 'plotly.subplots' : '', name };
  }
  if (node?.name !== 'MemberExpression' || node.lastChild?.name !== 'PropertyName') return { owner: '?', name: '' };
  const kind = kindOf(state, node.firstChild);
  return { owner: kind ? (moduleOf(kind) ?? kind.name) : '?', name: textOf(state, node.lastChild) };
}

/** The signature of a call: the library's, or that of a function of the script's own. */
export function signatureOf(state: EditorState, call: Call): Signature | null {
  if (call.owner === '?') return null;
  const own = call.owner === '' ? ownSignature(state, call.name) : null;
  return own ?? signature(call.owner, call.name);
}

function ownSignature(state: EditorState, name: string): Signature | null {
  let list: SyntaxNode | null = null;
  treeOf(state).iterate({
    enter(ref) {
      const named = ref.name === 'FunctionDefinition' ? ref.node.getChild('VariableName') : null;
      if (named && textOf(state, named) === name) list = ref.node.getChild('ParamList');
    },
  });
  if (!list) return null;
  const parameters: Parameter[] = [];
  const parts = children(list);
  let named = false;
  for (const [place, part] of parts.entries()) {
    if (part.name !== 'VariableName' || parts[place - 1]?.name === 'AssignOp') continue;
    const star = parts[place - 1]?.name;
    const preset = parts[place + 1]?.name === 'AssignOp' ? parts[place + 2] : undefined;
    if (star === '*' || star === '**') parameters.push({ name: star + textOf(state, part), rest: true });
    else parameters.push({ name: textOf(state, part), ...(preset ? { preset: textOf(state, preset) } : {}), ...(named ? { named } : {}) });
    if (star === '*') named = true;
  }
  return { path: name, parameters };
}

/** The parameter that the argument at the place fills; -1 when none does. */
export function parameterAt(call: Call, parameters: Parameter[]): number {
  if (call.argument !== null) {
    const exact = parameters.findIndex((parameter) => parameter.name === call.argument);
    return exact >= 0 ? exact : parameters.findIndex((parameter) => parameter.name.startsWith('**'));
  }
  const byPlace = parameters.filter((parameter) => !parameter.named && !parameter.name.startsWith('**'));
  const found = byPlace[Math.min(call.index, byPlace.length - 1)];
  if (!found || (call.index >= byPlace.length && !found.rest)) return -1;
  return parameters.indexOf(found);
}
