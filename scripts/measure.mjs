// Starts the program on a free port and measures it from outside, as a browser or an operator would see it.
//
//   node scripts/measure.mjs PROGRAM DATA_DIR

import { setTimeout as sleep } from 'node:timers/promises';
import * as at from './server.mjs';

const { get, quantile } = at;
const [program, dataDir] = process.argv.slice(2);
const PAIRS = 60;
const PEOPLE = 8;

const start = () => at.start(program, dataDir, { args: ['--demo'] });
const stop = at.stop;

async function signIn(server) {
  server.token = await at.signIn(server);
}

/** Resident memory of the program and of the processes it keeps for Code Mode, in MiB. */
function residentMib(pid) {
  // Pss shares out pages that several processes hold, so that the sum counts each once.
  const workers = at.below(pid).reduce((sum, id) => sum + at.memoryMib(id, 'Pss'), 0);
  return { own: at.memoryMib(pid, 'Pss'), workers };
}

async function demoDone(server) {
  const began = performance.now();
  for (;;) {
    const { demo } = await get(server, '/status');
    if (demo.state === 'done') return;
    if (demo.state === 'failed') throw new Error('the demo data could not be made');
    if (performance.now() - began > at.WAIT_MS_MAX) throw new Error(`the demo data is still ${demo.state}`);
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

/** Six columns, as in the bench of crate sandbox. */
function rows(count) {
  const lines = ['group,site,a,b,n,when'];
  for (let n = 0; n < count; n += 1) {
    const when = new Date(1_704_067_200_000 + n * 1000).toISOString().slice(0, 19);
    lines.push(`${['Adelie', 'Gentoo', 'Chinstrap'][n % 3]},site ${(n * 7) % 40},${((n * 7919) % 100_000) / 1000},${((n * 104_729) % 100_003) / 1000},${n % 1000},${when}`);
  }
  return `${lines.join('\n')}\n`;
}

/** One preview of code; milliseconds from request to the whole answer, and what the server says of itself. */
async function preview(server, table, code, token = server.token) {
  const began = performance.now();
  const text = await at.call(server, 'POST', `/projects/${table.project}/figures/preview`, { collection: table.collection, code }, token);
  const ms = performance.now() - began;
  const { cached, duration_ms } = JSON.parse(text);
  return { ms, cached, inside: duration_ms };
}

let numbered = 0;
/** Never asked for before, so that no remembered result answers. */
const anew = (code) => `${code}\n# ${(numbered += 1)}`;

async function previews(server, table, code, anyNew) {
  const times = [];
  const inside = [];
  const same = anew(code);
  for (let turn = 0; turn < PAIRS + 3; turn += 1) {
    await sleep(anyNew ? 150 : 10);
    const { ms, cached, inside: own } = await preview(server, table, anyNew ? anew(code) : same);
    if (turn >= 3) {
      if (cached === anyNew) throw new Error(`cached: ${cached}`);
      times.push(ms);
      inside.push(own);
    }
  }
  return { times, inside };
}

/** So many people who each ask again as soon as they have their answer. */
async function together(server, table, code, tokens) {
  const times = [];
  const began = performance.now();
  await Promise.all(
    tokens.map(async (token) => {
      for (let turn = 0; turn < 12; turn += 1) times.push((await preview(server, table, anew(code), token)).ms);
    }),
  );
  return { times, rate: times.length / ((performance.now() - began) / 1000) };
}

const SCATTER = "fig = px.scatter(df, x='a', y='b', color='group')";
const OBJECT = "fig = go.Figure(go.Scatter(x=df['a'], y=df['b'], mode='markers'))";
const MEANS = "means = df.groupby(['group', 'site'], as_index=False)['a'].mean()\nfig = px.bar(means, x='site', y='a', color='group')";

/** Code over HTTP: as an editor sees it. */
async function code(server) {
  const few = await at.makeTable(server, 'Few', rows(150));
  const many = await at.makeTable(server, 'Many', rows(1_000_000));
  const tokens = await at.invite(server, few.project, PEOPLE);
  const account = [];
  for (let turn = 0; turn < PAIRS; turn += 1) {
    const began = performance.now();
    await get(server, '/auth/me');
    account.push(performance.now() - began);
  }
  const first = (await preview(server, many, MEANS)).ms;
  const object = await previews(server, few, OBJECT, true);
  const scatter = await previews(server, few, SCATTER, true);
  const again = await previews(server, few, SCATTER, false);
  const means = await previews(server, many, MEANS, true);
  const table = [
    ['GET /auth/me, for comparison', account],
    ['150 rows, go.Figure', object.times],
    ['150 rows, px.scatter', scatter.times],
    ['150 rows, px.scatter, the same again: the cache answers', again.times],
    ['the same, only what the server needs for the figure, in whole milliseconds', again.inside],
    ['1,000,000 x 6, group-by, bar, the first on this table', [first]],
    ['1,000,000 x 6, group-by, bar', means.times],
  ];
  return { table, one: await together(server, few, SCATTER, tokens.slice(0, 1)), eight: await together(server, few, SCATTER, tokens) };
}

const median = (values) => quantile(values, 0.5);
const ms = (value) => (value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`);
const cell = (times) => `${median(times).toFixed(1)} (${quantile(times, 0).toFixed(1)}, ${quantile(times, 0.95).toFixed(1)})`;

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
const coded = await code(server);
await stop(server.child);

console.log(`
Measured on ${at.machine()}.

| what | measured |
|---|---|
| first start to ready, keys and first admin made | ${ms(firstStart)} |
| start to ready, Code Mode's self-test included, median of 5 | ${ms(median(starts))} |
| resident memory idle, the program | ${Math.round(idle.own)} MiB |
| resident memory idle, Code Mode's waiting workers | ${Math.round(idle.workers)} MiB |
| penguins dashboard (${cold.components} components) complete, fresh process | ${ms(cold.last)} |
| the same after a filter change, median of 9 | ${ms(median(warm.map((w) => w.last)))} |
| its first component, median of 9 | ${ms(median(warm.map((w) => w.first)))} |

| code over HTTP, ${PAIRS} each, ms: median (least, 95 %) | |
|---|---|
${coded.table.map(([what, times]) => `| ${what} | ${cell(times)} |`).join('\n')}
| px.scatter without a pause, one person, ${coded.one.rate.toFixed(1)} a second | ${cell(coded.one.times)} |
| px.scatter without a pause, ${PEOPLE} people, ${coded.eight.rate.toFixed(1)} a second | ${cell(coded.eight.times)} |
`);
