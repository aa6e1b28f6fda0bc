/** What every step of the story uses: the browser, screenshots, axe, and watching for anything that should never happen. */
import AxeBuilder from '@axe-core/playwright';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

export const settings = {
  url: need('STORY_URL').replace(/\/$/, ''),
  email: need('STORY_EMAIL'),
  password: need('STORY_PASSWORD'),
  shots: process.env.STORY_SHOTS ?? 'story-shots',
};
/** Makes names of this run unique, so that the story can be told twice to the same server. */
export const stamp = Date.now().toString(36);

function need(name) {
  const value = process.env[name];
  if (!value) {
    console.error(`${name} is not set. The story needs STORY_URL, STORY_EMAIL and STORY_PASSWORD.`);
    process.exit(2);
  }
  return value;
}

export async function launch() {
  mkdirSync(settings.shots, { recursive: true });
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
  });
}

/** A page of its own person; whatever must never happen is collected in `alarms`. */
export async function person(browser, alarms) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'light', reducedMotion: 'reduce', locale: 'en-GB' });
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`CSP violation: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
    });
  });
  const page = await context.newPage();
  page.setDefaultTimeout(Number(process.env.STORY_TIMEOUT_MS ?? 15_000));
  page.on('dialog', async (dialog) => {
    alarms.push(`a ${dialog.type()} dialog appeared: ${dialog.message()}`);
    await dialog.dismiss();
  });
  page.on('pageerror', (error) => alarms.push(`uncaught error: ${error.message}`));
  page.on('console', (message) => {
    if (/CSP violation|Content Security Policy/i.test(message.text())) alarms.push(message.text());
  });
  return page;
}

export async function shot(page, name) {
  // Toasts fade and skeletons settle; a picture in between shows neither state.
  await page.waitForTimeout(400);
  await page.screenshot({ path: join(settings.shots, `${name}.png`) });
}

/** A grid draws its header row first and the cells of it a moment later: in between it is a row of nothing. */
async function gridsDrawn(page) {
  await eventually(
    'the header of a grid stays empty',
    () => page.evaluate(() => [...document.querySelectorAll('.ag-header-row')].filter((row) => row.getClientRects().length > 0 && row.childElementCount === 0).length),
    (empty) => empty === 0,
  );
}

/**
 * No serious or critical finding on the page as it stands. A chart is one image with a text of its own; its thousands of
 * marks are not looked through.
 */
export async function accessible(page, name) {
  let found = await graveFindings(page);
  if (found.length > 0) {
    // It may have been looked through while it was drawn, half of a grid there: a finding is what is still there.
    await page.waitForTimeout(DRAWN_MS);
    found = await graveFindings(page);
  }
  if (found.length > 0) throw new Error(`axe on ${name}: ${found.join('\n')}`);
}

/** Within this time whatever is being drawn is there as a whole. */
const DRAWN_MS = 1_000;

async function graveFindings(page) {
  await gridsDrawn(page);
  const { violations } = await new AxeBuilder({ page }).exclude('.main-svg').analyze();
  const grave = violations.filter((violation) => violation.impact === 'serious' || violation.impact === 'critical');
  return grave.map((violation) => `${violation.impact} ${violation.id}: ${violation.nodes.map((node) => node.html.slice(0, 200)).join(' | ')}`);
}

export function expect(condition, words) {
  if (!condition) throw new Error(words);
}

/** Waits until `read` gives a value that `good` accepts. */
export async function eventually(words, read, good, timeoutMs = 15_000) {
  const end = Date.now() + timeoutMs;
  let last;
  while (Date.now() < end) {
    last = await read();
    if (good(last)) return last;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${words}; last seen: ${JSON.stringify(last)}`);
}

/** Every component of the dashboard has its answer, and every figure is drawn. */
export async function settled(page) {
  await eventually(
    'some components never became ready',
    () => page.evaluate(() => ({
      busy: document.querySelectorAll('article[aria-busy="true"]').length,
      undrawn: [...document.querySelectorAll('article [role="img"]')].filter((root) => !root.hasAttribute('data-ready')).length,
      all: document.querySelectorAll('article').length,
    })),
    (seen) => seen.all > 0 && seen.busy === 0 && seen.undrawn === 0,
    60_000,
  );
}

export function component(page, title) {
  return page.getByRole('article', { name: title, exact: true });
}

/** Calls the API as the page's person would, with its cookies. */
export async function callAs(page, method, path, body, headers = {}) {
  return page.evaluate(
    async ([verb, address, payload, more]) => {
      const response = await fetch(`/api/v1${address}`, {
        method: verb,
        headers: { 'content-type': 'application/json', ...more },
        body: payload === undefined ? undefined : JSON.stringify(payload),
      });
      const text = await response.text();
      return { status: response.status, body: text ? JSON.parse(text) : null };
    },
    [method, path, body, headers],
  );
}
