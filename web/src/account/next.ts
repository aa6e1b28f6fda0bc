/** Where to go after signing in: only a path of this page, never another origin or the login page itself. */
export function safeNext(next: string | undefined): string {
  if (!next || !next.startsWith('/') || next.startsWith('//') || next.includes('\\') || next.startsWith('/login')) return '/projects';
  return next;
}

/** The sign-in's search for coming back to an address of this page. */
export function loginSearch(here: string): { next?: string } {
  const next = safeNext(here);
  return next === '/projects' ? {} : { next };
}
