import { callAs, component, eventually, expect, settings, settled, stamp } from '../support.mjs';
import { file } from './tables.mjs';

const IMG = '<img src=x onerror=window.hit=1>';
const MARKDOWN = [
  '# <script>window.hit=1</script> about', IMG, '[link](javascript:window.hit=1)', '![x](data:text/html,<script>window.hit=1</script>)',
  '<a href="javascript:window.hit=1">go</a>', '<svg onload=window.hit=1>', '**bold**',
].join('\n\n');

export async function hostileText(story) {
  const { page } = story;
  const name = `${IMG} ${stamp}`;
  const project = (await callAs(page, 'POST', '/projects', { name, description: `"><script>window.hit=1</script>${IMG}` })).body;
  const collection = (await callAs(page, 'POST', `/projects/${project.id}/collections`, { name: `${IMG}t` })).body;
  const at = `/projects/${project.id}`;

  // Column names, cells, and the name of the file.
  await page.goto(`${settings.url}${at}/collections/${collection.id}?view=upload`);
  await page.getByLabel('Files to upload').setInputFiles(file('<img src=x onerror=window.hit=1>.csv', `${IMG},"<b>n</b>"\n"${IMG}",1\n"<script>window.hit=1</script>",2\n"javascript:window.hit=1",3\n`));
  await page.getByRole('region', { name: 'Preview of the rows' }).getByText('<script>window.hit=1</script>').waitFor();
  await page.getByRole('button', { name: 'Upload table', exact: true }).last().click();
  await page.getByRole('gridcell', { name: '<script>window.hit=1</script>' }).waitFor();
  await page.getByRole('tab', { name: 'Schema' }).click();
  await page.getByRole('cell', { name: IMG, exact: true }).waitFor();

  const base = { collection: collection.id };
  const made = await callAs(page, 'POST', `${at}/dashboards`, {
    title: `${IMG} dashboard`,
    tabs: [
      {
        id: 'main', title: `${IMG} one`,
        filters: [{ id: 'f1', label: `${IMG} filter`, collection: collection.id, column: IMG, kind: 'multi_select' }],
        components: [
          { id: 'c1', title: `${IMG} card`, layout: { x: 0, y: 0, w: 3, h: 2 }, content: { kind: 'card', ...base, aggregate: 'count', unit: '<b>x' } },
          { id: 'b1', title: `${IMG} bar`, layout: { x: 0, y: 2, w: 6, h: 7 }, content: { kind: 'figure', ...base, spec: { chart: 'bar', x: IMG, color: IMG, x_title: `${IMG} axis` } } },
          { id: 't1', title: `${IMG} rows`, layout: { x: 6, y: 2, w: 6, h: 7 }, content: { kind: 'table', ...base } },
          { id: 'x1', title: `${IMG} text`, layout: { x: 3, y: 0, w: 9, h: 2 }, content: { kind: 'text', markdown: MARKDOWN } },
        ],
      },
      { id: 'two', title: '<script>window.hit=1</script>', filters: [], components: [] },
    ],
  });
  expect(made.status === 201, `the hostile dashboard was answered ${made.status}: ${JSON.stringify(made.body)}`);

  const places = [
    ['/projects', () => page.getByRole('link', { name })],
    [at, () => page.getByRole('heading', { level: 1, name })],
    [`${at}/collections`, () => page.getByRole('link', { name: `${IMG}t` })],
    [`${at}/settings`, () => page.getByLabel('Name')],
    ['/dashboards', () => page.getByRole('link', { name: `${IMG} dashboard` }).first()],
    [`${at}/dashboards/${made.body.id}`, () => component(page, `${IMG} card`)],
  ];
  for (const [path, sign] of places) {
    await page.goto(settings.url + path);
    await sign().waitFor();
  }
  await settled(page);
  await component(page, `${IMG} rows`).getByRole('gridcell', { name: '<script>window.hit=1</script>' }).waitFor();
  await page.getByRole('checkbox', { name: IMG }).check();
  await page.getByRole('list', { name: 'Active filters' }).getByText(`${IMG} filter: ${IMG}`).waitFor();
  await settled(page);
  // Hover text is drawn by the chart library from the data.
  const bar = await component(page, `${IMG} bar`).locator('[data-ready]').boundingBox();
  for (const part of [0.3, 0.5, 0.7]) await page.mouse.move(bar.x + bar.width * part, bar.y + bar.height * 0.6);

  // In the editor too, and in what Markdown made.
  const text = component(page, `${IMG} text`);
  await text.getByText('bold').waitFor();
  const left = await text.evaluate((root) => [...root.querySelectorAll('script, iframe, object, embed, [onerror], [onload]')].map((item) => item.outerHTML));
  expect(left.length === 0, `the text component kept ${left.join(' ')}`);
  const links = await page.evaluate(() => [...document.querySelectorAll('[href],[src]')].map((item) => item.getAttribute('href') ?? item.getAttribute('src') ?? ''));
  expect(!links.some((link) => /^\s*(javascript|vbscript):/i.test(link) || /^\s*data:text/i.test(link)), `a dangerous address is on the page: ${links.join(' ')}`);
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  await page.getByRole('toolbar', { name: 'Editing' }).waitFor();
  await settled(page);
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: /Search projects/ }).fill('onerror');
  await page.getByRole('option').first().waitFor();
  await page.keyboard.press('Escape');
  await page.goto(`${settings.url}/admin/audit`);
  await page.getByRole('table', { name: 'Audit events' }).waitFor();

  const hit = await eventually('', () => page.evaluate(() => window.hit ?? null), () => true);
  expect(hit === null, 'hostile text ran as script');
}
