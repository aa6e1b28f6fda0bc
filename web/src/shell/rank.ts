/** Which entries of the palette answer what was typed, best first. */

export interface Entry {
  id: string;
  group: 'Actions' | 'Projects' | 'Dashboards' | 'Collections' | 'People';
  label: string;
  hint?: string;
  run?: () => void;
}

const SHOWN_MAX = 30;

/** 3 for the start of the name, 2 for the start of a word, 1 for anywhere; 0 when a typed word is missing. */
function score(label: string, words: string[]): number {
  const text = label.toLowerCase();
  let sum = 0;
  for (const word of words) {
    const at = text.indexOf(word);
    if (at < 0) return 0;
    sum += at === 0 ? 3 : /[\s_-]/.test(text[at - 1] ?? '') ? 2 : 1;
  }
  return sum;
}

export function rank(entries: Entry[], search: string): Entry[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return entries.filter((entry) => entry.group !== 'People').slice(0, SHOWN_MAX);
  return entries
    .map((entry, index) => ({ entry, index, points: score(entry.label, words) }))
    .filter((item) => item.points > 0)
    .sort((a, b) => b.points - a.points || a.index - b.index)
    .slice(0, SHOWN_MAX)
    .map((item) => item.entry);
}
