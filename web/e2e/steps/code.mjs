import { accessible, component, expect, settings, settled, shot } from '../support.mjs';

async function write(page, text) {
  await page.getByRole('textbox', { name: 'Python code' }).click();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  // Line by line, since the editor indents and closes brackets by itself.
  await page.keyboard.insertText(text);
}

export async function codeMode(story) {
  const { page } = story;
  await page.goto(`${settings.url}/projects/${story.project}/dashboards/${story.dashboard}?edit=true`);
  await settled(page);
  await component(page, 'Expression by condition').hover();
  await page.getByRole('button', { name: 'Actions for Expression by condition' }).click();
  await page.getByRole('menuitem', { name: 'Edit component' }).click();
  const drawer = page.getByRole('dialog', { name: 'Edit component' });
  await drawer.getByRole('tab', { name: 'Code' }).click();
  await drawer.getByRole('textbox', { name: 'Code of this form' }).waitFor();
  const equivalent = await drawer.getByRole('textbox', { name: 'Code of this form' }).innerText();
  expect(/fig\s*=/.test(equivalent) && /expression/.test(equivalent), `this is no equivalent code: ${equivalent}`);
  await accessible(page, 'code of a form');
  await drawer.getByRole('button', { name: 'Edit as code' }).click();

  // The code as given runs and draws.
  await drawer.getByRole('button', { name: 'Run', exact: true }).click();
  await drawer.getByText(/^Ran/).waitFor({ timeout: 60_000 });
  await drawer.getByRole('img', { name: /drawn by code/ }).waitFor();

  // A mistake on the third line is told at the third line.
  await write(page, "print('counting')\nmeans = df.groupby('condition')['expression'].mean().reset_index()\nfig = px.bar(means, x='condition', y='expresion')\n");
  await page.keyboard.press('Control+Enter');
  await drawer.getByRole('alert').getByText(/^Line 3:/).waitFor({ timeout: 60_000 });
  await drawer.locator('.cm-lint-marker-error').first().waitFor();
  await shot(page, 'code-error');
  await accessible(page, 'code with an error');
  const marked = await drawer.evaluate((root) => {
    const marker = root.querySelector('.cm-lint-marker-error')?.getBoundingClientRect();
    const lines = [...root.querySelectorAll('.cm-content .cm-line')].map((line) => line.getBoundingClientRect());
    return marker ? lines.findIndex((line) => marker.top >= line.top - 4 && marker.top < line.bottom) + 1 : 0;
  });
  expect(marked === 3, `the error stands at line ${marked}, not 3`);

  // What the guard refuses is told while typing, without a run.
  await write(page, "import os\nfig = px.bar(df)\n");
  await drawer.locator('.cm-lint-marker-error').first().waitFor();

  await write(page, "print('counting')\nmeans = df.groupby('condition')['expression'].mean().reset_index()\nfig = px.bar(means, x='condition', y='expression')\n");
  await drawer.getByRole('button', { name: 'Run', exact: true }).click();
  await drawer.getByText(/^Ran/).waitFor({ timeout: 60_000 });
  await drawer.getByText('counting', { exact: true }).last().waitFor();
  await shot(page, 'code');
  await drawer.getByRole('button', { name: 'Apply' }).click();
  await settled(page);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText(/Saved as revision/).waitFor();
  await page.reload();
  await settled(page);
  const kind = await component(page, 'Expression by condition').getAttribute('data-kind');
  expect(kind === 'code', `the figure was not stored as code but as ${kind}`);
  expect((await component(page, 'Expression by condition').getByRole('alert').count()) === 0, 'the stored code does not run');
}
