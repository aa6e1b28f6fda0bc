import { accessible, expect, person, settings, shot, stamp } from '../support.mjs';

/** Whether script can read a secret anywhere: storage, cookies, the address. */
async function readable(page, secret) {
  const seen = await page.evaluate(() => document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage) + location.href + JSON.stringify(history.state));
  return seen.includes(secret);
}

export async function tokens({ page }) {
  await page.goto(`${settings.url}/account`);
  await page.getByRole('button', { name: 'Make token' }).click();
  const dialog = page.getByRole('dialog', { name: 'Make token' });
  await dialog.getByLabel('What it is for').fill('Nightly upload');
  await dialog.getByLabel('Your password').fill('certainly not the password');
  await dialog.getByRole('button', { name: 'Make token' }).click();
  await dialog.getByText('This is not your password.').waitFor();
  await accessible(page, 'make token');
  await dialog.getByLabel('Your password').fill(settings.password);
  await dialog.getByRole('button', { name: 'Make token' }).click();
  const shown = page.getByRole('dialog', { name: 'Your new token' });
  const token = (await shown.locator('pre, code').first().innerText()).trim();
  expect(/^dpt_[A-Za-z0-9_-]{43}$/.test(token), `no token is shown: ${token}`);
  await shot(page, 'token');
  await accessible(page, 'new token');

  const call = (path, method = 'GET') => fetch(`${settings.url}/api/v1${path}`, { method, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: method === 'GET' ? undefined : '{}' });
  expect((await call('/projects')).status === 200, 'the token does not read');
  const made = await call('/projects', 'POST');
  expect(made.status === 403 && (await made.json()).code === 'token_scope', 'a token that reads made something');
  await shown.getByRole('button', { name: 'Done' }).click();
  expect(!(await page.content()).includes(token) && !(await readable(page, token)), 'the token is still about after it was shown');

  await page.reload();
  const rows = page.getByRole('table', { name: 'Tokens' });
  await rows.getByRole('cell', { name: 'Nightly upload', exact: true }).waitFor();
  await rows.getByRole('button', { name: 'Revoke Nightly upload' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke token' }).click();
  await page.getByText('You have none.').waitFor();
  expect((await call('/projects')).status === 401, 'a revoked token still works');
}

/** A program with an account of its own in the demo's project. */
export async function serviceAccount({ page }) {
  await page.goto(`${settings.url}/projects`);
  await page.getByRole('link', { name: 'Palmer penguins' }).click();
  await page.getByRole('tab', { name: 'Members' }).or(page.getByRole('link', { name: 'Members', exact: true })).first().click();
  await page.getByRole('button', { name: 'Make service account' }).click();
  const dialog = page.getByRole('dialog', { name: 'Make service account' });
  await dialog.getByLabel('Name').fill('Sequencer 2');
  await dialog.getByLabel('Your password').fill(settings.password);
  await accessible(page, 'make service account');
  await dialog.getByRole('button', { name: 'Make service account' }).click();
  const shown = page.getByRole('dialog', { name: 'The token of the service account' });
  const token = (await shown.locator('pre, code').first().innerText()).trim();
  expect(/^dps_[A-Za-z0-9_-]{43}$/.test(token), `no token is shown: ${token}`);
  const call = async (path) => (await fetch(`${settings.url}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } })).status;
  const project = new URL(page.url()).pathname.replace(/\/members$/, '');
  expect((await call(project)) === 200, 'the account does not see its project');
  expect((await call('/directory?q=a')) === 403, 'the account reads the directory');
  await shown.getByRole('button', { name: 'Done' }).click();
  expect(!(await page.content()).includes(token) && !(await readable(page, token)), 'the token is still about after it was shown');
  await page.reload();
  await page.getByRole('heading', { level: 2, name: 'Service accounts' }).waitFor();
  await page.getByRole('cell', { name: 'Sequencer 2', exact: true }).waitFor();
  await shot(page, 'service-accounts');
  await accessible(page, 'members, with service accounts');
  await page.getByRole('button', { name: 'Delete Sequencer 2' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete service account' }).click();
  await page.getByText('There is none.').waitFor();
  expect((await call(project)) === 401, 'a deleted account still works');
}

export async function links({ browser, page, alarms, use }) {
  await page.goto(`${settings.url}/admin/users`);
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  let dialog = page.getByRole('dialog', { name: 'Invite' });
  const email = `guest-${stamp}@story.example`;
  await dialog.getByLabel('E-mail').fill(email);
  await dialog.getByRole('button', { name: 'Make link' }).click();
  dialog = page.getByRole('dialog', { name: 'The invitation' });
  const invitation = (await dialog.locator('pre, code').first().innerText()).trim();
  await accessible(page, 'invitation');
  await dialog.getByRole('button', { name: 'Done' }).click();

  // Somebody else, in a browser of their own.
  const guest = await person(browser, alarms);
  use(guest);
  await guest.goto(invitation);
  await guest.getByRole('heading', { level: 1, name: 'Make your account' }).waitFor();
  expect(!(await readable(guest, invitation.split('#')[1])), 'what opens the invitation stays in the address');
  await guest.getByLabel('Name').fill('Guest');
  await guest.getByLabel('Password', { exact: true }).fill('Sommer2024!');
  await guest.getByRole('button', { name: 'Make account' }).click();
  await guest.getByText(/tried first/).waitFor();
  await shot(guest, 'invitation');
  await accessible(guest, 'make your account');
  await guest.getByLabel('Password', { exact: true }).fill('seven penguins on a slow train');
  await guest.getByRole('button', { name: 'Make account' }).click();
  await guest.getByRole('heading', { level: 1, name: 'Projects' }).waitFor();

  // They forget it; the link that an admin hands on signs them out and sets a new one.
  use(page);
  await page.reload();
  await page.getByRole('button', { name: 'Reset link for Guest' }).click();
  dialog = page.getByRole('dialog', { name: 'Link for a new password' });
  const reset = (await dialog.locator('pre, code').first().innerText()).trim();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await shot(page, 'users');
  use(guest);
  await guest.goto(reset);
  await guest.getByText(`For ${email}`).waitFor();
  await accessible(guest, 'set a new password');
  for (const label of ['New password', 'New password again']) await guest.getByLabel(label, { exact: true }).fill('eight penguins on a fast train');
  await guest.getByRole('button', { name: 'Set password' }).click();
  await guest.getByLabel('E-mail').fill(email);
  await guest.getByLabel('Password', { exact: true }).fill('eight penguins on a fast train');
  await guest.getByRole('button', { name: 'Sign in' }).click();
  await guest.getByRole('heading', { level: 1, name: 'Projects' }).waitFor();
  // Used links are good for nothing.
  for (const used of [reset, invitation]) {
    await guest.goto('about:blank');
    await guest.goto(used);
    await guest.getByRole('heading', { level: 1, name: 'This link does not work' }).waitFor();
  }
  await shot(guest, 'link-used');
  await guest.context().close();
  use(page);
}
