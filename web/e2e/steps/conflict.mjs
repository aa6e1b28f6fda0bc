import { accessible, callAs, expect, settings, settled } from '../support.mjs';

export async function conflict(story) {
  const { page } = story;
  const route = `/projects/${story.project}/dashboards/${story.dashboard}`;
  await page.goto(`${settings.url}${route}?edit=true`);
  await settled(page);
  await page.getByLabel('Title of the dashboard').fill('My title');

  // Someone else saves in between.
  const theirs = (await callAs(page, 'GET', route)).body;
  const put = await callAs(page, 'PUT', route, { ...theirs, title: 'Their title' }, { 'if-match': `"${theirs.revision}"` });
  expect(put.status === 200, `the other person could not save: ${put.status}`);

  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Someone else saved this dashboard' });
  await dialog.getByRole('region', { name: 'Yours' }).getByText(/My title/).first().waitFor();
  await dialog.getByRole('region', { name: 'Theirs' }).getByText(/Their title/).first().waitFor();
  await accessible(page, 'conflict');
  await dialog.getByRole('button', { name: 'Save mine over theirs' }).click();
  await page.getByRole('heading', { level: 1, name: 'My title' }).waitFor();

  // Nothing is lost: theirs is in the history.
  await page.getByRole('button', { name: 'Revisions' }).click();
  await page.getByRole('list', { name: 'Revisions' }).getByText(`Revision ${put.body.revision}`, { exact: true }).waitFor();
  const old = await callAs(page, 'GET', `${route}/revisions/${put.body.revision}`);
  expect(old.body.title === 'Their title', 'the overwritten revision is gone');
  await accessible(page, 'revisions');
  await page.keyboard.press('Escape');
}
