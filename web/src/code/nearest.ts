/** The name a person most likely meant. */

/** Edits between two words: letters added, dropped, changed, or two swapped. */
export function distance(a: string, b: string, most = Infinity): number {
  const left = [...a];
  const right = [...b];
  if (Math.abs(left.length - right.length) > most) return most + 1;
  let older: number[] = [];
  let before = right.map((_, index) => index + 1);
  before.unshift(0);
  for (let i = 1; i <= left.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const same = left[i - 1] === right[j - 1] ? 0 : 1;
      let best = Math.min((row[j - 1] ?? 0) + 1, (before[j] ?? 0) + 1, (before[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1]) best = Math.min(best, (older[j - 2] ?? 0) + 1);
      row.push(best);
    }
    older = before;
    before = row;
  }
  return before[right.length] ?? 0;
}

function plain(text: string): string {
  return text.toLowerCase().replaceAll(/[\s_.-]+/g, '_');
}

/** The nearest of `names`, when one is near enough to be worth naming. */
export function nearest(wanted: string, names: readonly string[]): string | undefined {
  const goal = plain(wanted);
  if (!goal) return undefined;
  const most = Math.max(1, Math.floor(goal.length / 3));
  let found: string | undefined;
  let best = most + 1;
  for (const name of names) {
    if (name === wanted) continue;
    const other = plain(name);
    // `mass` for `body_mass_g`: a whole word of the name.
    const away = other === goal ? 0 : other.split('_').includes(goal) && goal.length > 2 ? most : distance(goal, other, best);
    if (away < best) {
      best = away;
      found = name;
    }
  }
  return found;
}
