// Tables of a running program beside what they must hold, for kills.mjs, full-disk.mjs and descriptors.mjs.

import { execFile } from 'node:child_process';
import { Agent, request } from 'node:http';
import { promisify } from 'node:util';
import * as at from './server.mjs';
import * as model from './table-model.mjs';

/** Rows that are compared one by one, of each version looked at; the others are by their sums. */
const PAGE_ROWS = 500;
/** What nobody answers for this long is lost. */
const ANSWER_MS_MAX = 60_000;

const agent = new Agent({ keepAlive: true });

/** A rule that does not hold; it ends everything. */
export class Broken extends Error {}

export function must(holds, words) {
  if (!holds) throw new Broken(words);
}

/** Compares what was answered with what the model says. */
export function same(found, expected, words) {
  const [left, right] = [JSON.stringify(found), JSON.stringify(expected)];
  if (left === right) return;
  let place = 0;
  while (left[place] === right[place]) place += 1;
  const near = (shown) => shown.slice(Math.max(0, place - 80), place + 120);
  throw new Broken(`${words}: …${near(left)}… where …${near(right)}… was expected`);
}

export const shown = (answer) => `${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}`;

/**
 * Posts a body; answers status and body, or null when no answer came.
 *
 * With `cut` only so many bytes are sent; with `goneMs` nobody waits longer than that once all are.
 */
export function send(server, path, { type, body }, { cut, goneMs } = {}) {
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${server.token}`, 'content-type': type, 'content-length': body.length };
    const sent = request(`${server.url}/api/v1${path}`, { method: 'POST', agent, headers }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('error', () => resolve(null));
      answer.on('end', () => resolve({ status: answer.statusCode, body: JSON.parse(Buffer.concat(parts)) }));
    });
    sent.on('error', () => resolve(null));
    sent.setTimeout(ANSWER_MS_MAX, () => sent.destroy());
    if (cut !== undefined) {
      sent.write(body.subarray(0, cut), () => sent.destroy());
      return;
    }
    sent.end(body, () => {
      if (goneMs !== undefined) setTimeout(() => sent.destroy(), goneMs);
    });
  });
}

/** A new table with its model: what each version made holds, the first one first. */
export async function makeTable(server, project, name) {
  const { id } = await at.ask(server, 'POST', `/projects/${project}/collections`, { name });
  return { name, project, id, path: `/projects/${project}/collections/${id}`, versions: [], ops: 0 };
}

/** Asks for a version in two ways: sums over every upload in it, and rows from some place on. */
export async function checkRows(server, table, number, what, random) {
  const version = table.versions[number - 1];
  const rows = model.total(version);
  const words = `${table.name}, ${what} (version ${number}), has other rows`;
  const ask = (path, body) =>
    at.ask(server, 'POST', `${table.path}/${path}`, { ...body, version: number }).catch((error) => {
      throw new Broken(`${table.name}, ${what} (version ${number}), cannot be read: ${error.message}`);
    });
  const sums = await ask('aggregate', model.GROUPS);
  same(sums.rows, model.groups(version), words);
  const offset = rows <= PAGE_ROWS ? 0 : random.below(rows - PAGE_ROWS);
  const columns = ['op', 'key', 'mix', 'text'];
  const page = await ask('query', { columns, offset, limit: PAGE_ROWS });
  same([page.version, page.total_rows, page.rows], [number, rows, model.page(version, offset, PAGE_ROWS)], `${words} from row ${offset} on`);
}

/** The versions listed are those made, and no other. */
export async function checkVersions(server, table) {
  const { items } = await at.get(server, `${table.path}/versions`);
  const found = items.map((item) => [item.version, item.operation, item.rows, item.set_aside]);
  const expected = table.versions.map((made, index) => [index + 1, made.operation, model.total(made), made.setAside]);
  same(found, expected.reverse(), `the versions of ${table.name} are listed otherwise`);
}

/** Verifies the log by the command that an operator has, which asks the running program; answers how many events it has. */
export async function verifyLog(program, dataDir) {
  const env = { ...process.env, DEPICTIO_DATA_DIR: dataDir };
  const answer = await promisify(execFile)(program, ['audit', 'verify'], { env }).catch((error) => error);
  must(!(answer instanceof Error), `the audit log is not whole: ${answer.stderr}`);
  return JSON.parse(answer.stdout).events;
}

/** Says the first broken rule, or what else ended the run; the status is then 1. */
export function say(error, when) {
  console.log(`BROKEN ${when}: ${error instanceof Broken ? error.message : error.stack}`);
  process.exitCode = 1;
}

export const close = () => agent.destroy();
