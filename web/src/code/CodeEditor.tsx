/** CodeMirror for Python, with marks at the lines the server names. It needs no eval and no inline script. */
import { closeBrackets, closeBracketsKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { python } from '@codemirror/lang-python';
import { bracketMatching, indentOnInput, indentUnit } from '@codemirror/language';
import { lintGutter, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { Compartment, EditorState, type Text } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from '@codemirror/view';
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import classes from './code.module.css';
import { colours } from './colours';

/** A place as the server names it: lines from 1, columns from 1. */
export interface CodeMark {
  line: number;
  column?: number;
  endLine?: number;
  endColumn?: number;
  message: string;
  severity: 'error' | 'warning';
}

interface Props {
  value: string;
  onChange?: (value: string) => void;
  onRun?: () => void;
  marks?: CodeMark[];
  label: string;
  readOnly?: boolean;
}

/** The server's place as offsets in the text, clamped: the text may have moved on since it was checked. */
export function toRange(doc: Text, mark: CodeMark): { from: number; to: number } {
  const line = doc.line(Math.min(Math.max(1, mark.line), doc.lines));
  const from = Math.min(line.to, line.from + Math.max(0, (mark.column ?? 1) - 1));
  let to = line.to;
  if (mark.endLine !== undefined) {
    const end = doc.line(Math.min(Math.max(1, mark.endLine), doc.lines));
    to = Math.min(end.to, mark.endColumn === undefined ? end.to : end.from + Math.max(0, mark.endColumn - 1));
  }
  if (to <= from) to = line.to;
  return to > from ? { from, to } : { from: line.from, to: line.to };
}

export function CodeEditor({ value, onChange, onRun, marks, label, readOnly }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const scheme = useRef(new Compartment());
  const dark = useComputedColorScheme('light') === 'dark';
  const handlers = useRef({ onChange, onRun });
  useEffect(() => {
    handlers.current = { onChange, onRun };
  });

  useEffect(() => {
    if (!host.current) return;
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: value,
        extensions: [
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
          python(),
          scheme.current.of(colours(dark)),
          EditorState.readOnly.of(!!readOnly),
          EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false', tabindex: '0' }),
          ...(readOnly ? [EditorView.lineWrapping] : []),
          keymap.of([
            { key: 'Mod-Enter', run: () => (handlers.current.onRun?.(), true) },
            ...closeBracketsKeymap,
            ...defaultKeymap,
            ...historyKeymap,
            indentWithTab,
          ]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) handlers.current.onChange?.(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    return () => {
      editor.destroy();
      view.current = null;
    };
    // The editor is made once; later values arrive as changes below.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [label, readOnly]);

  useEffect(() => {
    const editor = view.current;
    if (editor && editor.state.doc.toString() !== value) {
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
    }
  }, [value]);

  useEffect(() => {
    view.current?.dispatch({ effects: scheme.current.reconfigure(colours(dark)) });
  }, [dark]);

  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const diagnostics = (marks ?? []).map((mark): Diagnostic => ({ ...toRange(editor.state.doc, mark), severity: mark.severity, message: mark.message }));
    editor.dispatch(setDiagnostics(editor.state, diagnostics));
  }, [marks]);

  return <div ref={host} className={classes.editor} />;
}
