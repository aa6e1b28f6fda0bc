/**
 * Keeps the session alive without ever holding a token: the cookies are HttpOnly, the page knows only when they end.
 *
 * Refresh tokens rotate, so two tabs that refresh at once would spend the same token twice and the server would end
 * the session. One tab refreshes for all: a lock serialises them, and who comes second sees that it has been done.
 */

const LOCK = 'depictio-session';
const DONE_AT = 'depictio.refreshed_at';

type Note = { kind: 'refreshed'; expires_in: number } | { kind: 'signed_out' };

const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(LOCK);
const endings = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | undefined;
let running: Promise<boolean> | undefined;
let lastRefresh = 0;
/** When the access cookie ends. After that the server would take its person for a visitor. */
let endsAt = Infinity;
/** The server has refused to go on: asking again is of no use until somebody signs in. */
let refused = false;

function remember(at: number) {
  lastRefresh = at;
  try {
    localStorage.setItem(DONE_AT, String(at));
  } catch {
    // Without storage the channel alone tells the others.
  }
}

function rememberedAt(): number {
  try {
    return Math.max(lastRefresh, Number(localStorage.getItem(DONE_AT) ?? 0));
  } catch {
    return lastRefresh;
  }
}

/** Web Locks exist only in secure contexts; on plain HTTP a random wait makes a double refresh improbable. */
async function alone<T>(work: () => Promise<T>): Promise<T> {
  if (typeof navigator !== 'undefined' && navigator.locks) return navigator.locks.request(LOCK, work);
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 300));
  return work();
}

/** Refreshes once for all tabs. True when the session lives. */
export function refreshSession(): Promise<boolean> {
  if (refused) return Promise.resolve(false);
  const asked = Date.now();
  running ??= alone(async () => {
    // Another tab did it while this one waited for the lock.
    if (rememberedAt() >= asked) return true;
    const response = await fetch('/api/v1/auth/refresh', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: '{}',
      credentials: 'same-origin',
    });
    if (!response.ok) {
      refused = response.status === 401;
      return response.status >= 500;
    }
    const body = (await response.json()) as { expires_in: number };
    remember(Date.now());
    keepAlive(body.expires_in);
    channel?.postMessage({ kind: 'refreshed', expires_in: body.expires_in } satisfies Note);
    return true;
  })
    .catch(() => true) // A lost connection is not the end of a session.
    .finally(() => {
      running = undefined;
    });
  return running;
}

/** How long to wait before refreshing a session that ends in `expiresIn` seconds: well before, never a busy loop. */
export function refreshDelayMs(expiresIn: number): number {
  const lead = Math.min(60, expiresIn * 0.2);
  return Math.max(5, expiresIn - lead) * 1000;
}

/** Schedules the next refresh; a hidden tab that wakes late is caught by the 401 path. */
export function keepAlive(expiresIn: number): void {
  refused = false;
  endsAt = Date.now() + expiresIn * 1000;
  clearTimeout(timer);
  timer = setTimeout(() => {
    void refreshSession().then((alive) => {
      if (!alive) endSession(false);
    });
  }, Math.min(refreshDelayMs(expiresIn), 2_000_000_000));
}

/** Whether the session has run out, as when the computer slept through its refresh. */
export function hasLapsed(): boolean {
  return Date.now() >= endsAt;
}

/** Tells the page, and with `everywhere` the other tabs, that the session is over. */
export function endSession(everywhere: boolean): void {
  endsAt = Infinity;
  clearTimeout(timer);
  if (everywhere) channel?.postMessage({ kind: 'signed_out' } satisfies Note);
  endings.forEach((listener) => listener());
}

export function onSessionEnd(listener: () => void): () => void {
  endings.add(listener);
  return () => endings.delete(listener);
}

channel?.addEventListener('message', (event: MessageEvent<Note>) => {
  if (event.data.kind === 'refreshed') {
    lastRefresh = Date.now();
    keepAlive(event.data.expires_in);
  } else {
    endSession(false);
  }
});
