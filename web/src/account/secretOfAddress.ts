/**
 * What opens a link stands behind the `#`, which browsers send to no server. It is taken out of the address at once, so
 * that it stays neither in the history nor in a picture of the screen.
 */
let taken: string | null = null;

export function secretOfAddress(): string | null {
  const found = window.location.hash.slice(1);
  if (found) {
    taken = found;
    window.history.replaceState(window.history.state, '', window.location.pathname);
  }
  return taken;
}
