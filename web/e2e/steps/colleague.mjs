import { accessible, callAs, component, expect, person, settings, settled, shot, stamp } from '../support.mjs';

export async function colleague(story) {
  const { page } = story;
  const name = `Vera Story ${stamp}`;
  const email = `vera-${stamp}@example.org`;
  const password = `nine lanterns over ${stamp} bay`;

  await page.goto(`${settings.url}/admin/users`);
  await page.getByRole('button', { name: 'Create user' }).click();
  const dialog = page.getByRole('dialog', { name: 'Create user' });
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByLabel('E-mail').fill(email);
  await dialog.getByLabel('First password', { exact: true }).fill(password);
  await accessible(page, 'create user');
  await dialog.getByRole('button', { name: 'Create user' }).click();
  await page.getByRole('cell', { name: email }).waitFor();

  await page.goto(`${settings.url}/projects/${story.project}/members`);
  await page.getByRole('button', { name: 'Add member' }).click();
  await page.getByLabel('Person or group').fill(name.slice(0, 10));
  await page.getByRole('option', { name: new RegExp(name) }).click();
  await accessible(page, 'add member');
  await page.getByRole('dialog').getByRole('button', { name: 'Add member' }).click();
  await page.getByRole('cell', { name: `Person ${name}`, exact: true }).waitFor();
  await shot(page, 'members');
  await accessible(page, 'members');

  // The last owner cannot go.
  await page.getByRole('button', { name: /^Remove / }).first().waitFor();

  const viewer = await person(story.browser, story.alarms);
  story.use(viewer);
  await viewer.goto(`${settings.url}/projects/${story.project}/dashboards/${story.dashboard}`);
  await viewer.getByLabel('E-mail').fill(email);
  await viewer.getByLabel('Password', { exact: true }).fill(password);
  await viewer.getByRole('button', { name: 'Sign in' }).click();
  await component(viewer, 'Mean expression').waitFor();
  await settled(viewer);
  for (const control of ['Edit', 'Revisions', 'Add component', 'Save']) {
    expect((await viewer.getByRole('button', { name: control, exact: true }).count()) === 0, `a viewer sees the control ${control}`);
  }
  expect((await viewer.getByRole('link', { name: 'Users' }).count()) === 0, 'a viewer sees the administration');
  await accessible(viewer, 'dashboard of a viewer');

  // The editor's address shows the dashboard, not the editor.
  await viewer.goto(`${settings.url}/projects/${story.project}/dashboards/${story.dashboard}?edit=true`);
  await settled(viewer);
  expect((await viewer.getByRole('toolbar', { name: 'Editing' }).count()) === 0, 'a viewer reaches the editor by its address');

  // And the API refuses what the page hides.
  const route = `/projects/${story.project}/dashboards/${story.dashboard}`;
  const document = (await callAs(viewer, 'GET', route)).body;
  // The figure that code draws is seen, its code is not.
  const drawn = component(viewer, 'Expression by condition');
  expect((await drawn.getAttribute('data-kind')) === 'code' && (await drawn.getByRole('alert').count()) === 0, 'a viewer does not see the figure that code draws');
  await drawn.locator('[role="img"][data-ready]').waitFor();
  const shown = document.tabs[0].components.find((item) => item.title === 'Expression by condition');
  expect(shown.content.code === '', `a viewer is given the code: ${JSON.stringify(shown.content.code)}`);
  const put = await callAs(viewer, 'PUT', route, document, { 'if-match': `"${document.revision}"` });
  expect(put.status === 403, `a viewer's save was answered ${put.status}`);
  const members = await callAs(viewer, 'PUT', `/projects/${story.project}/members/users/${document.created_by.id}`, { role: 'viewer' });
  expect(members.status === 403, `a viewer's change of members was answered ${members.status}`);
  const code = await callAs(viewer, 'POST', `/projects/${story.project}/figures/preview`, { collection: story.collection, filters: [], code: 'fig = px.bar(df)' });
  expect(code.status === 403, `a viewer's code was answered ${code.status}`);
  const audit = await callAs(viewer, 'GET', '/audit/events');
  expect(audit.status === 403, `a viewer's look at the audit log was answered ${audit.status}`);

  await viewer.goto(`${settings.url}/projects/${story.project}/collections`);
  const create = viewer.getByRole('button', { name: 'Create collection' });
  await create.waitFor();
  expect((await create.getAttribute('aria-disabled')) === 'true', 'a viewer may press Create collection');
  await accessible(viewer, 'collections of a viewer');
  await viewer.context().close();
}
