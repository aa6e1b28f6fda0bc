// Many clients refresh their sessions at once, some of them sign out, and the program is killed again and again.
//
//   node scripts/refreshes.mjs PROGRAM DATA_DIR
//
// REFRESHES (10,000) makes it shorter. Ends with status 1 when a session is lost whose last tokens had arrived, when a
// session lives that was ended, or when an answer is none that the protocol knows.

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import * as at from './server.mjs';

const [program, dataDir] = process.argv.slice(2);
const REFRESHES = Number(process.env.REFRESHES ?? 10_000);
const CLIENTS = 64;
/** Sessions of each account; the program ends the oldest beyond fifty. */
const EACH_ACCOUNT = 8;
/** One act in so many ends the session instead. */
const END_EACH = 60;
/** The program lives between so many and so many milliseconds. */
const ALIVE_MS = [300, 3_000];
/** A token shown again after this has been replaced too long ago: the session ends, and rightly so. */
const GRACE_MS = 10_000;

// Without Code Mode it is there again in well under the grace.
const env = { LOG_LEVEL: 'ERROR', DEPICTIO_PYTHON: '/no/interpreter/here' };
let server = await at.start(program, dataDir, { env });
/** Set while the program is down: fulfilled when it answers again. */
let back = null;
let over = false;

const counted = { refreshed: 0, unanswered: 0, ended: 0, kills: 0, longestDownMs: 0 };
const broken = [];
/** Tokens of sessions whose end was acknowledged. */
const dead = [];

/** Null when no answer came: the program was killed before it was sent. */
async function post(path, body, token) {
  try {
    const answer = await fetch(`${server.url}/api/v1${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    return { status: answer.status, body: text ? JSON.parse(text) : null };
  } catch {
    return null;
  }
}

async function me(token) {
  try {
    const answer = await fetch(`${server.url}/api/v1/auth/me`, { headers: { authorization: `Bearer ${token}` } });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return null;
  }
}

/** Repeats what was not answered once the program is there again. */
async function insist(act) {
  for (;;) {
    if (back) await back;
    const answer = await act();
    if (answer !== null) return answer;
    counted.unanswered += 1;
    // The kill is noticed here before `back` is set.
    await sleep(20);
  }
}

const pair = (body) => ({ access: body.access_token, refresh: body.refresh_token });

async function open(account) {
  const answer = await insist(() => post('/auth/token', { grant_type: 'password', ...account }));
  if (answer.status !== 200) throw new Error(`signing in: ${answer.status} ${JSON.stringify(answer.body)}`);
  return pair(answer.body);
}

async function client(account) {
  let session = await open(account);
  while (!over) {
    if (back) await back;
    if (Math.random() < 1 / END_EACH) {
      const answer = await post('/auth/logout', { refresh_token: session.refresh });
      // Without an answer it may have ended or not: nothing is promised.
      if (answer) {
        if (answer.status !== 204 && answer.status !== 200) broken.push(`signing out: ${answer.status}`);
        const status = await me(session.access);
        if (status !== null && status !== 401) broken.push(`a session answered ${status} right after it was signed out`);
        dead.push(session);
        counted.ended += 1;
      }
      session = await open(account);
      continue;
    }
    const answer = await insist(() => post('/auth/token', { grant_type: 'refresh_token', refresh_token: session.refresh }));
    if (answer.status === 200) {
      session = pair(answer.body);
      counted.refreshed += 1;
      over ||= counted.refreshed >= REFRESHES;
    } else {
      broken.push(`a session was lost: ${answer.status} ${JSON.stringify(answer.body)}`);
      session = await open(account);
    }
  }
  return session;
}

async function killing() {
  while (!over) {
    await sleep(ALIVE_MS[0] + Math.random() * (ALIVE_MS[1] - ALIVE_MS[0]));
    if (over) return;
    let there;
    back = new Promise((resolve) => (there = resolve));
    const gone = new Promise((resolve) => server.child.once('exit', resolve));
    const began = performance.now();
    server.child.kill('SIGKILL');
    await gone;
    const { token } = server;
    server = await at.start(program, dataDir, { env });
    server.token = token;
    counted.kills += 1;
    counted.longestDownMs = Math.max(counted.longestDownMs, performance.now() - began);
    back = null;
    there();
  }
}

server.token = await at.signIn(server);
const accounts = [];
for (let number = 0; number < CLIENTS / EACH_ACCOUNT; number += 1) {
  const account = { email: `client-${number}@measure.example`, password: randomBytes(18).toString('base64url') };
  await at.ask(server, 'POST', '/users', { ...account, display_name: `Client ${number}`, role: 'user' });
  accounts.push(account);
}

const began = performance.now();
const [sessions] = await Promise.all([
  Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(accounts[number % accounts.length]))),
  killing(),
]);
const seconds = (performance.now() - began) / 1000;

for (const session of sessions) {
  if ((await me(session.access)) !== 200) broken.push('an acknowledged session does not answer');
  const answer = await post('/auth/token', { grant_type: 'refresh_token', refresh_token: session.refresh });
  if (answer?.status !== 200) broken.push(`an acknowledged session cannot be refreshed: ${JSON.stringify(answer?.body)}`);
}
for (const session of dead) {
  if ((await me(session.access)) !== 401) broken.push('an ended session lives');
  const answer = await post('/auth/token', { grant_type: 'refresh_token', refresh_token: session.refresh });
  if (answer?.status !== 401 || answer.body.code !== 'invalid_grant') broken.push(`the refresh of an ended session was answered ${answer?.status} ${JSON.stringify(answer?.body)}`);
}
await at.stop(server.child);
if (counted.kills === 0 || counted.ended === 0) broken.push('nothing was killed, or no session was ended: this shows nothing');
if (counted.longestDownMs > GRACE_MS) broken.push('the program was down for longer than the grace of a refresh token: this shows nothing');

console.log(`
${counted.refreshed} refreshes of ${CLIENTS} clients in ${seconds.toFixed(0)} s, on ${at.machine()}.

| | |
|---|---|
| the program was killed | ${counted.kills} times |
| longest time until it answered again | ${(counted.longestDownMs / 1000).toFixed(1)} s |
| requests that got no answer and were asked again | ${counted.unanswered} |
| sessions signed out, all of them dead at the end | ${counted.ended} |
| sessions alive at the end, of ${CLIENTS} | ${sessions.length} |
`);
for (const text of broken.slice(0, 20)) console.log(`BROKEN: ${text}`);
if (broken.length > 0) process.exitCode = 1;
