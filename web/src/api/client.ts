/** The one door to the server: same origin, cookies, JSON, one refresh on 401, problems as `ApiError`. */
import { ApiError, isAbort, problemOf, unreachable } from './problem';
import { endSession, hasLapsed, refreshSession } from './session';
import { viewAsHeaders } from './viewAs';

const BASE = '/api/v1';

export interface CallOptions {
  body?: unknown;
  query?: Record<string, string | number | boolean | undefined | null>;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  accept?: string;
}

/** A path from a template: every `{}`-value is encoded, so an id can never leave its segment. */
export function path(parts: TemplateStringsArray, ...values: (string | number)[]): string {
  return parts.reduce((sum, part, index) => {
    const value = values[index];
    return sum + part + (value === undefined ? '' : encodeURIComponent(String(value)));
  }, '');
}

export function address(route: string, query?: CallOptions['query']): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== '') search.set(key, String(value));
  }
  const text = search.toString();
  return BASE + route + (text ? `?${text}` : '');
}

async function send(method: string, route: string, options: CallOptions): Promise<Response> {
  try {
    return await fetch(address(route, options.query), {
      method,
      credentials: 'same-origin',
      signal: options.signal,
      headers: {
        accept: options.accept ?? 'application/json',
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...viewAsHeaders(route),
        ...options.headers,
      },
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
    });
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new ApiError(unreachable, method !== 'GET');
  }
}

/** Sends a request and gives the raw answer once it is good; a 401 is tried again after one refresh. */
export async function call(method: string, route: string, options: CallOptions = {}): Promise<Response> {
  if (hasLapsed() && !(await refreshSession())) endSession(false);
  let response = await send(method, route, options);
  if (response.status === 401 && !route.startsWith('/auth/login')) {
    if (await refreshSession()) response = await send(method, route, options);
    if (response.status === 401) endSession(false);
  }
  if (!response.ok) throw new ApiError(await problemOf(response));
  return response;
}

async function json<T>(method: string, route: string, options?: CallOptions): Promise<T> {
  const response = await call(method, route, options);
  if (response.status === 204 || response.status === 205) return undefined as T;
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

export const api = {
  get: <T>(route: string, options?: CallOptions) => json<T>('GET', route, options),
  post: <T>(route: string, body: unknown = {}, options?: CallOptions) => json<T>('POST', route, { ...options, body }),
  put: <T>(route: string, body: unknown, options?: CallOptions) => json<T>('PUT', route, { ...options, body }),
  patch: <T>(route: string, body: unknown, options?: CallOptions) => json<T>('PATCH', route, { ...options, body }),
  delete: <T = void>(route: string, options?: CallOptions) => json<T>('DELETE', route, options),
};
