/**
 * The browser story: what a newcomer does on the first day, in a real Chromium against a running server with the demo.
 *
 *   STORY_URL=http://127.0.0.1:8080 STORY_EMAIL=.. STORY_PASSWORD=.. STORY_SHOTS=docs/img npm run story
 *
 * One line a step; the first failure leaves a picture and ends with status 1.
 */
import { join } from 'node:path';
import { access } from './steps/access.mjs';
import { administration } from './steps/administration.mjs';
import { buildDashboard } from './steps/build.mjs';
import { codeBusy, codeError, codeGallery, codeLimits, codeSaved, codeStopped, codeTyping } from './steps/code.mjs';
import { demoDashboard } from './steps/demo.mjs';
import { hostileText } from './steps/hostile.mjs';
import { colleague } from './steps/colleague.mjs';
import { links, serviceAccount, tokens } from './steps/identity.mjs';
import { login } from './steps/login.mjs';
import { conflict } from './steps/conflict.mjs';
import { narrow } from './steps/narrow.mjs';
import { sessions } from './steps/sessions.mjs';
import { tables } from './steps/tables.mjs';
import { visitor } from './steps/visitor.mjs';
import { launch, person, settings } from './support.mjs';

const STEPS = [
  ['sign in, and the list of projects', login],
  ['the demo dashboard: a filter changes everything, dark and light', demoDashboard],
  ['a project, a table, two versions, and the first one again', tables],
  ['a dashboard from the builder: dragged, resized, saved, the same after a reload', buildDashboard],
  ['a figure becomes code: a problem said while typing, names completed from the keyboard', codeTyping],
  ['code that fails says where and what to write instead; corrected, it runs', codeError],
  ['an endless loop is stopped, and a newer run replaces an older one', codeStopped],
  ['a busy server is waited for', codeBusy],
  ['code is saved, compared with what was saved, and taken back', codeSaved],
  ['every example of the gallery runs on columns with the oddest names', codeGallery],
  ['an owner lowers the limits of code', codeLimits],
  ['two people save at once: the second sees both', conflict],
  ['a colleague as viewer: sees, cannot edit, and the API agrees', colleague],
  ['a role through a group comes and goes at once; narrowing, who can see this, looking as a viewer', access],
  ['a token for a program: shown once, reads and nothing more, revoked', tokens],
  ['a service account: made in a project, works there, deleted', serviceAccount],
  ['a project is open to everyone, somebody without an account looks at it, and it is closed again', visitor],
  ['an invitation makes an account, and a link sets a new password, each once', links],
  ['an expired token goes unnoticed, two tabs refresh once, an ended session comes back to where it was', sessions],
  ['users, groups, audit, status, settings, account', administration],
  ['hostile text is shown as text', hostileText],
  ['390 and 1,024 pixels wide', narrow],
];

const alarms = [];
const browser = await launch();
const page = await person(browser, alarms);
/** What later steps need of earlier ones. */
const story = { browser, page, alarms };
let current = page;
story.use = (other) => {
  current = other;
};

for (const [index, [words, step]] of STEPS.entries()) {
  const start = Date.now();
  try {
    current = page;
    await step(story);
    if (alarms.length > 0) throw new Error(alarms.join('\n'));
    console.log(`ok ${index + 1}  ${words}  (${((Date.now() - start) / 1000).toFixed(1)} s)`);
  } catch (error) {
    console.log(`FAILED ${index + 1}  ${words}`);
    console.log(error instanceof Error ? error.message : error);
    if (alarms.length > 0) console.log(alarms.join('\n'));
    console.log(`at ${current.url()}`);
    await current.screenshot({ path: join(settings.shots, 'failure.png') }).catch(() => undefined);
    await browser.close();
    process.exit(1);
  }
}
await browser.close();
console.log(`The story is told; pictures are in ${settings.shots}.`);
