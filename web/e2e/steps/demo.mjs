import { accessible, component, eventually, expect, settled, shot } from '../support.mjs';

export async function demoDashboard({ page }) {
  await page.getByRole('link', { name: 'Palmer penguins' }).click();
  await accessible(page, 'project');
  await page.getByRole('link', { name: 'Species overview' }).click();
  await settled(page);
  const failed = await page.getByRole('article').getByRole('alert').allInnerTexts();
  expect(failed.length === 0, `components of the demo failed: ${failed.join(' | ')}`);
  await shot(page, 'dashboard-light');
  await accessible(page, 'dashboard');

  const cards = () => page.locator('article[data-kind="card"]').allInnerTexts();
  const before = await cards();
  expect(before.length > 0, 'the demo dashboard has no cards');
  await page.getByRole('group', { name: 'Species' }).getByRole('checkbox', { name: 'Adelie' }).check();
  await page.getByRole('list', { name: 'Active filters' }).getByText('Species: Adelie').waitFor();
  await eventually('the cards did not follow the filter', cards, (after) => JSON.stringify(after) !== JSON.stringify(before));
  await settled(page);

  // The range follows from the keyboard too.
  const filtered = await cards();
  const lowest = page.getByRole('slider', { name: 'Body mass from' });
  await lowest.focus();
  for (let press = 0; press < 25; press += 1) await page.keyboard.press('ArrowRight');
  await eventually('the cards did not follow the range', cards, (after) => JSON.stringify(after) !== JSON.stringify(filtered));
  await settled(page);

  // The choice is in the address: a reload shows the same.
  const chosen = await cards();
  await page.reload();
  await settled(page);
  await eventually('a reload lost the filters', cards, (after) => JSON.stringify(after) === JSON.stringify(chosen));
  await page.getByRole('complementary', { name: 'Filters' }).getByRole('button', { name: 'Clear all' }).click();
  await eventually('clearing the filters did not bring everything back', cards, (after) => JSON.stringify(after) === JSON.stringify(before));
  await settled(page);

  const figure = page.locator('article[data-kind="figure"]').first();
  const title = await figure.getAttribute('aria-label');
  await figure.hover();
  await page.getByRole('button', { name: `About ${title}`, exact: true }).click();
  await page.getByRole('dialog', { name: `About ${title}` }).getByText(/version 1/).waitFor();
  await accessible(page, 'about a component');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: `Actions for ${title}`, exact: true }).click();
  await page.getByRole('menuitem', { name: 'Show data as table' }).click();
  await page.getByRole('dialog').getByRole('gridcell').first().waitFor();
  await accessible(page, 'data of a component');
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Theme' }).click();
  await page.getByRole('menuitemradio', { name: 'Dark' }).click();
  await page.mouse.move(700, 5);
  await settled(page);
  await page.waitForTimeout(800);
  await shot(page, 'dashboard-dark');
  await accessible(page, 'dashboard, dark');
  await page.getByRole('button', { name: 'Theme' }).click();
  await page.getByRole('menuitemradio', { name: 'Light' }).click();

  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: /Search projects/ }).fill('species over');
  await page.getByRole('option', { name: /Species overview/ }).waitFor();
  await accessible(page, 'search');
  await page.keyboard.press('Enter');
  await component(page, title).waitFor();
}
