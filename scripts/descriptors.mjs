// Connections of people who never say anything use up the descriptors of the program, while tables are written.
//
//   node scripts/descriptors.mjs PROGRAM DATA_DIR
//
// FLOOD_S (30) makes it longer or shorter. Ends with status 1 at the first broken rule: an upload acknowledged and not
// kept, one refused and kept, a version whose rows cannot be read, a program that does not come back.

import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as at from './server.mjs';
import { checkRows, checkVersions, close, makeTable, must, same, say, send, shown } from './table-check.mjs';
import * as model from './table-model.mjs';

const [program, place] = process.argv.slice(2);
const FLOOD_S = Number(process.env.FLOOD_S ?? 30);
/** Of the program; many machines give 1,024, for which more connections are needed. */
const DESCRIPTORS_MAX = 256;
/** Open at the same time: more than the program can take. */
const CONNECTIONS = 300;
/** So many are opened at a time, and as many closed once there are enough, so that the program is always near its end. */
const WAVE = 30;
const WAVE_MS = 20;
const TABLES = 4;
const ROWS_MAX = 200;
/** After the last connection is closed. */
const REST_MS = 1_000;

const env = { LOG_LEVEL: 'ERROR', DEPICTIO_PYTHON: '/no/interpreter/here' };
const counted = { kept: 0, refused: 0 };
const random = model.seeded('descriptors');
let over = false;

/** The program with few descriptors. */
function limited() {
  mkdirSync(place, { recursive: true });
  const path = join(place, 'limited.sh');
  writeFileSync(path, `#!/bin/sh\nulimit -n ${DESCRIPTORS_MAX}\nexec '${program}' "$@"\n`, { mode: 0o700 });
  return path;
}

/** Opens connections and drops the oldest, until it is over. */
async function flood(url) {
  const { hostname, port } = new URL(url);
  const open = [];
  while (!over) {
    for (let number = 0; number < WAVE; number += 1) open.push(connect(port, hostname).on('error', () => {}));
    while (open.length > CONNECTIONS) open.shift().destroy();
    await sleep(WAVE_MS);
  }
  for (const socket of open) socket.destroy();
}

async function upload(server, table) {
  table.ops += 1;
  const rows = model.rowsOf(random, table.ops, model.size(random, ROWS_MAX));
  const made = model.after(table.versions, { makes: 'append', rows });
  const answer = await send(server, `${table.path}/uploads?mode=append`, model.multipart(model.files(rows)));
  must(!at.ended(server.child), 'the program ended');
  if (answer?.status === 201) {
    table.versions.push(made);
    counted.kept += 1;
    const expected = [table.versions.length, model.total(made)];
    same([answer.body.version, answer.body.total_rows], expected, `${table.name}: an upload was answered with another version or number of rows`);
    return true;
  }
  must(!answer || answer.status === 503, `${table.name}: an upload was answered ${answer && shown(answer)}`);
  counted.refused += 1;
  // Without an answer it may have been kept or not.
  table.under = answer ? null : made;
  return answer !== null;
}

async function write(server, table) {
  while (!over && (await upload(server, table)));
}

/** All that was acknowledged is there and can be read, in every version, and nothing else is. */
async function check(server, table) {
  const { version } = await at.get(server, table.path);
  if (table.under && version === table.versions.length + 1) table.versions.push(table.under);
  const words = `version ${version} where ${table.versions.length} was acknowledged`;
  must((version ?? 0) === table.versions.length, `${table.name} has ${words}: an upload was refused and is there`);
  await checkVersions(server, table);
  for (let number = 1; number <= version; number += 1) await checkRows(server, table, number, 'after the flood', random);
  must(await upload(server, table), `${table.name}: an upload after the flood got no answer`);
  must(table.versions.length === version + 1, `${table.name}: an upload after the flood was refused`);
}

// What it logs without descriptors is many lines of the same.
const server = await at.start(limited(), join(place, 'data'), { env, stderr: 'ignore' });
try {
  server.token = await at.signIn(server);
  const { id: project } = await at.ask(server, 'POST', '/projects', { name: 'Flooded' });
  const tables = [];
  for (let number = 1; number <= TABLES; number += 1) tables.push(await makeTable(server, project, `Table ${number}`));
  for (const table of tables) await upload(server, table);

  const work = [flood(server.url), ...tables.map((table) => write(server, table))];
  await Promise.race([sleep(FLOOD_S * 1_000), Promise.all(work)]);
  over = true;
  await Promise.all(work);
  await sleep(REST_MS);
  for (const table of tables) await check(server, table);
  must(counted.refused > 0, 'nothing was refused: this shows nothing');
  console.log(
    `${CONNECTIONS} silent connections to a program with ${DESCRIPTORS_MAX} descriptors for ${FLOOD_S} s: ` +
      `${counted.kept} uploads kept, ${counted.refused} refused, all of them whole or not there`,
  );
} catch (error) {
  say(error, 'among silent connections');
} finally {
  over = true;
  close();
  await at.stop(server.child);
}
