import { callAs, expect, eventually, person, settings } from '../support.mjs';

/** As when its time is over: a browser drops a cookie at its Max-Age. */
const accessTokenExpires = async (context) => {
  const before = (await context.cookies()).filter((cookie) => /access/.test(cookie.name));
  const kinds = before.map(({ name, httpOnly, sameSite }) => `${name} ${httpOnly} ${sameSite}`);
  expect(kinds.length === 1 && kinds[0].endsWith(' true Strict'), `the access cookies are ${kinds.join(', ')}`);
  await context.clearCookies({ name: /access/ });
};

const heading = (page, name) => page.getByRole('heading', { level: 1, name, exact: true });

async function signIn(page) {
  await page.getByLabel('E-mail').fill(settings.email);
  await page.getByLabel('Password', { exact: true }).fill(settings.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** A session's life in the browser. Every request is watched: nobody may be asked to sign in without need. */
export async function sessions({ browser, page, alarms, use }) {
  const one = await person(browser, alarms);
  const context = one.context();
  use(one);
  const asked = [];
  context.on('request', (request) => {
    const { pathname, href } = new URL(request.url());
    if (pathname.endsWith('/auth/refresh')) asked.push(request.method());
    if (/eyJ|[?&#](token|access|refresh)/.test(href)) alarms.push(`something like a token is in an address: ${href}`);
  });
  await one.goto(settings.url);
  await signIn(one);
  await heading(one, 'Projects').waitFor();

  // Idle until the access token has expired, then on without noticing.
  asked.length = 0;
  await accessTokenExpires(context);
  await one.getByRole('link', { name: 'Users', exact: true }).click();
  await heading(one, 'Users').waitFor();
  await one.getByRole('cell', { name: settings.email }).first().waitFor();
  expect(asked.length === 1, `${asked.length} refreshes instead of one`);

  // Two tabs need a new token at the same time: one asks for both.
  const two = await context.newPage();
  await two.goto(`${settings.url}/admin/groups`);
  await heading(two, 'Groups').waitFor();
  asked.length = 0;
  await accessTokenExpires(context);
  await Promise.all([
    one.getByRole('link', { name: 'Audit', exact: true }).click(),
    two.getByRole('link', { name: 'Projects', exact: true }).click(),
  ]);
  await one.getByRole('table', { name: 'Audit events' }).getByRole('row').nth(2).waitFor();
  await two.getByRole('link', { name: 'Palmer penguins' }).waitFor();
  expect(asked.length === 1, `${asked.length} refreshes of two tabs instead of one`);
  const seen = await two.evaluate(() => document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage));
  expect(!/eyJ|[A-Za-z0-9_-]{40}/.test(seen), `script can read something like a token: ${seen}`);

  // Signing out in one tab ends the other.
  await one.getByRole('button', { name: /^Account of/ }).click();
  await one.getByRole('menuitem', { name: 'Sign out' }).click();
  await one.getByLabel('E-mail').waitFor();
  await two.getByLabel('E-mail').waitFor();
  await two.close();

  // Ended elsewhere: the next click leads to the sign-in, and from there back to where it was going.
  await signIn(one);
  await heading(one, 'Projects').waitFor();
  const mine = (await callAs(one, 'GET', '/auth/sessions')).body.items.find((session) => session.current);
  const ended = await callAs(page, 'DELETE', `/auth/sessions/${mine.id}`);
  expect(ended.status === 204, `ending a session elsewhere was answered ${ended.status}`);
  await one.getByRole('link', { name: 'Groups', exact: true }).click();
  await one.getByLabel('E-mail').waitFor();
  await signIn(one);
  await heading(one, 'Groups').waitFor();
  await eventually('not back where it was going', () => new URL(one.url()).pathname, (path) => path === '/admin/groups');
  await context.close();
  use(page);
}
