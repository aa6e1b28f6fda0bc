import { accessible, expect, settings, shot } from '../support.mjs';

export async function login({ page }) {
  await page.goto(`${settings.url}/admin/audit`);
  await page.getByLabel('E-mail').waitFor();
  await shot(page, 'login');
  await accessible(page, 'login');

  await page.getByLabel('E-mail').fill(settings.email);
  await page.getByLabel('Password', { exact: true }).fill('certainly not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('The e-mail or the password is wrong.').waitFor();

  await page.getByLabel('Password', { exact: true }).fill(settings.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  // Back to where they were going.
  await page.getByRole('heading', { level: 1, name: 'Audit' }).waitFor();

  const seen = await page.evaluate(() => document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage));
  expect(!/eyJ|token|session_id/i.test(seen), `script can read something like a token: ${seen}`);

  await page.getByRole('link', { name: 'Projects', exact: true }).click();
  await page.getByRole('link', { name: 'Palmer penguins' }).waitFor();
  await page.getByText('Synthetic data').first().waitFor();
  await shot(page, 'projects');
  await accessible(page, 'projects');
}
