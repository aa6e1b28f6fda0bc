/** How many lines were added and taken away, in words for those who do not see the colours. */
import { diff } from '@codemirror/merge';

export interface LineChanges {
  added: number;
  removed: number;
}

export function lineChanges(before: string, after: string): LineChanges {
  // Each distinct line becomes one letter, so that the library's comparison works on lines.
  const letters = new Map<string, string>();
  const encode = (text: string) =>
    text.split('\n').map((line) => {
      const known = letters.get(line) ?? String.fromCharCode(1 + letters.size);
      letters.set(line, known);
      return known;
    }).join('');
  const found = { added: 0, removed: 0 };
  for (const change of diff(encode(before), encode(after))) {
    found.removed += change.toA - change.fromA;
    found.added += change.toB - change.fromB;
  }
  return found;
}
