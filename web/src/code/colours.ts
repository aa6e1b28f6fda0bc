/** Syntax colours on our surfaces; every pair keeps AA contrast. */
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

function highlight(dark: boolean) {
  const of = (light: string, night: string) => (dark ? night : light);
  return HighlightStyle.define([
    { tag: tags.comment, color: of('#5b6b80', '#8b98a9'), fontStyle: 'italic' },
    { tag: [tags.keyword, tags.operatorKeyword, tags.controlKeyword, tags.definitionKeyword], color: of('#7a2e9d', '#d9a4f0') },
    { tag: [tags.string, tags.special(tags.string)], color: of('#15703a', '#8fd6a5') },
    { tag: [tags.number, tags.bool, tags.null], color: of('#a1410d', '#f0ad7f') },
    { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: of('#0b5cad', '#82bdf0') },
    { tag: [tags.definition(tags.variableName), tags.variableName], color: of('#0f172a', '#e6ebf2') },
    { tag: tags.propertyName, color: of('#334155', '#c3ccd8') },
    { tag: tags.operator, color: of('#526077', '#9aa6b6') },
  ]);
}

const look = {
  '&': { height: '100%', backgroundColor: 'transparent', color: 'var(--d-text)', fontSize: '13px' },
  '.cm-scroller': { fontFamily: 'var(--d-mono)', lineHeight: '20px' },
  '.cm-content': { padding: '8px 0' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--d-dim)', border: 'none' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'color-mix(in srgb, var(--d-sunken) 70%, transparent)' },
  '.cm-cursor': { borderLeftColor: 'var(--d-text)' },
  '&.cm-focused': { outline: 'none' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--d-accent) 24%, transparent)',
  },
  '.cm-tooltip': { backgroundColor: 'var(--d-surface)', color: 'var(--d-text)', border: '1px solid var(--d-line-strong)', borderRadius: '8px' },
  '.cm-diagnostic': { padding: '8px 12px', fontFamily: "'Inter Variable', sans-serif" },
};

const light: Extension = [EditorView.theme(look, { dark: false }), syntaxHighlighting(highlight(false))];
const night: Extension = [EditorView.theme(look, { dark: true }), syntaxHighlighting(highlight(true))];

export function colours(dark: boolean): Extension {
  return dark ? night : light;
}
