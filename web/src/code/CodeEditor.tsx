/** CodeMirror for Python, with marks at the lines the server names. It needs no eval and no inline script. */
import { python } from '@codemirror/lang-python';
import { setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { Compartment, EditorSelection, EditorState, type Text } from '@codemirror/state';
import { EditorView, tooltips } from '@codemirror/view';
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useImperativeHandle, useRef, type Ref } from 'react';
import type { Column } from '@/api/types';
import classes from './code.module.css';
import { colours } from './colours';
import { readingParts, writingParts } from './editing';
import type { Fix } from './explain';

/** A place as the server names it: lines from 1, columns in characters from 1. */
export interface CodeMark {
  line: number;
  column?: number;
  endLine?: number;
  endColumn?: number;
  message: string;
  severity: 'error' | 'warning';
  fix?: Fix;
}

/** Marks, and the text they were found in: they say nothing of another. */
export interface CodeMarks {
  code: string;
  items: CodeMark[];
}

export interface EditorHandle {
  focus: () => void;
  goTo: (line: number, column?: number) => void;
  /** Replaces the first `find` at or after the line; false when it is not there. */
  replace: (line: number, fix: Fix) => boolean;
}

interface Props {
  value: string;
  onChange?: (value: string) => void;
  onRun?: () => void;
  marks?: CodeMarks;
  columns?: Column[];
  label: string;
  readOnly?: boolean;
  ref?: Ref<EditorHandle>;
}

/** The offset of a column counted in characters; the text itself counts some characters as two. */
function offset(text: string, column: number): number {
  let at = 0;
  for (let left = column - 1; left > 0 && at < text.length; left -= 1) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return at;
}

/** The server's place as offsets in the text, clamped: the text may have moved on since it was checked. */
export function toRange(doc: Text, mark: Omit<CodeMark, 'message' | 'severity'>): { from: number; to: number } {
  const line = doc.line(Math.min(Math.max(1, mark.line), doc.lines));
  const from = line.from + offset(line.text, mark.column ?? 1);
  let to = line.to;
  if (mark.endLine !== undefined) {
    const end = doc.line(Math.min(Math.max(1, mark.endLine), doc.lines));
    to = mark.endColumn === undefined ? end.to : end.from + offset(end.text, mark.endColumn);
  }
  if (to <= from) to = line.to;
  // At the end of a line there is nothing to mark but what stands before.
  return to > from ? { from, to } : { from: Math.max(line.from, from - 1), to: line.to };
}

/** Where a fix applies: the first place at or after the line that holds what is to be replaced. */
export function fixRange(doc: Text, line: number, fix: Fix): { from: number; to: number } | null {
  const start = doc.line(Math.min(Math.max(1, line), doc.lines)).from;
  const at = doc.sliceString(start).indexOf(fix.find);
  return at < 0 ? null : { from: start + at, to: start + at + fix.find.length };
}

function applyFix(editor: EditorView, line: number, fix: Fix): boolean {
  const range = fixRange(editor.state.doc, line, fix);
  if (!range) return false;
  editor.dispatch({ changes: { ...range, insert: fix.replace }, selection: EditorSelection.cursor(range.from + fix.replace.length), userEvent: 'input.fix', scrollIntoView: true });
  return true;
}

function diagnostic(doc: Text, mark: CodeMark): Diagnostic {
  const { fix } = mark;
  const here = fix && fixRange(doc, mark.line, fix);
  return {
    ...toRange(doc, mark),
    severity: mark.severity,
    message: mark.message,
    ...(fix && here ? { actions: [{ name: fix.label, apply: (view: EditorView) => void applyFix(view, mark.line, fix) }] } : {}),
  };
}

export function CodeEditor({ value, onChange, onRun, marks, columns, label, readOnly, ref }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const scheme = useRef(new Compartment());
  const dark = useComputedColorScheme('light') === 'dark';
  const latest = useRef({ onChange, onRun, columns });
  useEffect(() => {
    latest.current = { onChange, onRun, columns };
  });

  useEffect(() => {
    if (!host.current) return;
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: value,
        extensions: [
          readOnly ? readingParts() : writingParts(() => latest.current.columns ?? [], () => latest.current.onRun?.()),
          python(),
          // Inside the dialog, whose readers see nothing outside it, but out of the editor's own box, which would cut them.
          tooltips({ parent: host.current.closest<HTMLElement>('[role="dialog"]') ?? document.body }),
          scheme.current.of(colours(dark)),
          EditorState.readOnly.of(!!readOnly),
          // Escape closes what the editor shows, never the drawer around it with what was written.
          EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false', autocapitalize: 'off', tabindex: '0', ...(readOnly ? {} : { 'data-mantine-stop-propagation': 'true' }) }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange?.(update.state.doc.toString());
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

  useImperativeHandle(ref, () => ({
    focus: () => view.current?.focus(),
    goTo: (line, column) => {
      const editor = view.current;
      if (!editor) return;
      const { from } = toRange(editor.state.doc, { line, column });
      editor.dispatch({ selection: EditorSelection.cursor(from), effects: EditorView.scrollIntoView(from, { y: 'center' }) });
      editor.focus();
    },
    replace: (line, fix) => {
      const editor = view.current;
      const changed = !!editor && applyFix(editor, line, fix);
      editor?.focus();
      return changed;
    },
  }), []);

  useEffect(() => {
    const editor = view.current;
    if (editor && editor.state.doc.toString() !== value) {
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value }, selection: EditorSelection.cursor(0) });
    }
  }, [value]);

  useEffect(() => {
    view.current?.dispatch({ effects: scheme.current.reconfigure(colours(dark)) });
  }, [dark]);

  useEffect(() => {
    const editor = view.current;
    // Marks of an older text stay where the editor has carried them until those of this one are here.
    if (!editor || !marks || marks.code !== editor.state.doc.toString()) return;
    editor.dispatch(setDiagnostics(editor.state, marks.items.map((mark) => diagnostic(editor.state.doc, mark))));
  }, [marks, value]);

  return <div ref={host} className={classes.editor} />;
}
