import { accessible, callAs, expect, person, settings, shot, stamp } from '../support.mjs';

/** A role through a group comes and goes at once; a narrowed dashboard, everyone who sees a project, looking as a viewer. */
export async function access(story) {
  const { page } = story;
  const name = `Greta Group ${stamp}`;
  const email = `greta-${stamp}@example.org`;
  const password = `eleven kites above ${stamp} hill`;
  const team = `Field team ${stamp}`;
  const made = async (route, body) => {
    const answer = await callAs(page, 'POST', route, body);
    expect(answer.status === 201, `${route} was answered ${answer.status}`);
    return answer.body.id;
  };
  await page.goto(`${settings.url}/projects`);
  const user = await made('/users', { email, display_name: name, password, role: 'user' });
  const group = await made('/groups', { name: team });
  const project = await made('/projects', { name: `Shared ${stamp}` });
  const board = await made(`/projects/${project}/dashboards`, { title: 'Shared board' });

  // The administrator names a maintainer, who lets herself in.
  await page.goto(`${settings.url}/admin/groups`);
  await page.getByRole('button', { name: `Members of ${team}` }).click();
  const drawer = page.getByRole('dialog');
  await drawer.getByRole('heading', { name: 'Maintainers' }).waitFor();
  await drawer.getByLabel('Person', { exact: true }).nth(1).fill(name.slice(0, 12));
  await page.getByRole('option', { name: new RegExp(name) }).click();
  await drawer.getByRole('button', { name: 'Add maintainer' }).click();
  await drawer.getByRole('list', { name: 'Maintainers' }).getByText(name).waitFor();
  await accessible(page, 'group with maintainers');

  const member = await person(story.browser, story.alarms);
  story.use(member);
  await member.goto(`${settings.url}/account`);
  await member.getByLabel('E-mail').fill(email);
  await member.getByLabel('Password', { exact: true }).fill(password);
  await member.getByRole('button', { name: 'Sign in' }).click();
  await member.getByRole('button', { name: `Members of ${team}` }).click();
  const own = member.getByRole('dialog');
  await own.getByLabel('Person', { exact: true }).fill(name.slice(0, 12));
  await member.getByRole('option', { name: new RegExp(name) }).click();
  await own.getByRole('button', { name: 'Add member' }).click();
  await own.getByRole('list', { name: 'Members' }).getByText(name).waitFor();
  expect((await own.getByRole('heading', { name: 'Maintainers' }).count()) === 0, 'a maintainer names maintainers');
  await accessible(member, 'group of a maintainer');

  // The owner adds the group as editor: its member has the controls at once.
  story.use(page);
  await page.goto(`${settings.url}/projects/${project}/members`);
  await page.getByRole('button', { name: 'Add member' }).click();
  await page.getByLabel('Person or group').fill(team.slice(0, 12));
  await page.getByRole('option', { name: new RegExp(team) }).click();
  await page.getByRole('dialog').getByRole('combobox', { name: 'Role', exact: true }).click();
  await page.getByRole('option', { name: 'Editor' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Add member' }).click();
  await page.getByRole('cell', { name: `Group ${team}`, exact: true }).waitFor();
  await member.goto(`${settings.url}/projects/${project}/dashboards/${board}`);
  await member.getByRole('button', { name: 'Edit', exact: true }).waitFor();

  // Everyone who can see it, and through what.
  await page.getByRole('button', { name: 'Who can see this' }).click();
  const reach = page.getByRole('dialog', { name: 'Who can see this project' });
  await reach.getByRole('row', { name: new RegExp(name) }).getByText(`editor through the group ${team}`).waitFor();
  await shot(page, 'who-can-see-this');
  await accessible(page, 'who can see this');
  await page.keyboard.press('Escape');

  // Looking as a viewer: said on the page, and nothing can be changed.
  await page.getByRole('button', { name: 'View as' }).click();
  await page.getByRole('menuitem', { name: 'viewer' }).click();
  await page.getByText('would. Nothing can be changed meanwhile.').waitFor();
  const add = page.getByRole('button', { name: 'Add member' });
  expect((await add.getAttribute('aria-disabled')) === 'true', 'as a viewer, members can be added');
  // It says that it is disabled and still takes the press, to say why.
  await add.click({ force: true });
  await page.getByRole('dialog', { name: 'Add member' }).getByText('Stop looking as a viewer to change anything.').waitFor();
  await shot(page, 'view-as');
  await accessible(page, 'looking as a viewer');
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByRole('button', { name: 'Who can see this' }).waitFor();

  // Narrowed to people by name: for the editor it is gone.
  await page.goto(`${settings.url}/projects/${project}/dashboards/${board}`);
  await page.getByRole('button', { name: 'Who sees it' }).click();
  const narrow = page.getByRole('dialog', { name: 'Who sees this dashboard' });
  await narrow.getByLabel('People and groups by name').check();
  await accessible(page, 'narrowing');
  await shot(page, 'narrowing');
  await narrow.getByRole('button', { name: 'Save' }).click();
  await page.getByText('narrowed', { exact: true }).waitFor();
  await member.reload();
  await member.getByRole('heading', { level: 1, name: 'Not found' }).waitFor();
  const opened = await callAs(page, 'DELETE', `/projects/${project}/dashboards/${board}/narrowing`);
  expect(opened.status === 204, `opening was answered ${opened.status}`);
  await member.reload();
  await member.getByRole('button', { name: 'Edit', exact: true }).click();
  await member.getByRole('toolbar', { name: 'Editing' }).waitFor();

  // The owner lowers the group: the member's next change is refused with a sentence that says why.
  const lowered = await callAs(page, 'PUT', `/projects/${project}/members/groups/${group}`, { role: 'viewer' });
  expect(lowered.status === 200, `the change of the role was answered ${lowered.status}`);
  const document = (await callAs(member, 'GET', `/projects/${project}/dashboards/${board}`)).body;
  const refused = await callAs(member, 'PUT', `/projects/${project}/dashboards/${board}`, document, { 'if-match': `"${document.revision}"` });
  expect(refused.status === 403 && refused.body.detail.includes('It needs the role editor in this project.'), `the save was answered ${JSON.stringify(refused.body)}`);
  expect(refused.body.because.grants[0].via === 'group', `the reason is ${JSON.stringify(refused.body.because)}`);
  await member.goto(`${settings.url}/projects/${project}`);
  const create = member.getByRole('button', { name: 'Create dashboard' });
  await create.click({ force: true });
  await member.getByRole('dialog', { name: 'Create dashboard' }).getByText(`You are a viewer here, through the group ${team}.`).waitFor();
  await accessible(member, 'why not');
  await shot(member, 'why-not');
  const gone = await callAs(page, 'DELETE', `/projects/${project}/members/groups/${group}`);
  expect(gone.status === 204, `taking the role away was answered ${gone.status}`);
  await member.reload();
  await member.getByRole('heading', { level: 1, name: 'Not found' }).waitFor();
  expect((await callAs(member, 'GET', `/projects/${project}`)).status === 404, `${user} still sees the project`);
  await member.context().close();
}
