// The disk of the data directory becomes full: every upload is kept or refused, and nothing that was kept is lost.
//
//   node scripts/full-disk.mjs PROGRAM DATA_DIR
//
// DATA_DIR becomes a small disk in memory, which only root can make; without that right this says so and does nothing.
// FULL_DISK_SEED repeats another run. Ends with status 1 at the first broken rule: an upload acknowledged and not kept,
// one refused and kept, an answer that is none that a full disk may have, the end of the program.

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as at from './server.mjs';
import { checkRows, checkVersions, close, makeTable, must, same, say, send, shown, verifyLog } from './table-check.mjs';
import * as model from './table-model.mjs';

const [program, place] = process.argv.slice(2);
const SEED = process.env.FULL_DISK_SEED ?? randomBytes(4).toString('hex');
/** Of the disk. */
const DISK_MIB = 48;
/** What uploads leave to everything else, until the pages at the very end are looked at. */
const RESERVE_MIB = 4;
/** Rows of the uploads that fill it, the large ones first: when no more of them fit, the smaller ones still do. */
const ROWS = [200_000, 50_000];
/** Of a table that is deleted to make room; three such uploads are more than one needs while it is received. */
const SPARE_ROWS = 400_000;
/** After so many refusals in a row no upload of that size fits. */
const REFUSALS = 5;
/** Requests go on without a byte left until so many are refused, for the log can go on for a while in what it has, */
const DENIED = 10;
/** and at most so many rounds. */
const ROUNDS_MAX = 400;
/** Times that all but a few pages of the disk are taken; it is what the files of the log and of the metadata grow by. */
const EDGES = 40;
const PAGE_BYTES = 4_096;
/** Uploads into what is left then, and rows of each. */
const EDGE_UPLOADS = 6;
const EDGE_ROWS = 5;
/** Older versions that are looked at, whenever all is compared. */
const OLDER = 10;
/** So long after there is room again reads may still be refused. */
const REFUSED_MS_MAX = 2_000;

const disk = join(place, 'disk');
const dataDir = join(disk, 'data');
const ballast = join(disk, 'ballast');
const env = { LOG_LEVEL: 'ERROR', DEPICTIO_PYTHON: '/no/interpreter/here', DEPICTIO_DISK_RESERVE_BYTES: String(RESERVE_MIB << 20) };
const counted = { kept: 0, refused: 0, answered: 0, denied: 0, reads: '' };
const random = model.seeded(SEED);
let server;

/** Whether there is such a disk now; where there cannot be one, says why. */
function mount() {
  if (process.getuid() !== 0) {
    console.log('Left out: only root can make a small disk to be filled.');
    return false;
  }
  mkdirSync(disk, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m,mode=700`, 'tmpfs', disk], { stdio: 'pipe' });
    return true;
  } catch (error) {
    console.log(`Left out: no small disk can be made here to be filled (${String(error.stderr ?? error).trim().split('\n', 1)[0]}).`);
    return false;
  }
}

const freeBytes = () => {
  const { bavail, bsize } = statfsSync(disk);
  return bavail * bsize;
};

/** Takes what is left of the disk but for so many bytes. */
function fill(leave = 0) {
  const file = openSync(ballast, 'a');
  for (const bytes of [1 << 20, PAGE_BYTES]) {
    while (freeBytes() - leave >= bytes) {
      try {
        writeSync(file, Buffer.alloc(bytes));
      } catch (error) {
        // The program was faster.
        must(error.code === 'ENOSPC', `filling the disk: ${error}`);
        break;
      }
    }
  }
  closeSync(file);
}

const start = async () => {
  // What it logs of a full disk is many lines of the same.
  server = await at.start(program, dataDir, { env, stderr: 'ignore' });
};

/** Whether an answer is the one that a full disk has: a problem that says that it is the server's, not the file's. */
function refusal(answer, what) {
  const told = [503, 507].includes(answer?.status) && answer.body.code && answer.body.detail;
  must(told, `${what} on a full disk was answered ${answer ? shown(answer) : 'not at all'}`);
}

/** One upload: kept with the version that it says, or refused. */
async function upload(table, count) {
  table.ops += 1;
  const rows = model.rowsOf(random, table.ops, count);
  const answer = await send(server, `${table.path}/uploads?mode=append`, model.multipart(model.files(rows)));
  must(!at.ended(server.child), 'the program ended');
  if (answer?.status !== 201) {
    refusal(answer, 'an upload');
    counted.refused += 1;
    return false;
  }
  table.versions.push(model.after(table.versions, { makes: 'append', rows }));
  counted.kept += 1;
  const expected = [table.versions.length, model.total(table.versions.at(-1))];
  same([answer.body.version, answer.body.total_rows], expected, 'an upload was answered with another version or number of rows');
  return true;
}

/** All that was acknowledged is there, and nothing else is. */
async function check(table, when) {
  const told = await at.get(server, table.path);
  const newest = table.versions.length;
  same([told.version, told.rows], [newest, model.total(table.versions.at(-1))], `${when}, the table has another version or number of rows`);
  await checkVersions(server, table);
  const older = Array.from({ length: OLDER }, () => 1 + random.below(newest));
  for (const number of [newest, ...older]) await checkRows(server, table, number, when, random);
}

/** Uploads of this size until no more fit. */
async function fillByUploads(table, rows) {
  for (let refused = 0; refused < REFUSALS; ) refused = (await upload(table, rows)) ? 0 : refused + 1;
}

/** A request that may be answered rightly or be refused, and nothing else. */
async function tolerated(what, path, body) {
  const answer = await send(server, path, { type: 'application/json', body: Buffer.from(JSON.stringify(body)) });
  if (answer?.status === 200) {
    counted.answered += 1;
    return answer.body;
  }
  refusal(answer, what);
  counted.denied += 1;
  return null;
}

/** While nothing can be written, not even to the log, answers are right or refused; nobody gets a wrong one. */
async function askWhileFull(table) {
  const newest = () => table.versions.at(-1);
  for (let round = 0; round < ROUNDS_MAX && counted.denied < DENIED; round += 1) {
    await upload(table, model.size(random, 1_000));
    const rows = await tolerated('a query', `${table.path}/query`, { columns: ['op', 'key', 'mix', 'text'], limit: 10 });
    const expected = [table.versions.length, model.total(newest()), model.page(newest(), 0, 10)];
    if (rows) same([rows.version, rows.total_rows, rows.rows], expected, 'on a full disk, a query was answered with other rows');
    const sums = await tolerated('a sum', `${table.path}/aggregate`, model.GROUPS);
    if (sums) same(sums.rows, model.groups(newest()), 'on a full disk, a sum was answered wrongly');
    const health = await fetch(`${server.url}/healthz`);
    must(health.ok, `on a full disk, /healthz was answered ${health.status}`);
  }
}

/** How reads fare once there is room again, before anybody has signed in or changed anything. */
async function readsComeBack(table) {
  // Nothing waits any more to be written to the log.
  await sleep(1_000);
  rmSync(ballast);
  const began = performance.now();
  do {
    if (await tolerated('a query', `${table.path}/query`, { limit: 1 })) return `reads were answered after ${(performance.now() - began).toFixed(0)} ms`;
    await sleep(50);
  } while (performance.now() - began < REFUSED_MS_MAX);
  return 'reads were refused until somebody signed in';
}

/** Uploads into the last pages: whichever of its writes finds no room, an upload is kept and acknowledged or neither. */
async function atTheEdge(table) {
  for (let number = 0; number < EDGES; number += 1) {
    const pages = 4 + random.below(EDGES);
    if (number % 3 === 0) {
      // After an orderly end the files of log and metadata are small, and must grow.
      await at.stop(server.child);
      await start();
      server.token = await at.signIn(server);
    }
    fill(pages * PAGE_BYTES);
    for (let turn = 0; turn < EDGE_UPLOADS; turn += 1) await upload(table, EDGE_ROWS);
    rmSync(ballast);
    server.token = await at.signIn(server);
    const { version } = await at.get(server, table.path);
    const words = `version ${version} where ${table.versions.length} was acknowledged`;
    must((version ?? 0) === table.versions.length, `with ${pages} pages of the disk left, uploads were refused and kept: ${words}`);
  }
  await check(table, 'after uploads into the last pages');
}

async function fillAndFree() {
  server.token = await at.signIn(server);
  const { id: project } = await at.ask(server, 'POST', '/projects', { name: 'Full' });
  const spare = await makeTable(server, project, 'Spare');
  for (let number = 0; number < 3; number += 1) must(await upload(spare, SPARE_ROWS), 'the disk is too small for this');
  const table = await makeTable(server, project, 'Kept');
  for (let number = 0; number < 25; number += 1) await upload(table, model.size(random, 1_000));

  for (const rows of ROWS) await fillByUploads(table, rows);
  const left = freeBytes();
  must(left > (RESERVE_MIB << 20) / 2, `uploads left ${left} bytes of the disk, where they leave ${RESERVE_MIB} MiB`);
  // What an upload needs and does not find is free for everything else.
  await at.signIn(server);
  await check(table, 'where no upload fits');
  await at.call(server, 'DELETE', spare.path);
  must(await upload(table, ROWS.at(-1)), 'a table was deleted, and an upload is still refused');
  await check(table, 'after an upload into the room of a table deleted');

  fill();
  await askWhileFull(table);
  counted.reads = await readsComeBack(table);
  server.token = await at.signIn(server);
  await check(table, 'with room again');
  must(await upload(table, 1_000), 'there is room again, and an upload is refused');

  fill();
  await upload(table, 1_000);
  await at.stop(server.child, 'SIGKILL');
  // It may refuse to start where nothing can be recorded; what counts is that it has broken nothing.
  const started = await start().then(() => true, () => false);
  if (started) await at.stop(server.child, 'SIGKILL');
  rmSync(ballast);
  env.DEPICTIO_DISK_RESERVE_BYTES = '0';
  await start();
  server.token = await at.signIn(server);
  await check(table, 'after a start on a full disk');
  must(await upload(table, 1_000), 'after a start on a full disk an upload is refused');
  await atTheEdge(table);
  await verifyLog(program, dataDir);
  return { left, started };
}

/** Nothing of the disk stays, whatever ends this. */
function unmount() {
  // Lazily, for the program may be ending still.
  execFileSync('umount', ['-l', disk]);
}

if (mount()) {
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      server?.child.kill('SIGKILL');
      unmount();
      process.exit(1);
    });
  }
  console.log(`FULL_DISK_SEED=${SEED}`);
  const began = performance.now();
  try {
    await start();
    const { left, started } = await fillAndFree();
    const seconds = ((performance.now() - began) / 1_000).toFixed(0);
    console.log(
      `A disk of ${DISK_MIB} MiB became full in ${seconds} s, and again ${EDGES} times but for some pages: ${counted.kept} uploads kept, ${counted.refused} refused, ` +
        `the first with ${(left / 2 ** 20).toFixed(1)} MiB left for all else; without a byte left ${counted.answered} reads were answered and ${counted.denied} refused, ` +
        `and the program ${started ? 'started' : 'did not start'}; with room again ${counted.reads}`,
    );
  } catch (error) {
    say(error, `(FULL_DISK_SEED=${SEED})`);
  } finally {
    close();
    if (server) await at.stop(server.child);
    unmount();
  }
}
