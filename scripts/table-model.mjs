// What a table must hold after each of its versions, and the rows that lead there, for kills.mjs, full-disk.mjs and
// descriptors.mjs.
//
// Every upload has a number, `op`, and its rows have consecutive keys. So what is left of an upload, also after others
// took the place of some of its rows, is a few runs of keys, and all sums over it are known without keeping the rows.

import { gzipSync } from 'node:zlib';

/** Keys of an upload begin below this, so that uploads meet each other's. */
const KEYS_MAX = 60_000;
const HEADER = 'op,key,mix,text';

/** A stream of numbers from 0 to 1 that is the same for the same seed (mulberry32). */
export function seeded(seed) {
  let state = 0;
  for (const letter of String(seed)) state = (Math.imul(state, 31) + letter.charCodeAt(0)) >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count) => Math.floor(next() * count);
  return { next, below, among: (all) => all[below(all.length)] };
}

/** A number of every row that the key alone does not tell. */
const mix = (op, key) => Math.imul(op + 1, 2_654_435_761 ^ key) >>> 12;
const text = (op, key) => `o${op}k${key}`;
/** As the server writes it: fields in the order of their names. */
const row = (op, key) => ({ key, mix: mix(op, key), op, text: text(op, key) });

/** Rows of so many sizes, small ones as often as large ones: from 1 to `most`, its logarithm evenly spread. */
export const size = (random, most) => Math.max(1, Math.round(most ** random.next()));

/** So many rows under a new number; `from` is their first key. */
export const rowsOf = (random, op, count) => ({ op, from: random.below(KEYS_MAX), count });

/** The lines of rows `begin` to `end` of these, as a file that names its columns. */
function csv({ op, from }, begin, end, more = []) {
  const lines = [HEADER];
  for (let key = from + begin; key < from + end; key += 1) lines.push(`${op},${key},${mix(op, key)},${text(op, key)}`);
  return `${[...lines, ...more].join('\n')}\n`;
}

/** The rows as the files of one upload: in `parts` of about the same size, packed or not. `more` are lines after the last. */
export function files(rows, { parts = 1, packed = false, more = [] } = {}) {
  const cut = (part) => Math.floor((rows.count * part) / parts);
  return Array.from({ length: parts }, (_, part) => {
    const bytes = Buffer.from(csv(rows, cut(part), cut(part + 1), part === parts - 1 ? more : []));
    return packed ? { name: `rows-${part}.csv.gz`, bytes: gzipSync(bytes) } : { name: `rows-${part}.csv`, bytes };
  });
}

/** Files of an upload as the body of a request. */
export function multipart(files) {
  const boundary = 'a-boundary-that-no-row-has';
  const parts = files.flatMap(({ name, bytes }) => [
    Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\ncontent-type: application/octet-stream\r\n\r\n`),
    bytes,
    Buffer.from('\r\n'),
  ]);
  return { type: `multipart/form-data; boundary=${boundary}`, body: Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]) };
}

const rowsIn = (runs) => runs.reduce((sum, [from, to]) => sum + to - from, 0);

/** One file of a version: what is left of one upload. All sums are made once, for files are shared by many versions. */
function file(op, runs) {
  let group = null;
  return {
    op,
    runs,
    rows: rowsIn(runs),
    group() {
      if (!group) {
        let [keys, mixed] = [0, 0];
        for (const [from, to] of runs) {
          for (let key = from; key < to; key += 1) [keys, mixed] = [keys + key, mixed + mix(op, key)];
        }
        group = { m0: this.rows, m1: keys, m2: runs[0][0], m3: runs.at(-1)[1] - 1, m4: mixed, op };
      }
      return group;
    },
  };
}

/** The runs without the keys from `begin` to `end`. */
const without = (runs, begin, end) =>
  runs.flatMap(([from, to]) => [[from, Math.min(to, begin)], [Math.max(from, end), to]].filter(([a, b]) => a < b));

/**
 * The version that an operation makes of the versions before it, or null when it makes none.
 *
 * `written` is the number of objects that are new in it, its part of the log not counted.
 */
export function after(versions, operation) {
  const held = versions.at(-1)?.files ?? [];
  const { rows } = operation;
  const fresh = rows && file(rows.op, [[rows.from, rows.from + rows.count]]);
  const made = (name, list, written, setAside = 0) => ({ operation: versions.length === 0 ? 'create' : name, files: list, written, setAside });
  switch (operation.makes) {
    case 'append':
      return made('append', [...held, fresh], operation.setAside ? 2 : 1, operation.setAside);
    case 'overwrite':
      return made('overwrite', [fresh], 1);
    case 'restore':
      return made('restore', versions[operation.version - 1].files, 0);
    case 'upsert': {
      const [begin, end] = fresh.runs[0];
      const left = held.map((old) => [old, without(old.runs, begin, end)]);
      const kept = left.filter(([, runs]) => runs.length > 0).map(([old, runs]) => (rowsIn(runs) === old.rows ? old : file(old.op, runs)));
      return made('upsert', [...kept, fresh], 1 + kept.filter((one) => !held.includes(one)).length);
    }
    default:
      return null;
  }
}

/** How many rows a version has. */
export const total = (version) => version.files.reduce((sum, one) => sum + one.rows, 0);

/** A question whose answer is `groups`. */
export const GROUPS = {
  group_by: ['op'],
  measures: [
    { aggregate: 'count' },
    ...['sum', 'min', 'max'].map((aggregate) => ({ aggregate, column: 'key' })),
    { aggregate: 'sum', column: 'mix' },
  ],
  limit: 1_000,
};
export const groups = (version) => version.files.map((one) => one.group()).sort((a, b) => a.op - b.op);

/** So many rows of a version from a place on, in the order of upload. */
export function page(version, offset, limit) {
  const found = [];
  let passed = 0;
  for (const { op, runs } of version.files) {
    for (const [from, to] of runs) {
      const begin = from + Math.max(0, offset - passed);
      for (let key = begin; key < to && found.length < limit; key += 1) found.push(row(op, key));
      passed += to - from;
    }
  }
  return found;
}
