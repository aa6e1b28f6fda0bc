import { accessible, callAs, component, eventually, expect, settings, settled, shot } from '../support.mjs';

const TITLE = 'Expression by condition';
const GOOD = "print('counting')\nmeans = df.groupby('condition')['expression'].mean().reset_index()\nfig = px.bar(means, x='condition', y='expression')\n";
const editor = (page) => page.getByRole('textbox', { name: 'Python code' });

async function write(page, text) {
  await editor(page).click();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  // At once, since the editor indents and closes brackets by itself.
  await page.keyboard.insertText(text);
}

/** The text as it stands; an editor shows only the lines in sight, and these are few. */
async function written(page) {
  return (await editor(page).locator('.cm-line').allInnerTexts()).map((line) => line.replaceAll('\u00a0', ' ').replace(/^\n$/, '')).join('\n');
}

/** The line at which the first mark stands. */
async function markedLine(page) {
  return page.evaluate(() => {
    const marker = document.querySelector('.cm-lint-marker-error')?.getBoundingClientRect();
    const lines = [...document.querySelectorAll('.cm-content .cm-line')].map((line) => line.getBoundingClientRect());
    return marker ? lines.findIndex((line) => marker.top >= line.top - 4 && marker.top < line.bottom) + 1 : 0;
  });
}

async function openEditor(page, story) {
  await page.goto(`${settings.url}/projects/${story.project}/dashboards/${story.dashboard}?edit=true`);
  await settled(page);
  await component(page, TITLE).hover();
  await page.getByRole('button', { name: `Actions for ${TITLE}` }).click();
  await page.getByRole('menuitem', { name: 'Edit component' }).click();
  return page.getByRole('dialog', { name: 'Edit component' });
}

/** From a form to code; what is wrong is said while typing, and names are completed from the keyboard. */
export async function codeTyping(story) {
  const { page } = story;
  const drawer = await openEditor(page, story);
  await drawer.getByRole('tab', { name: 'Code' }).click();
  await drawer.getByRole('textbox', { name: 'Code of this form' }).waitFor();
  const equivalent = await drawer.getByRole('textbox', { name: 'Code of this form' }).innerText();
  expect(/fig\s*=/.test(equivalent) && /expression/.test(equivalent), `this is no equivalent code: ${equivalent}`);
  await accessible(page, 'code of a form');
  await drawer.getByRole('button', { name: 'Edit as code' }).click();

  // What the guard refuses is told while typing, without a run, at its place.
  await write(page, 'x = 1\nimport os\nfig = px.bar(df)\n');
  const problems = drawer.getByRole('list', { name: 'Problems' });
  await problems.getByRole('button', { name: /^Line 2, column 8.*import os/ }).waitFor();
  await eventually('the mark does not stand at line 2', () => markedLine(page), (line) => line === 2);
  await accessible(page, 'code with a problem');
  await page.keyboard.press('F8');
  await page.keyboard.type('X');
  expect((await written(page)).includes('import Xos'), 'F8 does not lead to the problem');

  // A column after a quote, an argument by its first letters, its value from the words it takes.
  await write(page, 'fig = px.scatter(df, x=');
  await page.keyboard.type('"exp');
  const offers = page.getByRole('listbox', { name: 'Completions' });
  await offers.getByRole('option', { name: /expression/ }).waitFor();
  await page.waitForTimeout(120);
  await shot(page, 'code-completion');
  await accessible(page, 'completion');
  await page.keyboard.press('Enter');
  await page.keyboard.type(', tr');
  await page.getByRole('note', { name: 'Arguments of this call' }).waitFor();
  await offers.getByRole('option', { name: /^trendline=/ }).waitFor();
  await page.waitForTimeout(120);
  await shot(page, 'code-arguments');
  await accessible(page, 'help for a call');
  await page.keyboard.press('Tab');
  await page.keyboard.type('"ol');
  await offers.getByRole('option', { name: /ols/ }).waitFor();
  await page.waitForTimeout(120);
  await page.keyboard.press('Enter');
  const now = await written(page);
  expect(now.startsWith('fig = px.scatter(df, x="expression", trendline="ols"'), `the completed line is: ${now}`);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  expect(await drawer.isVisible(), 'Escape in the editor closed the drawer around it');
}

/** An error at its line with a correction; then it runs, and says what it printed. */
export async function codeError(story) {
  const { page } = story;
  const drawer = page.getByRole('dialog', { name: 'Edit component' });
  await write(page, GOOD.replace("y='expression'", "y='expresion'"));
  await page.keyboard.press('Control+Enter');
  const alert = drawer.getByRole('alert');
  await alert.getByRole('button', { name: 'Line 3:' }).waitFor({ timeout: 60_000 });
  await alert.getByText('The nearest name is "expression".').waitFor();
  await eventually('the error does not stand at line 3', () => markedLine(page), (line) => line === 3);
  await shot(page, 'code-error');
  await accessible(page, 'code with an error');

  await alert.getByRole('button', { name: /^Use/ }).click();
  await page.keyboard.press('Control+Enter');
  await drawer.getByText(/^Ran in .*9 rows/).waitFor({ timeout: 60_000 });
  expect((await written(page)).trim() === GOOD.trim(), `the correction made: ${await written(page)}`);
  await drawer.getByRole('img', { name: /drawn by code/ }).waitFor();
  await drawer.getByRole('region', { name: 'Printed text' }).getByText('counting', { exact: true }).waitFor();
  await shot(page, 'code');
  await accessible(page, 'code that ran');
}

/** An endless loop is stopped by hand, and a newer run ends an older one. */
export async function codeStopped(story) {
  const { page } = story;
  const drawer = page.getByRole('dialog', { name: 'Edit component' });
  await write(page, 'while True:\n    pass\n');
  await page.keyboard.press('Control+Enter');
  await drawer.getByText(/s of at most 10/).waitFor();
  await drawer.getByRole('button', { name: 'Stop' }).click();
  await drawer.getByText(/^Stopped after .* Nothing was changed/).waitFor();
  // Its worker is free again at once: the next run does not wait for the loop's limit.
  await drawer.getByRole('button', { name: 'Run', exact: true }).click();
  await drawer.getByRole('button', { name: 'Stop' }).waitFor();
  await write(page, GOOD.replace('counting', 'counting again'));
  const began = Date.now();
  await page.keyboard.press('Control+Enter');
  await drawer.getByText(/^Ran in/).waitFor();
  expect(Date.now() - began < 8_000, 'a newer run waited for an older one of the same editor');
}

/** As many runs as one person may have; a further one is refused as busy. */
async function fill(story) {
  const { page } = story;
  const token = await page.request.post(`${settings.url}/api/v1/auth/token`, { data: { grant_type: 'password', email: settings.email, password: settings.password } });
  const headers = { authorization: `Bearer ${(await token.json()).access_token}`, 'content-type': 'application/json' };
  const control = new AbortController();
  let busy = false;
  const runs = Array.from({ length: 12 }, (_, index) =>
    fetch(`${settings.url}/api/v1/projects/${story.project}/figures/preview`, {
      method: 'POST', headers, signal: control.signal, body: JSON.stringify({ collection: story.collection, filters: [], code: `while True:\n    x = ${index}\n` }),
    }).then((answer) => { busy ||= answer.status === 429; }).catch(() => undefined));
  await eventually('the server never became busy', () => busy, (seen) => seen);
  return async () => {
    control.abort();
    await Promise.all(runs);
  };
}

/** A busy server is said to be busy, and asked again by itself until it is free. */
export async function codeBusy(story) {
  const { page } = story;
  const drawer = page.getByRole('dialog', { name: 'Edit component' });
  const free = await fill(story);
  try {
    await write(page, GOOD.replace('counting', 'after waiting'));
    await page.keyboard.press('Control+Enter');
    await drawer.getByText('Every worker is busy').waitFor();
    await drawer.getByText(/^Next try in \d+ s, try \d/).waitFor();
    await shot(page, 'code-busy');
  } finally {
    await free();
  }
  await drawer.getByText(/^Ran in/).waitFor({ timeout: 30_000 });
  await drawer.getByText('after waiting', { exact: true }).waitFor();
}

/** Saved, changed, compared with what was saved, and taken back. */
export async function codeSaved(story) {
  const { page } = story;
  const drawer = page.getByRole('dialog', { name: 'Edit component' });
  await write(page, GOOD);
  await drawer.getByRole('button', { name: 'Apply' }).click();
  await settled(page);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText(/Saved as revision/).waitFor();
  await page.reload();
  await settled(page);
  const kind = await component(page, TITLE).getAttribute('data-kind');
  expect(kind === 'code', `the figure was not stored as code but as ${kind}`);
  expect((await component(page, TITLE).getByRole('alert').count()) === 0, 'the stored code does not run');

  await openEditor(page, story);
  await editor(page).waitFor();
  await write(page, GOOD.replace('mean()', 'median()'));
  await drawer.getByRole('button', { name: 'Compare with saved' }).click();
  const compare = page.getByRole('dialog', { name: 'Compare with the saved version' });
  await compare.getByText('1 line added, 1 line taken away.').waitFor();
  await compare.getByRole('textbox', { name: 'Your code' }).waitFor();
  await shot(page, 'code-compare');
  await accessible(page, 'comparison of code');
  await compare.getByRole('button', { name: 'Revert to saved' }).click();
  await compare.waitFor({ state: 'detached' });
  expect((await written(page)).trim() === GOOD.trim(), `reverting gave: ${await written(page)}`);

  // What is written is not lost by a slip.
  await write(page, 'fig = None\n');
  await drawer.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('dialog', { name: 'Discard the code?' }).getByRole('button', { name: 'Cancel' }).click();
  expect((await written(page)).startsWith('fig = None'), 'the code was discarded without a word');
  await drawer.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Discard code' }).click();
  await drawer.waitFor({ state: 'detached' });
}

/** Names as people's files have them, and worse. */
const ODD = ['spe"cies', "is\\land's", 'log2 fold "change"', 'p value', 'Größe (µm) 質量', 'mean', 'share', '{year}', 'year', "'; fig = None #"];

function oddTable() {
  const cell = (value) => `"${String(value).replaceAll('"', '""')}"`;
  const lines = [ODD];
  for (let i = 0; i < 120; i += 1) {
    lines.push([
      ['a"', 'b\\', "c'"][i % 3], i % 2 ? 'x<b>' : 'y', (Math.sin(i) * 3).toFixed(3), (Math.abs(Math.cos(i * 7)) ** 3).toFixed(5), i % 7 ? (i * 1.3).toFixed(2) : '',
      1000 + ((i * 7) % 100), (i / 120).toFixed(3), i * 3, 2007 + (i % 4), `2024-0${1 + (i % 9)}-1${i % 10}`,
    ]);
  }
  return `${lines.map((line) => line.map(cell).join(',')).join('\n')}\n`;
}

/** Every example of the gallery runs, on columns whose names would break any script that does not quote them. */
export async function codeGallery(story) {
  const { page } = story;
  const collection = (await callAs(page, 'POST', `/projects/${story.project}/collections`, { name: 'odd names' })).body;
  const uploaded = await page.evaluate(
    async ([address, text]) => {
      const form = new FormData();
      form.set('file', new Blob([text], { type: 'text/csv' }), 'odd.csv');
      return (await fetch(`/api/v1${address}`, { method: 'POST', body: form })).status;
    },
    [`/projects/${story.project}/collections/${collection.id}/uploads`, oddTable()],
  );
  expect(uploaded === 201, `the table with odd names was answered ${uploaded}`);
  const made = (await callAs(page, 'POST', `/projects/${story.project}/dashboards`, {
    title: 'Gallery',
    tabs: [{ id: 'one', title: 'One', filters: [], components: [{ id: 'drawn', title: 'Drawn', layout: { x: 0, y: 0, w: 6, h: 8 }, content: { kind: 'code', collection: collection.id, code: 'fig = go.Figure()\n' } }] }],
  })).body;
  await page.goto(`${settings.url}/projects/${story.project}/dashboards/${made.id}?edit=true`);
  await settled(page);
  await component(page, 'Drawn').hover();
  await page.getByRole('button', { name: 'Actions for Drawn' }).click();
  await page.getByRole('menuitem', { name: 'Edit component' }).click();
  const drawer = page.getByRole('dialog', { name: 'Edit component' });
  const gallery = page.getByRole('dialog', { name: 'Start from a chart' });
  const open = async () => {
    await drawer.getByRole('button', { name: 'Start from a chart' }).click();
    await gallery.getByRole('list', { name: 'Charts' }).waitFor();
  };
  await editor(page).waitFor();
  await open();
  await shot(page, 'code-gallery');
  await accessible(page, 'gallery');
  const charts = await gallery.getByRole('list', { name: 'Charts' }).getByRole('button').allInnerTexts();
  expect(charts.length >= 12, `the gallery has ${charts.length} examples`);
  for (const [index, chart] of charts.entries()) {
    if (index > 0) await open();
    const answered = page.waitForResponse((response) => response.url().endsWith('/components/preview'), { timeout: 30_000 });
    await gallery.getByRole('button', { name: chart, exact: true }).click();
    const answer = await answered;
    const body = await answer.json();
    expect(answer.status() === 200, `the example "${chart}" ended: ${JSON.stringify(body)}\n${await written(page)}`);
    const figure = body.result.figure;
    expect(figure.data.length > 0, `the example "${chart}" draws nothing`);
    expect(chart !== 'Animated frames' || figure.frames.length === 4, 'the animation has no frames');
    await gallery.waitFor({ state: 'detached' });
    await drawer.getByText(/^Ran in/).waitFor();
  }
  expect((await drawer.getByRole('alert').count()) === 0, 'an example left an error');
  await drawer.getByRole('img', { name: /drawn by code/ }).and(page.locator('[data-ready]')).waitFor();
}

/** An owner lowers what code may use in a project, and takes it back. */
export async function codeLimits(story) {
  const { page } = story;
  await page.goto(`${settings.url}/projects/${story.project}/settings`);
  const field = page.getByRole('textbox', { name: 'Time of a run', exact: true });
  await field.fill('1');
  await accessible(page, 'limits of code');
  await page.getByRole('button', { name: 'Save limits' }).click();
  await page.getByText('Lowered for this project').waitFor();
  const ran = await callAs(page, 'POST', `/projects/${story.project}/figures/preview`, { collection: story.collection, filters: [], code: 'while True:\n    pass\n' });
  expect(ran.status === 422 && ran.body.code === 'timeout' && /1 s/.test(ran.body.detail), `a loop under a limit of 1 s ended: ${JSON.stringify(ran.body)}`);

  // More than the installation allows is refused at its field.
  await field.fill('9999');
  await page.getByRole('button', { name: 'Save limits' }).click();
  await page.getByText(/limits were not saved/i).waitFor();
  await field.fill('');
  await page.getByRole('button', { name: 'Save limits' }).click();
  await page.getByText('Lowered for this project').waitFor({ state: 'detached' });
}
