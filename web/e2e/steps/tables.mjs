import { readFile } from 'node:fs/promises';
import { accessible, eventually, expect, settings, shot, stamp } from '../support.mjs';

export const first = table(['S1,control,1.5', 'S2,control,2.5', 'S3,treated,7.25', 'S4,treated,8', 'S5,recovery,4.5', 'S6,recovery,5']);
const second = table(['S7,control,1.75', 'S8,treated,7.5', 'S9,recovery,4']);

function table(rows) {
  return `sample,condition,expression\n${rows.join('\n')}\n`;
}

export const file = (name, text) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });

export async function tables(story) {
  const { page } = story;
  await page.goto(`${settings.url}/projects`);
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill(`Story ${stamp}`);
  await page.getByRole('dialog').getByLabel('Description').fill('Made by the browser story.');
  await accessible(page, 'create project');
  await page.getByRole('dialog').getByRole('button', { name: 'Create project' }).click();
  await page.getByRole('heading', { level: 1, name: `Story ${stamp}` }).waitFor();
  story.project = /projects\/([^/]+)/.exec(page.url())[1];

  await page.getByRole('button', { name: 'Create collection' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('samples');
  await page.getByRole('dialog').getByRole('button', { name: 'Create collection' }).click();
  await page.getByRole('group', { name: 'Upload area' }).waitFor();
  story.collection = /collections\/([^/?]+)/.exec(page.url())[1];
  await accessible(page, 'upload');

  // A ragged line is named before anything is stored.
  await page.getByLabel('Files to upload').setInputFiles(file('ragged.csv', 'a,b\n1,2\n3,4,5\n'));
  const alert = page.getByRole('tabpanel').getByRole('alert');
  await alert.getByText(/Nothing was changed/).first().waitFor();
  const words = await alert.innerText();
  expect(/ragged\.csv/.test(words) && /3/.test(words), `the error names neither file nor line: ${words}`);
  await page.getByRole('button', { name: 'Remove ragged.csv' }).click();

  // By drag and drop, as a person would.
  const transfer = await page.evaluateHandle((text) => {
    const data = new DataTransfer();
    data.items.add(new File([text], 'samples.csv', { type: 'text/csv' }));
    return data;
  }, first);
  await page.getByRole('group', { name: 'Upload area' }).dispatchEvent('drop', { dataTransfer: transfer });
  await page.getByRole('combobox', { name: 'Type of expression' }).waitFor();
  expect((await page.getByRole('combobox', { name: 'Type of expression' }).inputValue()) === 'Number', 'expression was not understood as a number');
  expect((await page.getByRole('combobox', { name: 'Type of sample' }).inputValue()) === 'Text', 'sample was not understood as text');
  await accessible(page, 'upload preview');
  await shot(page, 'upload');
  await page.getByRole('region', { name: 'Preview of the rows' }).getByText('S3').waitFor();
  await page.getByRole('button', { name: 'Upload table', exact: true }).last().click();
  await page.getByText('6 rows, 3 columns, version 1').waitFor();
  await page.getByRole('gridcell', { name: 'S3', exact: true }).waitFor();
  await accessible(page, 'collection data');
  await filters(page);

  await page.getByRole('tab', { name: 'Upload' }).click();
  await page.getByLabel('Files to upload').setInputFiles(file('more.csv', second));
  await page.getByRole('button', { name: 'Append rows' }).click();
  await page.getByText('9 rows, 3 columns, version 2').waitFor();
  await page.getByRole('gridcell', { name: 'S8', exact: true }).waitFor();

  // Version 1 again: the old rows, and only those.
  await page.getByRole('combobox', { name: 'Version' }).click();
  await page.getByRole('option', { name: /^Version 1,/ }).click();
  await page.getByText('Old version').waitFor();
  await eventually('version 1 does not show its six rows', () => page.getByRole('status').allInnerTexts(), (seen) => seen.includes('6 rows'));
  await page.getByRole('gridcell', { name: 'S6', exact: true }).waitFor();
  expect((await page.getByRole('gridcell', { name: 'S8', exact: true }).count()) === 0, 'version 1 shows a row of version 2');

  await page.getByRole('tab', { name: 'Schema' }).click();
  await page.getByRole('cell', { name: 'expression' }).waitFor();
  await accessible(page, 'schema');
  await page.getByRole('tab', { name: /Versions/ }).click();
  await page.getByRole('button', { name: 'Restore version 1' }).waitFor();
  await accessible(page, 'versions');
  await history(page);
}

/** Only the latest version is kept: the first one is said to be removed, and cannot be asked for. */
async function history(page) {
  await page.getByText('Every version is kept.').waitFor();
  await page.getByRole('button', { name: 'Change what is kept' }).click();
  await page.getByRole('radio', { name: 'The latest versions only' }).check();
  await page.getByRole('textbox', { name: 'How many' }).fill('1');
  await page.getByText('1 version older than that can no longer be asked for').waitFor();
  await accessible(page, 'what is kept of the history');
  await shot(page, 'history-kept');
  await page.getByRole('button', { name: 'Remove 1 version' }).click();
  await page.getByRole('region', { name: 'History kept' }).getByText('Only the latest version is kept').waitFor();
  await page.getByRole('row', { name: /^1 ?removed/ }).waitFor();
  expect((await page.getByRole('button', { name: 'Restore version 1' }).count()) === 0, 'a removed version can be restored');
  await accessible(page, 'versions, one removed');
  await shot(page, 'version-removed');
}

/** A filter as text: a mistake is shown with its place and never applied; a name is completed from the keyboard. */
async function filters(page) {
  const box = page.getByRole('combobox', { name: 'Filter' });
  await box.pressSequentially('conditoin = "treated"');
  await page.getByText('perhaps "condition" is meant').waitFor();
  const shown = await page.locator('form pre').innerText();
  expect(shown === 'conditoin = "treated"\n^^^^^^^^^', `the carets are not under the mistake: ${shown}`);
  await accessible(page, 'a filter with a mistake');
  await shot(page, 'filter-mistake');
  await box.press('Enter');
  expect(!page.url().includes('filter='), 'a filter that cannot be read was applied');
  await box.fill('');
  await box.pressSequentially('cond');
  await page.getByRole('option', { name: 'condition' }).waitFor();
  await accessible(page, 'completions of a filter');
  await box.press('ArrowDown');
  await box.press('Enter');
  expect((await box.inputValue()) === 'condition', 'the name was not completed');
  await box.press('End');
  await box.pressSequentially(' = "treated" and expression > 7.5');
  await box.press('Enter');
  const told = () => page.getByRole('status').allInnerTexts();
  await eventually('the filter lets through another number of rows', told, (seen) => seen.includes('1 of the rows match'));
  await page.getByRole('gridcell', { name: 'S4', exact: true }).waitFor();
  expect((await page.getByRole('gridcell', { name: 'S3', exact: true }).count()) === 0, 'a row that does not meet the filter is shown');
  await shot(page, 'filter');
  // What is downloaded is what is shown, and in it nothing else.
  const arriving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download' }).click();
  await page.getByRole('menuitem', { name: /^CSV/ }).click();
  const saved = await arriving;
  expect(saved.suggestedFilename() === 'samples v1.csv', `the file is called ${saved.suggestedFilename()}`);
  const text = await readFile(await saved.path(), 'utf8');
  expect(text === 'sample,condition,expression\r\nS4,treated,8.0\r\n', `the file holds ${text}`);
  await page.reload();
  await eventually('after a reload the filter is gone', told, (seen) => seen.includes('1 of the rows match'));
  expect((await box.inputValue()) === 'condition = "treated" and expression > 7.5', 'the filter is not kept in the address');
  await page.getByRole('button', { name: 'How to write a filter' }).click();
  await page.getByRole('dialog').getByText('(age > 60 or age < 20) and not paired').waitFor();
  await accessible(page, 'the help of filters');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Clear' }).click();
  await eventually('the filter is not cleared', told, (seen) => seen.includes('6 rows'));
}
