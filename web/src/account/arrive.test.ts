import { QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { meQuery } from '@/api/queries';
import { endSession, keepAlive } from '@/api/session';
import { arrive, enter } from './arrive';
import { loginSearch } from './next';
import { isVisitor, projectOf, VISITOR } from './visitor';

const ME = { ...VISITOR, user: { ...VISITOR.user, id: 'usr_1' }, expires_in: 1800 };
const NO = { status: 401, body: {} };
type Answer = { status: number; body?: unknown };
let calls: string[] = [];
let client: QueryClient;

function serve(answers: Record<string, Answer[]>) {
  vi.stubGlobal('fetch', async (url: string, options: RequestInit) => {
    const key = `${options.method} ${url.replace('/api/v1', '')}`;
    calls.push(key);
    const answer = answers[key]?.shift();
    if (!answer) throw new TypeError('no answer prepared');
    return new Response(JSON.stringify(answer.body ?? {}), { status: answer.status });
  });
}

const nobody = (single_user = false) => ({
  'GET /auth/me': [NO],
  'POST /auth/refresh': [NO],
  'GET /auth/registration': [{ status: 200, body: { registration: 'closed', single_user } }],
});
const here = () => client.getQueryData(meQuery.queryKey);

beforeEach(() => {
  calls = [];
  client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  keepAlive(1800);
});
afterEach(() => {
  endSession(false);
  client.clear();
  vi.unstubAllGlobals();
});

describe('who comes in', () => {
  it('lets in who is signed in, without more questions', async () => {
    serve({ 'GET /auth/me': [{ status: 200, body: ME }] });
    expect(await arrive(client, '/account')).toBe(true);
    expect(await arrive(client, '/projects')).toBe(true);
    expect(calls).toEqual(['GET /auth/me']);
  });

  it('makes a visitor of who asks for an open project, and refreshes nothing for them', async () => {
    serve({ ...nobody(), 'GET /projects/prj_1': [{ status: 200, body: { id: 'prj_1' } }] });
    expect(await arrive(client, '/projects/prj_1/dashboards/dsh_1')).toBe(true);
    expect(isVisitor(here())).toBe(true);
    await client.refetchQueries({ queryKey: meQuery.queryKey, stale: true });
    expect(calls).toEqual(['GET /auth/me', 'POST /auth/refresh', 'GET /auth/registration', 'GET /projects/prj_1']);
  });

  it('sends to the sign-in who asks for a closed project, or for no project', async () => {
    serve({ ...nobody(), 'GET /projects/prj_1': [NO] });
    expect(await arrive(client, '/projects/prj_1')).toBe(false);
    expect(here()).toBeUndefined();
    expect(calls.filter((call) => call.includes('refresh'))).toHaveLength(1);
    serve(nobody());
    expect(await arrive(client, '/admin/users')).toBe(false);
  });

  it('lets a visitor be below a project and nowhere else', async () => {
    client.setQueryData(meQuery.queryKey, VISITOR);
    expect(await arrive(client, '/projects/prj_2/collections/col_1')).toBe(true);
    for (const place of ['/', '/projects', '/projects/', '/dashboards', '/account', '/admin/users']) expect(await arrive(client, place)).toBe(false);
  });

  it('signs in the one person of a laptop', async () => {
    serve({ ...nobody(true), 'GET /auth/me': [NO, { status: 200, body: ME }], 'POST /auth/single-user': [{ status: 200, body: { expires_in: 1800 } }] });
    expect(await arrive(client, '/projects')).toBe(true);
    expect(here()?.user.id).toBe('usr_1');
  });

  it('does not take a lost connection for a sign-in', async () => {
    serve({});
    await expect(arrive(client, '/projects/prj_1')).rejects.toMatchObject({ status: 0 });
  });

  it('forgets after signing in what was read as a visitor', async () => {
    client.setQueryData(meQuery.queryKey, VISITOR);
    client.setQueryData(['project', 'prj_1'], { role: 'viewer' });
    serve({ 'GET /auth/me': [{ status: 200, body: ME }] });
    await enter(client);
    expect(isVisitor(here())).toBe(false);
    expect(client.getQueryData(['project', 'prj_1'])).toBeUndefined();
  });
});

describe('addresses', () => {
  it('know their project', () => {
    expect(projectOf('/projects/prj_1/members')).toBe('prj_1');
    for (const other of ['/projects', '/projects/', '/dashboards', '/x/projects/prj_1']) expect(projectOf(other)).toBeNull();
  });

  it('are kept for after the sign-in', () => {
    expect(loginSearch('/projects/prj_1?tab=a')).toEqual({ next: '/projects/prj_1?tab=a' });
    expect(loginSearch('/projects')).toEqual({});
    expect(loginSearch('//evil.example')).toEqual({});
  });
});
