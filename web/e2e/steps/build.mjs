import { accessible, callAs, component, eventually, expect, settings, settled, shot, stamp } from '../support.mjs';

async function choose(page, label, option) {
  await page.getByRole('combobox', { name: label, exact: true }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
}

export async function buildDashboard(story) {
  const { page } = story;
  await page.goto(`${settings.url}/projects/${story.project}`);
  await page.getByRole('button', { name: 'Create dashboard' }).click();
  await page.getByRole('dialog').getByLabel('Title').fill(`Expression ${stamp}`);
  await page.getByRole('dialog').getByRole('button', { name: 'Create dashboard' }).click();
  await page.getByRole('toolbar', { name: 'Editing' }).waitFor();
  story.dashboard = /dashboards\/([^/?]+)/.exec(page.url())[1];

  // A figure, by form, with a live preview.
  await page.getByRole('button', { name: 'Add component' }).click();
  const drawer = page.getByRole('dialog', { name: 'Add component' });
  await drawer.getByRole('tab', { name: 'Form' }).click();
  await drawer.getByText('Box', { exact: true }).click();
  await choose(page, 'Group by', 'condition');
  await choose(page, 'Colour', 'condition');
  await drawer.getByLabel('Title', { exact: true }).fill('Expression by condition');
  await drawer.getByRole('region', { name: 'Preview' }).locator('[data-ready]').waitFor();
  await drawer.locator('[data-stale]').waitFor({ state: 'detached' });
  // The chart library places its legend a moment after the figure.
  await page.waitForTimeout(1200);
  await shot(page, 'builder');
  await accessible(page, 'builder');
  await drawer.getByRole('button', { name: 'Add to dashboard' }).click();
  await component(page, 'Expression by condition').waitFor();

  // A card.
  await page.getByRole('button', { name: 'Add component' }).click();
  await drawer.getByText('Card', { exact: true }).click();
  await drawer.getByRole('tab', { name: 'Form' }).click();
  await choose(page, 'Measure', 'Mean');
  await drawer.getByLabel('Title', { exact: true }).fill('Mean expression');
  await drawer.getByRole('region', { name: 'Preview' }).getByText(/from 9 rows/).waitFor();
  await drawer.getByRole('button', { name: 'Add to dashboard' }).click();
  await component(page, 'Mean expression').waitFor();

  // A table and a filter.
  await page.getByRole('button', { name: 'Add component' }).click();
  await drawer.getByText('Table', { exact: true }).click();
  await drawer.getByLabel('Title', { exact: true }).fill('All rows');
  await drawer.getByRole('button', { name: 'Add to dashboard' }).click();
  await page.getByRole('button', { name: 'Add filter' }).click();
  await choose(page, 'Column', 'condition');
  await page.getByRole('dialog').getByRole('button', { name: 'Add filter' }).click();
  await page.getByRole('checkbox', { name: 'treated' }).waitFor();
  await settled(page);
  await accessible(page, 'editor');

  // Drag by the handle, resize by the corner, then the keyboard's way.
  const box = async (title) => component(page, title).boundingBox();
  const from = await box('Mean expression');
  const grip = await page.getByRole('button', { name: /^Move Mean expression/ }).boundingBox();
  await page.mouse.move(grip.x + 10, grip.y + 10);
  await page.mouse.down();
  await page.mouse.move(grip.x + 160, grip.y + 30, { steps: 8 });
  await page.mouse.move(grip.x + 330, grip.y + 60, { steps: 8 });
  await page.mouse.up();
  await eventually('the card did not move', () => box('Mean expression'), (now) => Math.abs(now.x - from.x) > 40 || Math.abs(now.y - from.y) > 40);
  const narrow = await box('Expression by condition');
  const corner = page.locator('.react-grid-item', { has: component(page, 'Expression by condition') }).locator('.react-resizable-handle');
  const at = await corner.boundingBox();
  await page.mouse.move(at.x + 8, at.y + 8);
  await page.mouse.down();
  await page.mouse.move(at.x - 60, at.y + 60, { steps: 10 });
  await page.mouse.move(at.x - 60, at.y + 120, { steps: 10 });
  await page.mouse.up();
  await eventually('the figure was not resized', () => box('Expression by condition'), (now) => now.height - narrow.height > 40);
  await page.getByRole('button', { name: /^Move All rows/ }).focus();
  await page.keyboard.press('Shift+ArrowLeft');

  const layout = async () => JSON.stringify(await page.evaluate(() => [...document.querySelectorAll('article')].map((item) => {
    const { x, y, width, height } = item.getBoundingClientRect();
    return [item.getAttribute('aria-label'), Math.round(x), Math.round(y + scrollY), Math.round(width), Math.round(height)];
  }).sort()));
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText(/Saved as revision/).waitFor();
  await page.getByRole('button', { name: 'Edit', exact: true }).waitFor();
  await settled(page);
  const stored = (await callAs(page, 'GET', `/projects/${story.project}/dashboards/${story.dashboard}`)).body;
  const before = await layout();
  await page.reload();
  await settled(page);
  await eventually('the dashboard is not the same after a reload', layout, (now) => now === before);
  expect(stored.tabs[0].components.length === 3 && stored.tabs[0].filters.length === 1, `not everything was stored: ${JSON.stringify(stored.tabs[0])}`);
  const card = stored.tabs[0].components.find((item) => item.title === 'Mean expression');
  expect(card.layout.x > 0 || card.layout.y > 0, 'the place of the card was not stored');
}
