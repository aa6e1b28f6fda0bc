/**
 * Signature help: inside the brackets of a call, what it takes, the present argument marked. Opens at `(` and `,` and by
 * Ctrl-Shift-Space; Escape closes it.
 */
import { Prec, StateEffect, StateField, type EditorState, type Extension } from '@codemirror/state';
import { EditorView, keymap, showTooltip, type Tooltip, type TooltipView } from '@codemirror/view';
import { takes, type Signature } from '../names';
import { callAt, parameterAt, signatureOf } from './call';

export interface Help {
  signature: Signature;
  /** Index of the present parameter; -1 when none is meant. */
  present: number;
  given: string[];
  pos: number;
}

/** Further up than this, the beginning of the call is no help to the reader of the line. */
const LINES_ABOVE = 6;

export function helpAt(state: EditorState, at: number): Help | null {
  const call = callAt(state, at);
  const signature = call && signatureOf(state, call);
  if (!call || !signature) return null;
  const line = state.doc.lineAt(at);
  const near = line.number - state.doc.lineAt(call.node.from).number <= LINES_ABOVE;
  return { signature, present: parameterAt(call, signature.parameters), given: call.given, pos: near ? call.node.from : line.from };
}

/** What the present parameter takes, in words. */
export function describeParameter(help: Help): string {
  const parameter = help.signature.parameters[help.present];
  if (!parameter) return '';
  const kind = takes(help.signature.path, parameter.name);
  if (kind === 'column') return 'a column';
  if (kind === 'columns') return 'columns';
  if (Array.isArray(kind)) return `one of ${kind.slice(0, 8).map((word) => `"${word}"`).join(', ')}${kind.length > 8 ? ` and ${kind.length - 8} more` : ''}`;
  if (parameter.rest) return parameter.name.startsWith('**') ? 'more, by name' : 'more';
  return parameter.preset === undefined ? 'must be given' : `${parameter.preset} unless given`;
}

const show = StateEffect.define<boolean>();

interface Shown {
  help: Help | null;
  tooltip: Tooltip | null;
}

const field = StateField.define<Shown>({
  create: () => ({ help: null, tooltip: null }),
  update(value, transaction) {
    let open = value.help !== null;
    for (const effect of transaction.effects) if (effect.is(show)) open = effect.value;
    if (transaction.docChanged && transaction.isUserEvent('input.type')) {
      transaction.changes.iterChanges((_fromA, _toA, _fromB, _toB, inserted) => {
        // A closing bracket may have been added to an opening one.
        const text = inserted.toString();
        if (/[(,]/.test(text) && text.length <= 2) open = true;
      });
    }
    if (!open) return value.help === null ? value : { help: null, tooltip: null };
    if (!transaction.docChanged && !transaction.selection && transaction.effects.length === 0) return value;
    const { main } = transaction.state.selection;
    const help = main.empty ? helpAt(transaction.state, main.head) : null;
    if (!help) return { help: null, tooltip: null };
    return { help, tooltip: value.tooltip?.pos === help.pos ? value.tooltip : { pos: help.pos, above: true, create: view } };
  },
  provide: (self) => showTooltip.from(self, (value) => value.tooltip),
});

function view(editor: EditorView): TooltipView {
  const dom = document.createElement('div');
  dom.className = 'cm-signature';
  dom.setAttribute('role', 'note');
  dom.setAttribute('aria-label', 'Arguments of this call');
  // The list scrolls; a click in it does not take the keyboard from the editor.
  dom.addEventListener('mousedown', (event) => event.preventDefault());
  let drawn: Help | null = null;
  const draw = (state: EditorState) => {
    const { help } = state.field(field);
    if (!help || help === drawn) return;
    drawn = help;
    dom.replaceChildren(list(help), note(help));
    // Long lists scroll; the present parameter stays in sight.
    const marked = dom.querySelector('[aria-current]');
    if (marked instanceof HTMLElement && dom.firstElementChild) dom.firstElementChild.scrollTop = Math.max(0, marked.offsetTop - 24);
  };
  draw(editor.state);
  return { dom, mount: () => draw(editor.state), update: (update) => draw(update.state) };
}

function list(help: Help): HTMLElement {
  const root = document.createElement('div');
  root.className = 'cm-signature-list';
  root.tabIndex = 0;
  root.append(part('cm-signature-path', help.signature.path), '(');
  let star = false;
  help.signature.parameters.forEach((parameter, place) => {
    if (place > 0) root.append(', ');
    if (parameter.named && !star && !help.signature.parameters.slice(0, place).some((item) => item.rest)) {
      star = true;
      if (!help.signature.parameters.every((item) => item.named)) root.append('*, ');
    }
    const item = part(help.given.includes(parameter.name) ? 'cm-signature-given' : 'cm-signature-parameter', parameter.name);
    if (parameter.preset !== undefined && parameter.preset !== 'None') item.append(part('cm-signature-preset', `=${parameter.preset}`));
    if (place === help.present) item.setAttribute('aria-current', 'true');
    root.append(item);
  });
  root.append(')');
  return root;
}

function note(help: Help): HTMLElement {
  const root = document.createElement('div');
  root.className = 'cm-signature-note';
  const parameter = help.signature.parameters[help.present];
  if (parameter) root.append(part('cm-signature-name', parameter.name), ` ${describeParameter(help)}`);
  return root;
}

function part(name: string, text: string): HTMLElement {
  const element = document.createElement('span');
  element.className = name;
  element.textContent = text;
  return element;
}

function open(editor: EditorView): boolean {
  const help = helpAt(editor.state, editor.state.selection.main.head);
  if (!help) return false;
  const name = help.signature.parameters[help.present]?.name;
  editor.dispatch({
    effects: [show.of(true), EditorView.announce.of(`${help.signature.path}${name ? `, ${name}: ${describeParameter(help)}` : ''}. ${help.signature.parameters.length} parameters.`)],
  });
  return true;
}

function close(editor: EditorView): boolean {
  if (!editor.state.field(field).help) return false;
  editor.dispatch({ effects: show.of(false) });
  return true;
}

export function signatureHelp(): Extension {
  return [
    field,
    // After the list of completions, which Escape closes first.
    Prec.high(keymap.of([{ key: 'Ctrl-Shift-Space', run: open, preventDefault: true }, { key: 'Escape', run: close }])),
    EditorView.domEventHandlers({
      blur: (_event, editor) => {
        if (editor.state.field(field).help) setTimeout(() => !editor.hasFocus && !document.activeElement?.closest('.cm-signature') && close(editor), 150);
      },
    }),
  ];
}
