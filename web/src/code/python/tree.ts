import { ensureSyntaxTree, syntaxTree } from '@codemirror/language';
import type { EditorState } from '@codemirror/state';
import type { Tree } from '@lezer/common';

/** A person waits this long for the rest of a text to be read, no longer. */
const READ_MS = 100;

/** The script as a tree, whole where that is quick: the editor reads long texts piece by piece. */
export function treeOf(state: EditorState): Tree {
  return ensureSyntaxTree(state, state.doc.length, READ_MS) ?? syntaxTree(state);
}
