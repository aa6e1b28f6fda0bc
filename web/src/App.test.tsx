import { cleanup, render, screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { App } from './App';
import { endSession, keepAlive } from './api/session';

const PROJECT = { id: 'prj_1', name: 'Birds', description: 'Of the coast', role: 'viewer', via_admin: false, synthetic: false, dashboards: 0, collections: 0, can: { 'project.view': true } };
const LIST = { items: [], next_cursor: null };
const OPEN: Record<string, unknown> = {
  'GET /auth/registration': { registration: 'closed', single_user: false },
  'GET /public/projects': { items: [PROJECT], next_cursor: null },
  'GET /projects/prj_1': PROJECT,
  'GET /projects/prj_1/dashboards': LIST,
};
let calls: string[] = [];

/** What is not named is answered as the server answers whoever has not signed in. */
function serve(answers: Record<string, unknown>) {
  vi.stubGlobal('fetch', async (url: string, options: RequestInit) => {
    const key = `${options.method} ${url.replace('/api/v1', '').replace(/\?.*/, '')}`;
    calls.push(key);
    const body = answers[key];
    return new Response(JSON.stringify(body ?? { title: 'Unauthorized', status: 401 }), { status: body ? 200 : 401 });
  });
}

beforeEach(() => {
  calls = [];
  keepAlive(1800);
  window.scrollTo = () => undefined;
});
afterEach(() => {
  cleanup();
  endSession(false);
  vi.unstubAllGlobals();
});

describe('a visitor', () => {
  it('sees an open project and the way to sign in, and ends at the sign-in once it is closed', async () => {
    serve(OPEN);
    window.history.replaceState(null, '', '/projects/prj_1');
    render(<App />);
    await screen.findByRole('heading', { level: 1, name: 'Birds' });
    const enter = screen.getByRole('link', { name: 'Sign in' });
    expect(new URL((enter as HTMLAnchorElement).href).search).toBe('?next=%2Fprojects%2Fprj_1');
    expect(screen.getByText('public')).toBeTruthy();
    for (const name of ['Projects', 'Members', 'Settings', 'Users']) expect(screen.queryByRole('link', { name })).toBeNull();
    for (const name of ['Search', /^Account of/]) expect(screen.queryByRole('button', { name })).toBeNull();
    expect(screen.queryByRole('navigation', { name: 'Main' })).toBeNull();

    await userEvent.click(screen.getByRole('link', { name: /^Collections/ }));
    await screen.findByLabelText('E-mail');
    expect(window.location.pathname + window.location.search).toBe('/login?next=%2Fprojects%2Fprj_1%2Fcollections');
    await screen.findByRole('heading', { name: 'Open to everyone' });
    expect(screen.getByRole('link', { name: 'Birds' })).toBeTruthy();
    expect(calls.filter((call) => call.includes('refresh'))).toHaveLength(1);
  }, 20_000);

  it('is one no longer after signing in, and comes back to where they were', async () => {
    serve(OPEN);
    window.history.replaceState(null, '', '/projects/prj_1');
    render(<App />);
    await userEvent.click(await screen.findByRole('link', { name: 'Sign in' }));
    await userEvent.type(await screen.findByLabelText('E-mail'), 'ada@example.org');
    await userEvent.type(screen.getByLabelText('Password'), 'a');
    serve({
      ...OPEN,
      'POST /auth/login': { expires_in: 1800 },
      'GET /auth/me': { user: { id: 'usr_1', email: 'ada@example.org', display_name: 'Ada', role: 'user', disabled: false, created_at: '' }, expires_in: 1800, permissions: { create_project: true, admin: false } },
      'GET /projects/prj_1': { ...PROJECT, role: 'editor' },
    });
    await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
    await screen.findByRole('button', { name: 'Account of Ada' });
    await screen.findByText('editor');
    expect(screen.getByRole('navigation', { name: 'Main' })).toBeTruthy();
    expect(window.location.pathname).toBe('/projects/prj_1');
  }, 20_000);

  it('is nobody at a place that needs an account', async () => {
    serve(OPEN);
    window.history.replaceState(null, '', '/account');
    render(<App />);
    await screen.findByLabelText('E-mail');
    await waitFor(() => expect(window.location.search).toBe('?next=%2Faccount'));
  }, 20_000);
});
