// A running program, as measure.mjs, soak.mjs and kills.mjs have it: started on a free port, asked over HTTP, looked at in /proc.

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

export const WAIT_MS_MAX = 600_000;
const email = 'admin@measure.example';
const password = randomBytes(18).toString('base64url');

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
export async function start(program, dataDir, { args = [], env = {}, stderr = 'inherit' } = {}) {
  const port = await freePort();
  const began = performance.now();
  const child = spawn(program, ['serve', ...args], {
    env: {
      ...process.env,
      DEPICTIO_BIND: `127.0.0.1:${port}`,
      DEPICTIO_DATA_DIR: dataDir,
      DEPICTIO_ADMIN_EMAIL: email,
      DEPICTIO_ADMIN_PASSWORD: password,
      ...env,
    },
    stdio: ['ignore', 'ignore', stderr],
  });
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    if (ended(child)) throw new Error(`the program ended with ${child.signalCode ?? `status ${child.exitCode}`}`);
    if (performance.now() - began > WAIT_MS_MAX) throw new Error('the program did not become ready');
    const ready = await fetch(`${url}/readyz`).then((r) => r.ok, () => false);
    if (ready) return { child, url, ms: performance.now() - began };
    await sleep(20);
  }
}

export const ended = (child) => child.exitCode !== null || child.signalCode !== null;

export function stop(child, signal = 'SIGTERM') {
  if (ended(child)) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', resolve);
    child.kill(signal);
  });
}

/** One request; another answer than a good one is an error. */
export async function call(server, method, path, body, token = server.token) {
  const form = body instanceof FormData;
  const answer = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body && !form ? { 'content-type': 'application/json' } : {}),
    },
    body: body && !form ? JSON.stringify(body) : body,
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text;
}

export const ask = async (server, method, path, body) => JSON.parse(await call(server, method, path, body));
export const get = (server, path) => ask(server, 'GET', path);

export async function signIn(server, as = { email, password }) {
  const token = await ask(server, 'POST', '/auth/token', { grant_type: 'password', ...as });
  return token.access_token;
}

/** A table of these rows in a new collection of a new project. */
export async function makeTable(server, name, csv) {
  const project = await ask(server, 'POST', '/projects', { name });
  const collection = await ask(server, 'POST', `/projects/${project.id}/collections`, { name: 'rows' });
  const form = new FormData();
  form.append('file', new Blob([csv], { type: 'text/csv' }), 'rows.csv');
  await call(server, 'POST', `/projects/${project.id}/collections/${collection.id}/uploads?mode=append`, form);
  return { project: project.id, collection: collection.id };
}

/** Accounts that may edit a project, signed in: their tokens. */
export async function invite(server, project, count) {
  const tokens = [];
  for (let number = 0; number < count; number += 1) {
    const account = { email: `person-${number}@measure.example`, password: randomBytes(18).toString('base64url') };
    const user = await ask(server, 'POST', '/users', { ...account, display_name: `Person ${number}`, role: 'user' });
    await call(server, 'PUT', `/projects/${project}/members/users/${user.id}`, { role: 'editor' });
    tokens.push(await signIn(server, account));
  }
  return tokens;
}

/** Ids of all processes below one, its children's children too. */
export function below(pid) {
  const parents = new Map();
  for (const id of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      parents.set(Number(id), Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))[1]));
    } catch {
      // It ended between the listing and the look.
    }
  }
  const under = (id) => [...parents].filter(([, p]) => p === id).flatMap(([child]) => [child, ...under(child)]);
  return under(pid);
}

/** One of the kernel's sums over a process' memory, in MiB. */
export function memoryMib(pid, field) {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** Open descriptors of a process, by what they lead to. */
export function descriptors(pid) {
  return readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).replace(/\d{3,}/g, 'N');
    } catch {
      return 'gone';
    }
  });
}

/** `2 × AMD EPYC, 23 GiB, Linux 6.1`, as the tables name the machine. */
export function machine() {
  const kernel = readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim();
  return `${cpus().length} × ${cpus()[0].model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${kernel}`;
}

/** The value that `share` of all are not above. */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.round((sorted.length - 1) * share)] ?? NaN;
}
