// Starts the program on a free port and measures it from outside, as a browser or an operator would see it.
//
//   node scripts/measure.mjs PROGRAM DATA_DIR

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const [program, dataDir] = process.argv.slice(2);
const email = 'admin@measure.example';
const password = randomBytes(18).toString('base64url');
const WAIT_MS_MAX = 600_000;

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Starts the program; answers once `/readyz` does, with the milliseconds it took. */
async function start() {
  const port = await freePort();
  const began = performance.now();
  const child = spawn(program, ['serve', '--demo'], {
    env: {
      ...process.env,
      DEPICTIO_BIND: `127.0.0.1:${port}`,
      DEPICTIO_DATA_DIR: dataDir,
      DEPICTIO_ADMIN_EMAIL: email,
      DEPICTIO_ADMIN_PASSWORD: password,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the program ended with status ${child.exitCode}`);
    if (performance.now() - began > WAIT_MS_MAX) throw new Error('the program did not become ready');
    const ready = await fetch(`${url}/readyz`).then((r) => r.ok, () => false);
    if (ready) return { child, url, ms: performance.now() - began };
    await sleep(20);
  }
}

function stop(child) {
  return new Promise((resolve) => {
    child.once('exit', resolve);
    child.kill('SIGTERM');
  });
}

async function call(server, method, path, body) {
  const answer = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: {
      ...(server.token ? { authorization: `Bearer ${server.token}` } : {}),
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    body: body ? JSON.stringify(body) : undefined,
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text;
}

const get = async (server, path) => JSON.parse(await call(server, 'GET', path));

async function signIn(server) {
  const body = { grant_type: 'password', email, password };
  server.token = JSON.parse(await call(server, 'POST', '/auth/token', body)).access_token;
}

/** Resident memory of the program and of the processes it keeps for Code Mode, in MiB. */
function residentMib(pid) {
  const kib = (id) => {
    try {
      // Pss shares out pages that several processes hold, so that the sum counts each once.
      return Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
    } catch {
      return 0;
    }
  };
  const parents = new Map();
  for (const id of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      parents.set(Number(id), Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))[1]));
    } catch {
      // It ended between the listing and the look.
    }
  }
  const below = (id) => [...parents].filter(([, p]) => p === id).flatMap(([child]) => [child, ...below(child)]);
  const own = kib(pid);
  const workers = below(pid).reduce((sum, id) => sum + kib(id), 0);
  return { own: own / 1024, workers: workers / 1024 };
}

async function demoDone(server) {
  const began = performance.now();
  for (;;) {
    const { demo } = await get(server, '/status');
    if (demo.state === 'done') return;
    if (demo.state === 'failed') throw new Error('the demo data could not be made');
    if (performance.now() - began > WAIT_MS_MAX) throw new Error(`the demo data is still ${demo.state}`);
    await sleep(500);
  }
}

/** The first dashboard of the penguins' project: milliseconds to its first and to its last component. */
async function renderPenguins(server, filters) {
  const { items: projects } = await get(server, '/projects');
  const penguins = projects.find((project) => /penguins/i.test(project.name));
  if (!penguins) throw new Error('there is no penguins project');
  const { items } = await get(server, `/projects/${penguins.id}/dashboards`);
  const path = `/projects/${penguins.id}/dashboards/${items[0].id}`;
  const document = await get(server, path);
  const began = performance.now();
  const answer = await fetch(`${server.url}/api/v1${path}/render`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ filters: filters(document) }),
  });
  if (!answer.ok) throw new Error(`render: ${answer.status} ${await answer.text()}`);
  let first = 0;
  let text = '';
  for await (const chunk of answer.body) {
    first ||= performance.now() - began;
    text += Buffer.from(chunk).toString('utf8');
  }
  const last = performance.now() - began;
  const lines = text.trim().split('\n').map((line) => JSON.parse(line));
  const bad = lines.filter((line) => line.status !== 'ok');
  if (bad.length > 0) throw new Error(`components failed: ${JSON.stringify(bad)}`);
  return { first, last, components: lines.length };
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const ms = (value) => (value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`);

let server = await start();
const firstStart = server.ms;
await signIn(server);
await demoDone(server);
await stop(server.child);

const starts = [];
for (let turn = 0; turn < 5; turn += 1) {
  server = await start();
  starts.push(server.ms);
  if (turn < 4) await stop(server.child);
}
await signIn(server);
await sleep(5_000);
const idle = residentMib(server.child.pid);
const cold = await renderPenguins(server, () => []);
const warm = [];
for (let turn = 0; turn < 9; turn += 1) {
  // A range never asked for before, so that no cached result answers.
  const least = 2700 + turn * 7;
  warm.push(await renderPenguins(server, () => [{ column: 'body_mass_g', op: 'gte', value: least }]));
}
await stop(server.child);

console.log(`
Measured on ${cpus().length} × ${cpus()[0].model}, ${Math.round(totalmem() / 2 ** 30)} GiB.

| what | measured |
|---|---|
| first start to ready, keys and first admin made | ${ms(firstStart)} |
| start to ready, Code Mode's self-test included, median of 5 | ${ms(median(starts))} |
| resident memory idle, the program | ${Math.round(idle.own)} MiB |
| resident memory idle, Code Mode's waiting workers | ${Math.round(idle.workers)} MiB |
| penguins dashboard (${cold.components} components) complete, fresh process | ${ms(cold.last)} |
| the same after a filter change, median of 9 | ${ms(median(warm.map((w) => w.last)))} |
| its first component, median of 9 | ${ms(median(warm.map((w) => w.first)))} |
`);
