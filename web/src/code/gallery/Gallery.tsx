/** Start from a chart: working scripts on this collection's own columns. */
import { Modal, Skeleton, Text } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api, path } from '@/api/client';
import type { Collection, Distinct } from '@/api/types';
import { choose } from './choose';
import { EXAMPLES } from './examples';
import classes from './gallery.module.css';
import { Sketch } from './sketches';

/** Columns whose values are counted, to tell groups from names; more would be asked for no gain. */
const TEXTS_COUNTED = 8;
const NUMBERS_COUNTED = 6;

interface Props {
  project: string;
  collection: Collection;
  version?: number;
  onPick: (code: string) => void;
  onClose: () => void;
}

export function Gallery({ project, collection, version, onPick, onClose }: Props) {
  const asked = useMemo(() => {
    const of = (test: (type: string) => boolean, most: number) => collection.columns.filter((column) => test(column.type)).slice(0, most).map((column) => column.name);
    return [...of((type) => type === 'string' || type === 'category' || type === 'bool', TEXTS_COUNTED), ...of((type) => type === 'int64', NUMBERS_COUNTED)];
  }, [collection.columns]);
  const { counts, waiting } = useQueries({
    queries: asked.map((column) => ({
      queryKey: ['project', project, 'collection', collection.id, 'values', column, version ?? null],
      queryFn: async ({ signal }: { signal: AbortSignal }) =>
        (await api.post<Distinct>(path`/projects/${project}/collections/${collection.id}/distinct`, { column, limit: 1, ...(version === undefined ? {} : { version }) }, { signal })).total,
      staleTime: 300_000,
      retry: false,
    })),
    // Without a count an example may choose a worse column; it is drawn all the same.
    combine: (results) => ({
      waiting: results.some((result) => result.isPending),
      counts: Object.fromEntries(results.flatMap((result, place) => (result.data === undefined ? [] : [[asked[place] ?? '', result.data]]))) as Record<string, number>,
    }),
  });
  const chosen = useMemo(() => choose(collection.columns, counts), [collection.columns, counts]);
  return (
    <Modal opened onClose={onClose} title="Start from a chart" size="min(880px, 96vw)">
      <Text c="dimmed" mb={16}>Each is a whole script on columns of {collection.name}. It takes the place of the code and runs; the code can be brought back.</Text>
      {waiting ? (
        <Skeleton height={420} />
      ) : (
        <ul className={classes.grid} aria-label="Charts">
          {EXAMPLES.map((example) => {
            const lack = example.lacks(chosen);
            return (
              <li key={example.id}>
                <button
                  type="button"
                  className={classes.card}
                  aria-disabled={lack !== null || undefined}
                  aria-describedby={`example-${example.id}`}
                  onClick={() => lack === null && onPick(example.code(chosen))}
                >
                  <span className={classes.sketch}><Sketch id={example.id} /></span>
                  <span className={classes.title}>{example.title}</span>
                </button>
                <span id={`example-${example.id}`} className={classes.says}>{lack ?? example.says}</span>
              </li>
            );
          })}
        </ul>
      )}
    </Modal>
  );
}
