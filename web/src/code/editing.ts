/** The editor's parts: history, brackets, completion, help for calls, problems, and the keys for all of them. */
import { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, completionStatus, type Completion } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, indentOnInput, indentUnit } from '@codemirror/language';
import { forEachDiagnostic, lintGutter, type Diagnostic } from '@codemirror/lint';
import { EditorSelection, type Extension } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from '@codemirror/view';
import type { Column } from '@/api/types';
import { pythonCompletion } from './python/complete';
import { signatureHelp } from './python/help';

const BADGES: Record<string, string> = {
  column: 'col', argument: 'arg', function: 'fn', class: 'cls', namespace: 'lib', variable: 'var', property: 'val', constant: 'val', enum: 'text', keyword: 'key',
};

function badge(completion: Completion): Node {
  const element = document.createElement('span');
  element.className = `cm-badge cm-badge-${completion.type ?? 'none'}`;
  element.setAttribute('aria-hidden', 'true');
  element.textContent = BADGES[completion.type ?? ''] ?? '';
  return element;
}

/** Moves to the next problem, or the one before, around the end; the message is said aloud. */
export function walkProblems(editor: EditorView, step: 1 | -1): boolean {
  const found: { from: number; diagnostic: Diagnostic }[] = [];
  forEachDiagnostic(editor.state, (diagnostic, from) => found.push({ from, diagnostic }));
  if (found.length === 0) {
    editor.dispatch({ effects: EditorView.announce.of('No problem found.') });
    return true;
  }
  found.sort((a, b) => a.from - b.from);
  const at = editor.state.selection.main.head;
  const next = step > 0 ? (found.find((item) => item.from > at) ?? found[0]) : (found.findLast((item) => item.from < at) ?? found.at(-1));
  if (!next) return true;
  editor.dispatch({
    selection: EditorSelection.cursor(next.from),
    effects: [EditorView.scrollIntoView(next.from, { y: 'center' }), EditorView.announce.of(`Line ${editor.state.doc.lineAt(next.from).number}: ${next.diagnostic.message}`)],
  });
  return true;
}

/** What scrolls can be reached by the keyboard; the library leaves its list out. */
const reachableList = EditorView.updateListener.of(({ state, view }) => {
  if (completionStatus(state) !== 'active') return;
  requestAnimationFrame(() => {
    const root = view.dom.getRootNode();
    if (root instanceof Document) for (const list of root.querySelectorAll<HTMLElement>('.cm-tooltip-autocomplete > ul:not([tabindex])')) list.tabIndex = 0;
  });
});

export function readingParts(): Extension {
  return [lineNumbers(), EditorView.lineWrapping];
}

export function writingParts(columns: () => Column[], onRun: () => void): Extension {
  return [
    lineNumbers(),
    lintGutter(),
    highlightActiveLineGutter(),
    highlightActiveLine(),
    history(),
    drawSelection(),
    indentOnInput(),
    indentUnit.of('    '),
    bracketMatching(),
    closeBrackets(),
    autocompletion({ override: [pythonCompletion(columns)], icons: false, addToOptions: [{ render: badge, position: 20 }], maxRenderedOptions: 80, closeOnBlur: true }),
    reachableList,
    signatureHelp(),
    keymap.of([
      { key: 'Mod-Enter', run: () => (onRun(), true), preventDefault: true },
      { key: 'F8', run: (editor) => walkProblems(editor, 1), shift: (editor) => walkProblems(editor, -1), preventDefault: true },
      { key: 'Tab', run: acceptCompletion },
      ...closeBracketsKeymap,
      ...defaultKeymap,
      ...historyKeymap,
      indentWithTab,
    ]),
  ];
}
