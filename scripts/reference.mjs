// The reference project through HTTP, and the same questions to Polars and DuckDB in the same run.
//
//   node scripts/reference.mjs PROGRAM DATA_DIR REFERENCE_DIR PYTHON
//
// REFERENCE_DIR holds the three tables as CSV, as `cargo xtask reference` makes them; all are uploaded, the questions are to
// the large one. Before they are asked, people filter it by class in another process until the server has sorted it. Cold: a
// fresh process, values not used before; new: the same process, values not used before; again: the same question a second
// time. All in turn, so that what else the machine does meets all alike.

import { spawn } from 'node:child_process';
import { openAsBlob, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as at from './server.mjs';

const [program, dataDir, reference, python] = process.argv.slice(2);
/** Fresh processes, each asked everything once. */
const COLD = 3;
/** Values not used before in a process, and repetitions of the last of them. */
const AGAIN = 5;
const CSV = join(reference, 'features.csv');
const PARQUET = join(dataDir, 'features.parquet');
const SCRIPT = new URL('../benches/peers/engines.py', import.meta.url).pathname;

/** Name, and what Depictio is asked: route below the collection and body. `k` makes each question a new one. */
const QUESTIONS = {
  'card: mean under a class and a bound': (k) => ['aggregate', { measures: [{ aggregate: 'mean', column: 'expression' }], filters: [eq('feature_class', 'lncRNA'), gt('expression', k)] }],
  'card: rows of eight samples': (k) => ['aggregate', { measures: [{ aggregate: 'count' }], filters: [{ column: 'sample_id', op: 'in', values: Array.from({ length: 8 }, (_, n) => `SAMPLE_${String((n * 61 + k) % 500).padStart(5, '0')}`) }] }],
  'distinct values with counts': (k) => ['distinct', { column: 'chr', filters: [gt('position', k)] }],
  'table page: the first': (k) => ['query', { limit: 100, filters: [gt('position', k)] }],
  'table page: from row 6,000,000': (k) => ['query', { limit: 100, offset: 6_000_000 + k }],
  'table page: 100 by effect, all columns': (k) => ['query', { limit: 100, sort: [{ column: 'effect_size', descending: true }], filters: [gt('position', k)] }],
  'table page: 100 by effect, from row 6,000,000': (k) => ['query', { limit: 100, offset: 6_000_000 + k, sort: [{ column: 'effect_size', descending: true }] }],
  'histogram of 50 bins under two filters': (k) => ['histogram', { column: 'effect_size', bins: 50, filters: [eq('feature_class', 'protein_coding'), gt('expression', k)] }],
  'box: quartiles by class': (k) => ['quantiles', { column: 'expression', at: [0, 0.25, 0.5, 0.75, 1], group_by: ['feature_class'], filters: [gt('position', k)] }],
  'bar: mean by class and rank': (k) => ['aggregate', { group_by: ['feature_class', 'rank'], measures: [{ aggregate: 'mean', column: 'expression' }], filters: [gt('position', k)] }],
  'median of a column': (k) => ['aggregate', { measures: [{ aggregate: 'median', column: 'neg_log10_p' }], filters: [gt('position', k)] }],
  'scatter: 10,000 of all': (k) => ['figure', { spec: { chart: 'scatter', x: 'effect_size', y: 'neg_log10_p', color: 'feature_class' }, filters: [gt('position', k)] }],
};
const eq = (column, value) => ({ column, op: 'eq', value });
const gt = (column, value) => ({ column, op: 'gt', value });

/** A number that each process, question and turn has alone. */
let fresh = 0;
const next = () => (fresh += 1);

/** The server as one that answers questions. */
async function depictio() {
  const server = await at.start(program, dataDir, { env: { DEPICTIO_PYTHON: '/no/interpreter/here', LOG_LEVEL: 'ERROR', JWT_ACCESS_TOKEN_EXPIRE_MINUTES: '600' } });
  server.token = await at.signIn(server);
  return server;
}

const asking = (server, table) => async (name, k) => {
  const [route, body] = QUESTIONS[name](k);
  const base = `/projects/${table.project}`;
  const before = await costs(server);
  const began = performance.now();
  if (route === 'figure') await at.call(server, 'POST', `${base}/figures/preview`, { collection: table.collection, ...body });
  else await at.call(server, 'POST', `${base}/collections/${table.collection}/${route}`, body);
  const ms = performance.now() - began;
  const after = await costs(server);
  return { ms, rows: after.rows - before.rows, bytes: after.bytes - before.bytes };
};

/** What the server says it has read of tables since its start. */
async function costs(server) {
  const answer = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${server.token}` } });
  const text = await answer.text();
  const of = (what) => Number(new RegExp(`^depictio_query_${what}_read_total (\\d+)`, 'm').exec(text)?.[1] ?? 0);
  return { rows: of('rows'), bytes: of('bytes') };
}

/** Somebody filters by class, until the server has sorted the table by it. */
async function sort(table) {
  const server = await depictio();
  const classes = ['lncRNA', 'protein_coding', 'pseudogene'];
  for (let time = 0; time < 12; time += 1) {
    const filters = [eq('feature_class', classes[time % 3]), gt('expression', next())];
    await at.call(server, 'POST', `/projects/${table.project}/collections/${table.collection}/aggregate`, { measures: [{ aggregate: 'max', column: 'effect_size' }], filters });
  }
  const began = performance.now();
  for (;;) {
    const { items } = await at.get(server, '/audit/events?type=collection.sort&limit=10');
    const done = items.find((event) => event.details.of === 'sorted');
    if (done) {
      const sorted = { ...done.details, seconds: (performance.now() - began) / 1000, peak: high(server.child.pid) };
      await at.stop(server.child);
      return sorted;
    }
    if (performance.now() - began > 300_000) throw new Error('the server has not sorted the table');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** A process of a peer: a line in, a line out. */
function engine(name) {
  const child = spawn(python, [SCRIPT, name, PARQUET], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const line = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${name} ended`);
    return JSON.parse(value);
  };
  return {
    ready: line(),
    ask: (question, k) => (child.stdin.write(`${JSON.stringify({ question, k })}\n`), line()),
    peak: () => high(child.pid),
    stop: () => (child.stdin.end(), ended),
  };
}

/** Most memory that a process had, in MiB. */
const high = (pid) => Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

async function ingest() {
  const server = await depictio();
  const project = await at.ask(server, 'POST', '/projects', { name: 'Reference' });
  for (const name of ['metadata', 'metrics']) {
    const small = await at.ask(server, 'POST', `/projects/${project.id}/collections`, { name });
    const form = new FormData();
    form.append('file', await openAsBlob(join(reference, `${name}.csv`), { type: 'text/csv' }), `${name}.csv`);
    await at.call(server, 'POST', `/projects/${project.id}/collections/${small.id}/uploads?mode=append`, form);
  }
  const collection = await at.ask(server, 'POST', `/projects/${project.id}/collections`, { name: 'features' });
  const form = new FormData();
  form.append('file', await openAsBlob(CSV, { type: 'text/csv' }), 'features.csv');
  const began = performance.now();
  await at.call(server, 'POST', `/projects/${project.id}/collections/${collection.id}/uploads?mode=append`, form);
  const seconds = (performance.now() - began) / 1000;
  const peak = high(server.child.pid);
  await at.stop(server.child);
  return { seconds, peak, table: { project: project.id, collection: collection.id } };
}

/** Polars makes of the same CSV what a user would ask instead. */
function sink() {
  return new Promise((resolve, reject) => {
    const child = spawn(python, [SCRIPT, 'sink', CSV, PARQUET], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (part) => (text += part));
    child.once('exit', (status) => (status === 0 ? resolve(JSON.parse(text)) : reject(new Error('Polars failed'))));
  });
}

const names = Object.keys(QUESTIONS);
const WAYS = ['Depictio', 'DuckDB', 'Polars'];
const times = Object.fromEntries(WAYS.map((way) => [way, Object.fromEntries(names.map((name) => [name, { cold: [], fresh: [], again: [], rows: [], bytes: [] }]))]));
const peaks = Object.fromEntries(WAYS.map((way) => [way, 0]));

const taken = await ingest();
const sunk = await sink();
const sorted = await sort(taken.table);
for (let turn = 0; turn < COLD; turn += 1) {
  const server = await depictio();
  const peers = { DuckDB: engine('duckdb'), Polars: engine('polars') };
  await Promise.all(Object.values(peers).map((peer) => peer.ready));
  const ways = { Depictio: asking(server, taken.table), DuckDB: peers.DuckDB.ask, Polars: peers.Polars.ask };
  for (const name of names) {
    for (const [way, ask] of Object.entries(ways)) {
      const kept = times[way][name];
      const first = await ask(name, next());
      kept.cold.push(first.ms);
      if (first.bytes !== undefined) {
        kept.bytes.push(first.bytes);
        kept.rows.push(first.rows);
      }
      if (turn > 0) continue;
      let k;
      for (let time = 0; time < AGAIN; time += 1) kept.fresh.push((await ask(name, (k = next()))).ms);
      for (let time = 0; time < AGAIN; time += 1) kept.again.push((await ask(name, k)).ms);
    }
  }
  peaks.Depictio = Math.max(peaks.Depictio, high(server.child.pid));
  for (const [way, peer] of Object.entries(peers)) {
    peaks[way] = Math.max(peaks[way], peer.peak());
    await peer.stop();
  }
  await at.stop(server.child);
}

const ms = (values, share = 0.5) => at.quantile(values, share).toFixed(0);
const row = (name) => {
  const of = (way, phase) => times[way][name][phase];
  const best = Math.min(at.quantile(of('DuckDB', 'cold'), 0.5), at.quantile(of('Polars', 'cold'), 0.5));
  const cells = ['cold', 'fresh', 'again'].flatMap((phase) => WAYS.map((way) => `${ms(of(way, phase))} (${ms(of(way, phase), 0.95)})`));
  const ratio = (phase) => (at.quantile(of('Depictio', phase), 0.5) / best).toFixed(2);
  return `| ${name} | ${cells.join(' | ')} | ${ratio('cold')} | ${ratio('again')} | ${(ms(times.Depictio[name].rows) / 1e6).toFixed(2)} | ${(ms(times.Depictio[name].bytes) / 2 ** 20).toFixed(1)} |`;
};
const megabytes = statSync(CSV).size / 1e6;
console.log(`
Measured on ${at.machine()}: ${megabytes.toFixed(0)} MB of CSV. Depictio over HTTP on sealed Delta files; DuckDB and
Polars in their own process on the Parquet that Polars makes of the same file.

| ingest | seconds | MB a second | peak MiB |
|---|---|---|---|
| Depictio, one upload through HTTP, sealed | ${taken.seconds.toFixed(1)} | ${(megabytes / taken.seconds).toFixed(0)} | ${taken.peak.toFixed(0)} |
| Polars, scan_csv().sink_parquet() | ${sunk.seconds.toFixed(1)} | ${(megabytes / sunk.seconds).toFixed(0)} | ${sunk.peak.toFixed(0)} |

Sorted in the background by ${sorted.columns.join(', ')} ${sorted.seconds.toFixed(1)} s after somebody filtered by it: ${sorted.files} copies,
${(sorted.bytes / 1e6).toFixed(0)} MB, peak ${sorted.peak.toFixed(0)} MiB.

Milliseconds, median (95 %). Ratios: to the faster of the two peers, cold.

| | ${['cold', 'new values', 'again'].flatMap((phase) => WAYS.map((way) => `${way}, ${phase}`)).join(' | ')} | ratio cold | ratio again | million rows read | MiB read |
|---|${'---|'.repeat(13)}
${names.map(row).join('\n')}

| peak memory while asked | MiB |
|---|---|
${WAYS.map((way) => `| ${way} | ${peaks[way].toFixed(0)} |`).join('\n')}
`);
