// Several tables are written at once while the program is killed (SIGKILL) again and again: no upload is ever half there.
//
//   node scripts/kills.mjs PROGRAM DATA_DIR
//
// KILLS (1,000) makes it shorter; KILLS_SEED repeats the operations of another run (when exactly the program dies in
// them, no seed can say). Ends with status 1 at the first broken rule: a version that is neither the last one
// acknowledged nor what the operation under way would have made, a row too many or too few in any version, a file that a
// sweep must take and does not.

import { randomBytes } from 'node:crypto';
import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as at from './server.mjs';
import { checkRows, checkVersions, close, makeTable, must, same, say, send, shown, verifyLog } from './table-check.mjs';
import * as model from './table-model.mjs';

const [program, dataDir] = process.argv.slice(2);
const KILLS = Number(process.env.KILLS ?? 1_000);
const SEED = process.env.KILLS_SEED ?? randomBytes(4).toString('hex');
/** Tables that are written at once, each by one writer. */
const TABLES = 4;
/** The program dies at most so many milliseconds after the writers began. */
const ALIVE_MS_MAX = 600;
/** Rows of one upload, at most. */
const ROWS_MAX = 50_000;
/** A table ends, and a new one begins, once it has so many versions: some before the first checkpoint (20), most after. */
const VERSIONS = [10, 150];
/** The log is verified, and a line says how far it is, after so many kills. */
const VERIFY_EACH = 50;
/** A sweep takes what is older than a day: so many seconds are enough. */
const OLD_S = 2 * 86_400;

/** What is done to a table, and how often of 100 times. */
const OPERATIONS = [
  ['append', 42],
  ['upsert', 12],
  ['overwrite', 6],
  ['restore', 10],
  ['set aside', 6],
  ['refused', 8],
  ['cut', 10],
  ['gone', 6],
];

const env = { LOG_LEVEL: 'ERROR', DEPICTIO_PYTHON: '/no/interpreter/here', JWT_ACCESS_TOKEN_EXPIRE_MINUTES: '1440' };
/** Eight files become one at the least, and those one again. */
const MERGED_SHARE = 1 + 1 / 6;
const counted = { acknowledged: 0, refused: 0, cut: 0, kills: 0, under: 0, landed: 0, absent: 0, tables: 0, swept: 0, unfinished: 0, longest: 0, events: 0 };
const random = model.seeded(SEED);
let server;
/** The program has been killed, or is about to be: what is not answered from now on may have happened or not. */
let dying = false;

const json = (body) => ({ type: 'application/json', body: Buffer.from(JSON.stringify(body)) });

/** The next operation on a table: how it is sent, and what it makes when it happens. */
function draw(table) {
  const { random, versions } = table;
  let chance = random.below(100);
  let kind = OPERATIONS.find(([, share]) => (chance -= share) < 0)[0];
  // Without columns that are settled there is nothing to misfit, and nothing to replace.
  if (versions.length === 0) kind = 'append';
  table.ops += 1;
  if (kind === 'restore') {
    const version = 1 + random.below(versions.length);
    return { kind, makes: 'restore', version, path: 'restore', sent: json({ version }) };
  }
  const rows = model.rowsOf(random, table.ops, model.size(random, ROWS_MAX));
  const shape = { parts: random.below(4) === 0 ? 2 + random.below(3) : 1, packed: random.below(4) === 0 };
  const upload = (makes, how, more = []) => {
    const files = model.files(rows, { ...shape, more });
    return { kind, makes, rows, path: `uploads?${how}`, sent: model.multipart(files) };
  };
  switch (kind) {
    case 'upsert':
      return upload('upsert', 'mode=upsert&key=key');
    case 'overwrite':
      return upload('overwrite', 'mode=overwrite');
    case 'set aside': {
      const setAside = 1 + random.below(20);
      return { ...upload('append', 'mode=append&bad_rows=set_aside', Array(setAside).fill('1,no number,1,x')), setAside };
    }
    case 'refused': {
      // A cell that does not fit the column, a row with too many cells, a key that stands twice.
      const [how, line, code] = random.among([
        ['mode=append', '1,no number,1,x', 'schema_mismatch'],
        ['mode=append', '1,1,1,x,too many', 'bad_file'],
        ['mode=upsert&key=key', `1,${rows.from},1,x`, 'invalid_key'],
      ]);
      return { ...upload(null, how, [line]), code };
    }
    case 'cut': {
      const made = upload(null, random.among(['mode=append', 'mode=overwrite', 'mode=upsert&key=key']));
      // The last two bytes are a line's end behind the files, without which they are whole.
      return { ...made, how: { cut: 1 + random.below(made.sent.body.length - 3) } };
    }
    case 'gone':
      return { ...upload('append', 'mode=append'), how: { goneMs: random.below(40) } };
    default:
      return upload('append', 'mode=append');
  }
}

/** Does one operation to its end. Answers false when it is not known what became of it. */
async function operate(table, operation) {
  const made = model.after(table.versions, operation);
  table.under = { operation, made };
  const answer = await send(server, `${table.path}/${operation.path}`, operation.sent, operation.how);
  const words = `${table.name}: ${operation.kind}`;
  if (!answer) {
    if (operation.kind === 'cut') {
      // It is not whole, so nothing may come of it, whatever the server does: the next operation shows it.
      table.under = null;
      counted.cut += 1;
      return true;
    }
    must(dying || operation.kind === 'gone', `${words} got no answer, and the program was not killed`);
    return false;
  }
  table.under = null;
  if (!made) {
    must(operation.kind === 'refused' && answer.body.code === operation.code, `${words} was answered ${shown(answer)}`);
    counted.refused += 1;
    return true;
  }
  must(answer.status === (operation.kind === 'restore' ? 200 : 201), `${words} was answered ${shown(answer)}`);
  table.versions.push(made);
  const expected = [table.versions.length, model.total(made)];
  same([answer.body.version, answer.body.total_rows], expected, `${words} was answered with another version or number of rows`);
  counted.acknowledged += 1;
  return true;
}

async function write(table) {
  while (!dying && (await operate(table, draw(table))));
}

async function begin(project) {
  counted.tables += 1;
  const table = await makeTable(server, project, `Table ${counted.tables}`);
  const own = model.seeded(`${SEED} ${table.name}`);
  const enough = VERSIONS[0] + own.below(VERSIONS[1] - VERSIONS[0]);
  return { ...table, random: own, under: null, enough };
}

const look = (table, number, what) => checkRows(server, table, number, what, table.random);

/** After a kill: what was under way is there as a whole or not at all, and all else is as it was. */
async function check(table) {
  const told = await at.get(server, table.path);
  const { under } = table;
  table.under = null;
  const [held, found] = [table.versions.length, told.version ?? 0];
  const words = under ? `, with ${under.operation.kind} under way` : '';
  if (under?.made && found === held + 1) {
    table.versions.push(under.made);
    counted.landed += 1;
  } else {
    must(found === held, `${table.name} has version ${found} where ${held} was acknowledged${words}`);
    if (under?.made) counted.absent += 1;
  }
  if (found === 0) return;
  same(told.rows, model.total(table.versions.at(-1)), `${table.name}, version ${found}${words}, says that it has another number of rows`);
  await look(table, found, `the newest${words}`);
  await checkVersions(server, table);
  if (found > 1) await look(table, 1 + table.random.below(found - 1), 'an older one');
}

const folderOf = (table) => join(dataDir, 'objects', table.project, table.id);
/** What the store calls an unfinished file: digits behind `#`. It never lists them. */
const unfinished = (name) => /#\d+$/.test(name);

/** Names of all files of a table that are data, of versions or of none. */
const data = (table) => readdirSync(folderOf(table)).filter((name) => /^(part|aside)-/.test(name) && !unfinished(name));

/**
 * After this upload, the first since the start, no old file is there that no version names. How many there should be is
 * not known from here, for small files become one: but never so many more than were written by what was acknowledged.
 */
async function sweep(table) {
  const folder = folderOf(table);
  const old = Date.now() / 1_000 - OLD_S;
  for (const name of readdirSync(folder)) utimesSync(join(folder, name), old, old);
  const before = data(table);
  await further(table);
  const written = table.versions.reduce((sum, made) => sum + made.written, 0);
  const left = new Set(data(table));
  must(left.size <= written * MERGED_SHARE, `${table.name} has ${left.size} files after it was swept, where ${written} were written by what was acknowledged`);
  counted.swept += before.filter((name) => !left.has(name)).length;
}

/** One more upload works. */
async function further(table) {
  table.ops += 1;
  const rows = model.rowsOf(table.random, table.ops, 1 + table.random.below(3));
  const operation = { kind: 'an upload after a kill', makes: 'append', rows, path: 'uploads?mode=append', sent: model.multipart(model.files(rows)) };
  must(await operate(table, operation), `${table.name}: an upload after a kill got no answer`);
}

/** Ends a table that is long enough; nothing of it may stay. */
async function end(table) {
  await sweep(table);
  await look(table, table.versions.length, 'the newest after the sweep');
  await look(table, 1, 'the first after the sweep');
  await at.call(server, 'DELETE', table.path);
  const left = readdirSync(folderOf(table), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  counted.unfinished += left.filter(({ name }) => unfinished(name)).length;
  const whole = left.filter(({ name }) => !unfinished(name));
  must(whole.length === 0, `${table.name} is deleted, and ${whole.length} of its files are still there`);
}

async function kill() {
  must(!at.ended(server.child), 'the program ended by itself');
  dying = true;
  await at.stop(server.child, 'SIGKILL');
}

async function restart() {
  const { token } = server;
  server = await at.start(program, dataDir, { env });
  server.token = token;
  dying = false;
  counted.longest = Math.max(counted.longest, server.ms);
}

async function killAgainAndAgain() {
  const { id: project } = await at.ask(server, 'POST', '/projects', { name: 'Killed' });
  const tables = [];
  for (let number = 0; number < TABLES; number += 1) tables.push(await begin(project));
  const began = performance.now();
  while (counted.kills < KILLS) {
    const writers = Promise.all(tables.map(write));
    // One that ends with a broken rule ends everything.
    await Promise.race([sleep(random.next() * ALIVE_MS_MAX), writers.then(() => new Promise(() => {}))]);
    await kill();
    counted.kills += 1;
    await writers;
    if (tables.some((table) => table.under?.made)) counted.under += 1;
    await restart();
    await Promise.all(tables.map(check));
    for (const [index, table] of tables.entries()) {
      if (table.versions.length < table.enough && counted.kills < KILLS) continue;
      // It may be that it was never written.
      if (table.versions.length > 0) await end(table);
      tables[index] = await begin(project);
    }
    await Promise.all(tables.filter((table) => table.versions.length > 0).map(further));
    if (counted.kills % VERIFY_EACH === 0 || counted.kills === KILLS) {
      counted.events = await verifyLog(program, dataDir);
      console.log(`${counted.kills} kills, ${counted.acknowledged} operations acknowledged, ${((performance.now() - began) / 1_000).toFixed(0)} s`);
    }
  }
  same(readdirSync(join(dataDir, 'spool')), [], 'what was being received is left over');
  must(counted.landed > 0 && counted.absent > 0 && counted.cut > 0, 'no operation was under way when the program was killed: this shows nothing');
  return (performance.now() - began) / 1_000;
}

console.log(`KILLS_SEED=${SEED}`);
server = await at.start(program, dataDir, { env });
try {
  server.token = await at.signIn(server);
  const seconds = await killAgainAndAgain();
  console.log(
    `${counted.kills} kills in ${seconds.toFixed(0)} s on ${at.machine()}: ${counted.under} with operations under way, ` +
      `of which ${counted.landed} were there as a whole and ${counted.absent} not at all; ` +
      `${counted.acknowledged} operations acknowledged and kept, ${counted.refused} refused, ${counted.cut} cut off by the client; ` +
      `${counted.tables} tables, ${counted.swept} files of no version swept, ${counted.unfinished} unfinished ones that no sweep takes; ` +
      `at most ${(counted.longest / 1_000).toFixed(1)} s until it answered again; ${counted.events} events in a whole audit log`,
  );
} catch (error) {
  say(error, `after ${counted.kills} kills (KILLS_SEED=${SEED})`);
} finally {
  dying = true;
  close();
  await at.stop(server.child);
}
