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

const SANS = "'Inter Variable', sans-serif";

const look = {
  '&.cm-editor': { height: '100%', backgroundColor: 'transparent', color: 'var(--d-text)', fontSize: '13px' },
  '.cm-scroller': { fontFamily: 'var(--d-mono)', lineHeight: '20px' },
  '.cm-content': { padding: '8px 0' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--d-dim)', border: 'none' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'color-mix(in srgb, var(--d-sunken) 70%, transparent)' },
  '.cm-cursor': { borderLeftColor: 'var(--d-text)' },
  '&.cm-focused': { outline: 'none' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--d-accent) 24%, transparent)',
  },
  '.cm-tooltip': { backgroundColor: 'var(--d-surface)', color: 'var(--d-text)', border: '1px solid var(--d-line-strong)', borderRadius: '8px', boxShadow: 'var(--d-shadow)', maxWidth: 'min(560px, 94vw)', zIndex: '300' },
  '.cm-tooltip-lint': { overflow: 'hidden' },
  '.cm-diagnostic': { padding: '8px 12px', fontFamily: SANS, fontSize: '13px', lineHeight: '20px', whiteSpace: 'pre-wrap' },
  '.cm-diagnostic-error': { borderLeft: '3px solid var(--d-bad)' },
  '.cm-diagnosticAction': { padding: '2px 8px', marginLeft: '8px', borderRadius: '6px', backgroundColor: 'var(--d-accent)', color: 'var(--d-on-accent)', font: 'inherit', fontSize: '12px' },
  '.cm-tooltip.cm-tooltip-autocomplete': { padding: '4px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--d-mono)', fontSize: '12px', maxHeight: '216px', minWidth: '240px', maxWidth: 'min(480px, 90vw)' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { display: 'flex', alignItems: 'baseline', gap: '8px', padding: '3px 8px', borderRadius: '6px', lineHeight: '18px' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--d-accent-soft)', color: 'var(--d-text)' },
  '.cm-completionLabel': { flex: '0 1 auto', overflow: 'hidden', textOverflow: 'ellipsis' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '600', color: 'var(--d-accent)' },
  '.cm-completionDetail': { flex: '1 0 auto', marginLeft: 'auto', textAlign: 'right', color: 'var(--d-dim)', fontStyle: 'normal', fontFamily: SANS },
  '.cm-badge': { flex: 'none', width: '28px', color: 'var(--d-dim)', fontSize: '11px', fontFamily: SANS },
  '.cm-badge-column': { color: 'var(--d-accent)', fontWeight: '600' },
  '.cm-signature': { padding: '8px 12px', fontSize: '12px', lineHeight: '18px' },
  '.cm-signature-list': { position: 'relative', maxHeight: '72px', overflow: 'auto', fontFamily: 'var(--d-mono)', color: 'var(--d-dim)' },
  '.cm-signature-path': { color: 'var(--d-text)', fontWeight: '600' },
  '.cm-signature-parameter': { color: 'var(--d-text)' },
  '.cm-signature-given': { color: 'var(--d-dim)' },
  '.cm-signature-preset': { color: 'var(--d-dim)' },
  '.cm-signature [aria-current]': { padding: '0 3px', borderRadius: '4px', backgroundColor: 'var(--d-accent-soft)', color: 'var(--d-accent)', fontWeight: '600' },
  '.cm-signature-note': { marginTop: '4px', color: 'var(--d-dim)', fontFamily: SANS },
  '.cm-signature-name': { color: 'var(--d-text)', fontWeight: '600' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--d-bad) 1px', textUnderlineOffset: '3px' },
  '.cm-lintRange-active': { backgroundColor: 'var(--d-bad-soft)' },
  '.cm-gutter-lint': { width: '16px' },
  '&.cm-merge-a .cm-changedLine, .cm-deletedChunk': { backgroundColor: 'var(--d-bad-soft)' },
  '&.cm-merge-b .cm-changedLine, .cm-inlineChangedLine, &.cm-editor .cm-insertedLine': { backgroundColor: 'var(--d-good-soft)' },
  '&.cm-merge-a .cm-changedText, .cm-deletedChunk .cm-deletedText': { background: 'none', textDecoration: 'underline', textDecorationColor: 'var(--d-bad)' },
  '&.cm-merge-b .cm-changedText': { background: 'none', textDecoration: 'underline', textDecorationColor: 'var(--d-good)' },
  '.cm-collapsedLines': { background: 'var(--d-sunken)', color: 'var(--d-dim)', fontFamily: SANS, fontSize: '12px' },
  '.cm-changeGutter': { width: '3px' },
};

const light: Extension = [EditorView.theme(look, { dark: false }), syntaxHighlighting(highlight(false))];
const night: Extension = [EditorView.theme(look, { dark: true }), syntaxHighlighting(highlight(true))];

export function colours(dark: boolean): Extension {
  return dark ? night : light;
}
