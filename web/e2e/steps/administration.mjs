import { accessible, expect, settings, shot } from '../support.mjs';

export async function administration({ page }) {
  const visit = async (path, title) => {
    await page.goto(settings.url + path);
    await page.getByRole('heading', { level: 1, name: title }).waitFor();
    await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' });
    await accessible(page, title);
  };
  await visit('/admin/users', 'Users');
  await visit('/admin/groups', 'Groups');
  await visit('/admin/status', 'Status');
  await visit('/admin/settings', 'Settings');
  const collections = page.getByLabel('Collections', { exact: true });
  const save = page.getByRole('button', { name: 'Save limits' });
  await collections.fill('1000000');
  await save.click();
  await page.getByText('at most 1000, the limit of this installation').first().waitFor();
  await collections.fill('900');
  await save.click();
  await page.getByText('Limits saved').first().waitFor();
  await shot(page, 'settings');
  await page.reload();
  await collections.waitFor();
  expect((await collections.inputValue()) === '900', 'the limit was not kept');
  await collections.fill('');
  await save.click();
  await page.getByText('Limits saved').first().waitFor();
  await accessible(page, 'limits of projects');
  await visit('/account', 'Account');
  await page.getByText('this one').waitFor();
  await visit('/dashboards', 'Dashboards');

  await visit('/admin/audit', 'Audit');
  const rows = page.getByRole('table', { name: 'Audit events' }).getByRole('row');
  await rows.nth(5).waitFor();
  await page.getByRole('button', { name: /^Details of event/ }).first().click();
  await page.getByText('Exact time').waitFor();
  await shot(page, 'audit');
  await accessible(page, 'audit with details');
  await page.getByLabel('Type').fill('auth.login');
  await page.getByRole('table', { name: 'Audit events' }).getByRole('cell', { name: 'auth.login', exact: true }).first().waitFor();
  await page.waitForTimeout(600);
  const types = await page.getByRole('table', { name: 'Audit events' }).locator('tbody tr td:nth-child(4)').allInnerTexts();
  expect(types.length > 0 && types.every((type) => type === 'auth.login'), `the filter by type shows ${[...new Set(types)].join(', ')}`);

  await page.goto(`${settings.url}/projects/prj_00000000000000000000000000000000`);
  await page.getByRole('heading', { level: 1, name: 'Not found' }).waitFor();
  await accessible(page, 'not found');
}
