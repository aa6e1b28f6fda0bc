// Many people run code at once, a tenth of it hostile, while somebody else asks for their own account all the time.
//
//   node scripts/soak.mjs PROGRAM DATA_DIR
//
// SOAK_RUNS (10,000) and SOAK_PEOPLE (16) make it smaller. Ends with status 1 when a rule is broken: a lost request,
// a slow one, a script that ended otherwise than it must, a process, descriptor or memory left over.

import { Agent, request } from 'node:http';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import * as at from './server.mjs';

const RUNS = Number(process.env.SOAK_RUNS ?? 10_000);
const PEOPLE = Number(process.env.SOAK_PEOPLE ?? 16);
/** One run in so many is hostile. */
const HOSTILE_EACH = 10;
/** Of `GET /auth/me` under this load. */
const P99_MS_MAX = 25;
/** Between two requests for one's own account. */
const ASK_EACH_MS = 50;
/** Remembered results are no leftovers: nearly none are remembered here. */
const LEFT_OVER_MIB_MAX = 48;

const small = "fig.update_layout(template='none')";
const FRIENDLY = [
  `fig = px.scatter(df, x='a', y='b', color='kind')\n${small}`,
  `means = df.groupby('kind', as_index=False)['a'].mean()\nfig = px.bar(means, x='kind', y='a')\n${small}`,
  `fig = go.Figure(go.Scatter(x=df['a'], y=df['b'].rolling(5).mean()))\n${small}`,
  `fig = px.histogram(df, x='b', nbins=20)\n${small}`,
  `wide = df.pivot_table(index='kind', columns='n', values='a', aggfunc='mean')\nprint(wide.shape)\nfig = go.Figure(go.Heatmap(z=wide.values))\n${small}`,
  `def scale(values):\n    return (values - values.min()) / (values.max() - values.min())\ndf['c'] = scale(df['a'])\nfig = px.line(df, x='n', y='c')\n${small}`,
];
/** What it tries, and the codes it may end with. */
const HOSTILE = [
  ['an endless loop', 'while True:\n    pass', ['timeout']],
  ['a memory bomb', 'held = []\nwhile True:\n    held.append([0] * 5_000_000)', ['memory', 'timeout']],
  ['one huge object', "held = 'x' * 10_000_000_000", ['memory']],
  ['a flood of text', "while True:\n    print('x' * 1000)", ['timeout']],
  ['a flood of points', 'fig = go.Figure(go.Scatter(y=[i / 7 for i in range(1_500_000)]))', ['output', 'timeout']],
  // Deeper than the stack, in a place where Python does not count.
  ['a crash', 'deep = range(3)\nfor _ in range(300_000):\n    deep = filter(None, deep)\nfor value in deep:\n    pass', ['failed']],
  ['endless recursion', 'def again():\n    return again()\nagain()', ['failed']],
  ['a client that goes away', 'while True:\n    pass', null],
];

function post(agent, url, token, body, abortAfterMs) {
  const text = JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method: 'POST',
        agent,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
      },
      (answer) => {
        const parts = [];
        answer.on('data', (part) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () => resolve({ status: answer.statusCode, retryAfter: answer.headers['retry-after'], text: Buffer.concat(parts).toString() }));
      },
    );
    sent.on('error', reject);
    if (abortAfterMs) setTimeout(() => sent.destroy(new Error('gone')), abortAfterMs).unref();
    sent.end(text);
  });
}

/** Processor time that the hypervisor gave to others, of all processors, in ticks of 10 ms. */
const stolen = () => Number(readFileSync('/proc/stat', 'utf8').split('\n', 1)[0].split(/\s+/)[8]);

/**
 * In a thread of its own, so that nothing else here delays it: asks at a steady rate and tells each time, and apart from
 * all of them the times while the machine itself ran all along.
 */
function askForOwnAccount({ url, token }) {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const asked = [];
  const lost = [];
  const looks = [];
  let waiting = 0;
  const look = () => looks.push([performance.now(), stolen()]);
  const ask = () => {
    const began = performance.now();
    waiting += 1;
    const end = (problem) => {
      waiting -= 1;
      if (problem) lost.push(problem);
      else asked.push([began, performance.now()]);
    };
    const headers = { authorization: `Bearer ${token}` };
    const sending = request(`${url}/api/v1/auth/me`, { agent, timeout: 10_000, headers }, (answer) => {
      answer.resume();
      answer.on('end', () => end(answer.statusCode === 200 ? null : `status ${answer.statusCode}`));
    });
    sending.on('timeout', () => sending.destroy(new Error('no answer within 10 s')));
    sending.on('error', (error) => end(error.message));
    sending.end();
  };
  const started = performance.now();
  let sent = 0;
  // As many as are due: a tick that comes late does not make the rate lower.
  const timer = setInterval(() => {
    look();
    for (; sent * ASK_EACH_MS < performance.now() - started; sent += 1) ask();
  }, ASK_EACH_MS);
  parentPort.on('message', async () => {
    clearInterval(timer);
    while (waiting > 0) await sleep(10);
    agent.destroy();
    look();
    const times = asked.map(([began, ended]) => ended - began);
    parentPort.postMessage({ times, ran: times.filter((_, index) => !taken(looks, ...asked[index])), lost, stolen: (looks.at(-1)[1] - looks[0][1]) / 100 });
    parentPort.close();
  });
}

/** Whether any time was given to others between the last look before this and the first after. */
function taken(looks, began, ended) {
  const after = looks.findIndex(([at]) => at >= ended);
  const before = looks.findLastIndex(([at], index) => index <= after && at <= began);
  return looks[after][1] > looks[Math.max(before, 0)][1];
}

function asking(server) {
  const thread = new Worker(new URL(import.meta.url), { workerData: { url: server.url, token: server.token } });
  return () =>
    new Promise((resolve, reject) => {
      thread.once('message', resolve);
      thread.once('error', reject);
      thread.postMessage('enough');
    });
}

/** What the server holds when nobody asks anything. */
async function holdings(pid) {
  await sleep(3_000);
  const processes = at.below(pid);
  return {
    processes: processes.length,
    zombies: processes.filter((id) => {
      try {
        return /^State:\s+Z/m.test(readFileSync(`/proc/${id}/status`, 'utf8'));
      } catch {
        return false;
      }
    }).length,
    descriptors: at.descriptors(pid),
    threads: Number(/^Threads:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]),
    resident: at.memoryMib(pid, 'Rss'),
    sandbox: processes.reduce((sum, id) => sum + at.memoryMib(id, 'Pss'), 0),
  };
}

/** Runs numbered `from` to `to`, shared out among the people as each becomes free. */
async function runs(server, table, people, from, to, ended) {
  let next = from;
  const url = `${server.url}/api/v1/projects/${table.project}/figures/preview`;
  const one = async (token) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (next < to) {
      const number = next;
      next += 1;
      const hostile = number % HOSTILE_EACH === HOSTILE_EACH - 1;
      const turn = Math.floor(number / HOSTILE_EACH);
      const [name, script, codes] = hostile ? HOSTILE[turn % HOSTILE.length] : ['an ordinary script', FRIENDLY[number % FRIENDLY.length], []];
      // A number of its own, so that no remembered result answers.
      const body = { collection: table.collection, code: `${script}\n# ${number}` };
      const began = performance.now();
      for (;;) {
        let how;
        let good;
        try {
          const answer = await post(agent, url, token, body, codes === null ? 200 : 0);
          if (answer.status === 429) {
            ended.busy += 1;
            await sleep(1000 * Number(answer.retryAfter ?? 1));
            continue;
          }
          how = answer.status === 200 ? 'a figure' : `${answer.status} ${JSON.parse(answer.text).code}`;
          good = hostile ? answer.status === 422 && codes?.includes(JSON.parse(answer.text).code) : answer.status === 200;
          if (!good && !hostile) how += ` ${JSON.parse(answer.text).detail}`;
        } catch (error) {
          how = error.message;
          good = codes === null && how === 'gone';
        }
        ended.outcomes.set(`${name}: ${how}`, (ended.outcomes.get(`${name}: ${how}`) ?? 0) + 1);
        if (!good) ended.wrong += 1;
        if (!hostile) ended.times.push(performance.now() - began);
        break;
      }
    }
    agent.destroy();
  };
  await Promise.all(people.map(one));
}

async function soak(program, dataDir) {
  const server = await at.start(program, dataDir, {
    env: {
      DEPICTIO_CODE_CPU_MS_MAX: '1000',
      DEPICTIO_CODE_RESULTS_CACHE_BYTES_MAX: String(1 << 20),
      JWT_ACCESS_TOKEN_EXPIRE_MINUTES: '600',
      LOG_LEVEL: 'ERROR',
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('DEPICTIO_CODE_'))),
    },
  });
  const broken = [];
  try {
    server.token = await at.signIn(server);
    const rows = Array.from({ length: 150 }, (_, n) => `${'xyz'[n % 3]},${(n * 37) % 101},${(n * 53) % 97},${n % 12}`);
    const table = await at.makeTable(server, 'Soak', `kind,a,b,n\n${rows.join('\n')}\n`);
    const people = await at.invite(server, table.project, PEOPLE);

    const quiet = asking(server);
    await sleep(5_000);
    const alone = await quiet();

    const ended = () => ({ outcomes: new Map(), times: [], wrong: 0, busy: 0 });
    // What is made once and kept, connections of the store among it, is made before the first look.
    const first = ended();
    const warm = Math.min(320, Math.ceil(RUNS / 10));
    await runs(server, table, people, 0, warm, first);
    const before = await holdings(server.child.pid);

    const enough = asking(server);
    const counted = ended();
    const began = performance.now();
    await runs(server, table, people, warm, warm + RUNS, counted);
    const seconds = (performance.now() - began) / 1000;
    const asked = await enough();
    const after = await holdings(server.child.pid);

    // Where the hypervisor stops this machine for 30 ms, nothing that runs on it answers.
    const p99 = at.quantile(asked.ran, 0.99);
    const more = after.descriptors.length - before.descriptors.length;
    const grown = after.resident - before.resident;
    const rule = (kept, text) => kept || broken.push(text);
    rule(counted.wrong + first.wrong === 0, `${counted.wrong + first.wrong} runs ended otherwise than they must`);
    rule(asked.lost.length === 0, `${asked.lost.length} requests were lost: ${asked.lost.slice(0, 3).join(', ')}`);
    rule(asked.times.length >= (seconds * 900) / ASK_EACH_MS, `only ${asked.times.length} requests were answered in ${seconds} s`);
    rule(p99 < P99_MS_MAX, `p99 of GET /auth/me is ${p99.toFixed(1)} ms`);
    rule(asked.ran.length >= asked.times.length * 0.8, 'the hypervisor took so much time that nothing can be said of requests');
    rule(after.processes === before.processes && after.zombies === 0, `${after.processes} processes, ${after.zombies} of them zombies, after ${before.processes}`);
    rule(more <= 0, `${more} descriptors more than before: ${after.descriptors.join(' ')}`);
    rule(grown <= LEFT_OVER_MIB_MAX, `${grown.toFixed(0)} MiB more than before`);
    rule(after.sandbox - before.sandbox <= LEFT_OVER_MIB_MAX, 'the sandbox holds more than before');

    const ms = (values, share) => `${at.quantile(values, share).toFixed(1)} ms`;
    const line = (values) => `${ms(values, 0.5)}, ${ms(values, 0.99)}, ${ms(values, 1)}`;
    console.log(`
${RUNS} runs of ${PEOPLE} people in ${seconds.toFixed(0)} s (${(RUNS / seconds).toFixed(1)} a second), on ${at.machine()}.

| | before | after |
|---|---|---|
| processes of Code Mode, zombies | ${before.processes}, ${before.zombies} | ${after.processes}, ${after.zombies} |
| descriptors of the server | ${before.descriptors.length} | ${after.descriptors.length} |
| threads of the server | ${before.threads} | ${after.threads} |
| resident memory of the server | ${before.resident.toFixed(0)} MiB | ${after.resident.toFixed(0)} MiB |
| memory of Code Mode's processes | ${before.sandbox.toFixed(0)} MiB | ${after.sandbox.toFixed(0)} MiB |

| median, 99 %, most | |
|---|---|
| GET /auth/me, nothing else running (${alone.times.length}) | ${line(alone.times)} |
| GET /auth/me meanwhile (${asked.times.length}, lost ${asked.lost.length}) | ${line(asked.times)} |
| the same but those from whom the hypervisor took time (${asked.ran.length}; ${asked.stolen.toFixed(1)} s of ${(cpus().length * seconds).toFixed(0)} taken) | ${line(asked.ran)} |
| an ordinary script, waiting included (${counted.times.length}) | ${line(counted.times)} |
| asked to wait (\`busy\`) | ${counted.busy} times |

| how runs ended | runs |
|---|---|
${[...counted.outcomes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([how, count]) => `| ${how} | ${count} |`).join('\n')}
`);
  } finally {
    const children = at.below(server.child.pid);
    await at.stop(server.child);
    await sleep(1_000);
    const left = children.filter((id) => at.memoryMib(id, 'Rss') > 0);
    if (left.length > 0) broken.push(`${left.length} processes outlive the server`);
  }
  for (const text of broken) console.log(`BROKEN: ${text}`);
  if (broken.length > 0) process.exitCode = 1;
}

if (isMainThread) await soak(process.argv[2], process.argv[3]);
else askForOwnAccount(workerData);
