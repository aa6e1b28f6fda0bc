import { accessible, callAs, expect, person, settled, settings, shot } from '../support.mjs';

const PROJECT = 'Palmer penguins';

/** An admin allows public projects, an owner opens one, somebody without an account looks at it, and it is closed again. */
export async function visitor({ browser, page, alarms, use }) {
  await page.goto(`${settings.url}/admin/settings`);
  await page.getByLabel('Owners may open a project to anyone').click();
  await page.getByText('Settings saved').first().waitFor();
  await accessible(page, 'settings');

  await page.goto(`${settings.url}/projects`);
  await page.getByRole('link', { name: PROJECT }).click();
  await page.getByRole('tab', { name: 'Members' }).or(page.getByRole('link', { name: 'Members', exact: true })).first().click();
  const members = new URL(page.url()).pathname;
  const project = members.replace(/\/members$/, '');
  await page.getByRole('button', { name: 'Open to everyone' }).click();
  const dialog = page.getByRole('dialog', { name: 'Open to everyone' });
  await dialog.getByText('without signing in').waitFor();
  await accessible(page, 'open to everyone');
  await dialog.getByRole('button', { name: 'Open project' }).click();
  await page.getByRole('row', { name: /Everyone/ }).waitFor();
  await shot(page, 'everyone');

  // Somebody without an account, in a browser of their own.
  const guest = await person(browser, alarms);
  use(guest);
  await guest.goto(settings.url);
  await guest.getByRole('heading', { level: 2, name: 'Open to everyone' }).waitFor();
  await shot(guest, 'login-open');
  await accessible(guest, 'sign in, with open projects');
  await guest.getByRole('link', { name: PROJECT }).click();
  await guest.getByRole('link', { name: 'Sign in' }).waitFor();
  await guest.getByRole('link', { name: 'Penguins at a glance' }).or(guest.locator('a[href*="/dashboards/"]')).first().click();
  await settled(guest);
  await shot(guest, 'visitor');
  await accessible(guest, 'a dashboard, as a visitor');
  expect((await guest.getByRole('button', { name: 'Edit', exact: true }).count()) === 0, 'a visitor is offered to edit');
  expect(!(await guest.content()).includes(settings.email), 'a visitor is shown an address');
  const changed = await callAs(guest, 'PATCH', project, { name: 'Taken' });
  expect(changed.status === 401, `a visitor's change was answered ${changed.status}`);
  await guest.goto(`${settings.url}/admin/users`);
  await guest.getByLabel('E-mail').waitFor();

  // Closed again: the next look ends at the sign-in.
  use(page);
  await page.goto(settings.url + members);
  await page.getByRole('button', { name: 'Remove Everyone' }).click();
  await page.getByRole('dialog').getByRole('button', { name: /Remove|Close/ }).last().click();
  await page.getByRole('button', { name: 'Open to everyone' }).waitFor();
  use(guest);
  await guest.goto(settings.url + project);
  await guest.getByLabel('E-mail').waitFor();
  await guest.context().close();
  use(page);
}
