import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { address, api, path } from './client';
import { ApiError, fieldError } from './problem';
import { keepAlive, onSessionEnd } from './session';

type Answer = { status: number; body?: unknown };
let calls: string[] = [];

function serve(answers: Record<string, Answer[]>) {
  vi.stubGlobal('fetch', async (url: string, options: RequestInit) => {
    const key = `${options.method} ${url.replace('/api/v1', '')}`;
    calls.push(key);
    const answer = answers[key]?.shift();
    if (!answer) throw new TypeError('no answer prepared');
    return new Response(answer.body === undefined ? null : JSON.stringify(answer.body), { status: answer.status });
  });
}

beforeEach(() => {
  calls = [];
  localStorage.clear();
  keepAlive(1800);
});
afterEach(() => vi.unstubAllGlobals());

describe('api', () => {
  it('refreshes once after a 401 and tries again', async () => {
    serve({
      'GET /projects': [{ status: 401, body: {} }, { status: 200, body: { items: [] } }],
      'POST /auth/refresh': [{ status: 200, body: { expires_in: 1800 } }],
    });
    expect(await api.get('/projects')).toEqual({ items: [] });
    expect(calls).toEqual(['GET /projects', 'POST /auth/refresh', 'GET /projects']);
  });

  it('shares one refresh among requests that fail together', async () => {
    serve({
      'GET /a': [{ status: 401, body: {} }, { status: 200, body: 1 }],
      'GET /b': [{ status: 401, body: {} }, { status: 200, body: 2 }],
      'POST /auth/refresh': [{ status: 200, body: { expires_in: 1800 } }],
    });
    expect(await Promise.all([api.get('/a'), api.get('/b')])).toEqual([1, 2]);
    expect(calls.filter((call) => call.includes('refresh'))).toHaveLength(1);
  });

  it('ends the session when the refresh is refused', async () => {
    const ended = vi.fn();
    const stop = onSessionEnd(ended);
    serve({ 'GET /projects': [{ status: 401, body: { title: 'Unauthorized', status: 401 } }], 'POST /auth/refresh': [{ status: 401 }] });
    await expect(api.get('/projects')).rejects.toMatchObject({ status: 401 });
    expect(ended).toHaveBeenCalledOnce();
    stop();
  });

  it('does not ask again for a refresh that was refused, until somebody signs in', async () => {
    const no = { status: 401, body: {} };
    serve({ 'GET /a': [no, no, no], 'POST /auth/refresh': [no, no] });
    await expect(api.get('/a')).rejects.toMatchObject({ status: 401 });
    await expect(api.get('/a')).rejects.toMatchObject({ status: 401 });
    expect(calls).toEqual(['GET /a', 'POST /auth/refresh', 'GET /a']);
    keepAlive(1800);
    await expect(api.get('/a')).rejects.toMatchObject({ status: 401 });
    expect(calls.filter((call) => call.includes('refresh'))).toHaveLength(2);
  });

  it('refreshes a session that has run out before it asks, so that nobody is answered as a visitor', async () => {
    keepAlive(0);
    serve({ 'GET /a': [{ status: 200, body: 1 }], 'POST /auth/refresh': [{ status: 200, body: { expires_in: 1800 } }] });
    expect(await api.get('/a')).toBe(1);
    expect(calls).toEqual(['POST /auth/refresh', 'GET /a']);
  });

  it('does not try to refresh a wrong password', async () => {
    serve({ 'POST /auth/login': [{ status: 401, body: { title: 'No', status: 401, code: 'bad_credentials' } }] });
    await expect(api.post('/auth/login', {})).rejects.toMatchObject({ code: 'bad_credentials' });
    expect(calls).toEqual(['POST /auth/login']);
  });

  it('says that the server cannot be reached, and that a change is then uncertain', async () => {
    serve({});
    const error = await api.post('/projects', {}).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(ApiError);
    expect((error as ApiError).problem.code).toBe('unreachable');
    expect((error as ApiError).uncertain).toBe(true);
  });

  it('makes a problem of an answer that is none, and keeps the messages of fields', async () => {
    serve({ 'GET /x': [{ status: 502 }], 'POST /projects': [{ status: 422, body: { title: 'Invalid', status: 422, errors: [{ pointer: '/name', message: 'is taken' }] } }] });
    await expect(api.get('/x')).rejects.toMatchObject({ status: 502 });
    const error = await api.post('/projects', {}).catch((failure: unknown) => failure);
    expect(fieldError(error, 'name')).toBe('is taken');
    expect(fieldError(error, 'description')).toBeUndefined();
  });
});

describe('addresses', () => {
  it('keeps an id inside its segment', () => {
    expect(path`/projects/${'../users'}/x`).toBe('/projects/..%2Fusers/x');
    expect(path`/projects/${'a?b#c'}`).toBe('/projects/a%3Fb%23c');
  });

  it('leaves out what is not set', () => {
    expect(address('/audit/events', { type: 'auth.login', actor: undefined, cursor: null, limit: 5 })).toBe('/api/v1/audit/events?type=auth.login&limit=5');
  });
});
