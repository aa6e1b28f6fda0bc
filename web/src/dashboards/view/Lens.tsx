/** A component alone: full screen, or its data as a table. */
import { Modal, Skeleton, Text } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { filtersFor } from '@/api/queries';
import type { Collection, Component, Filter, RenderLine } from '@/api/types';
import type { ColourBook } from '@/charts/colours';
import classes from '../dashboards.module.css';
import { ResultView } from './ResultView';
import { usedColumns } from '../content';

const RowsGrid = lazy(() => import('@/collections/RowsGrid').then((module) => ({ default: module.RowsGrid })));

interface Props {
  project: string;
  view: 'data' | 'full';
  component: Component;
  line: RenderLine | undefined;
  filters: Filter[];
  collections: Collection[];
  book: ColourBook;
  onClose: () => void;
}

export function Lens({ project, view, component, line, filters, collections, book, onClose }: Props) {
  const { content } = component;
  const collection = content.kind === 'text' ? undefined : collections.find((item) => item.id === content.collection);
  const version = content.kind === 'text' ? undefined : (content.version ?? line?.versions?.[content.collection] ?? undefined);
  const used = collection ? usedColumns(content, collection.columns) : [];
  return (
    <Modal
      opened
      onClose={onClose}
      title={<span className="user-text">{view === 'data' ? `Data of ${component.title}` : component.title}</span>}
      size={view === 'full' ? '100%' : 'xl'}
      fullScreen={view === 'full'}
    >
      {view === 'full' ? (
        <div className={classes.lensFull}>
          {line?.result ? <ResultView project={project} component={component} line={line} result={line.result} filters={filters} book={book} /> : <Text c="dimmed">Nothing to show yet.</Text>}
        </div>
      ) : (
        <>
          <Text c="dimmed" mb={12} className="user-text">
            {collection?.name}{version ? `, version ${version}` : ''}{filters.length ? ', as filtered' : ''}
          </Text>
          <div className={classes.lensData}>
            {collection && content.kind !== 'text' ? (
              <Suspense fallback={<Skeleton height="100%" />}>
                <RowsGrid
                  project={project}
                  collection={collection.id}
                  columns={used}
                  version={version ?? undefined}
                  filters={filtersFor(collection.id, filters)}
                  label={`Data of ${component.title}`}
                />
              </Suspense>
            ) : (
              <Text c="dimmed">Its collection is not there any more.</Text>
            )}
          </div>
        </>
      )}
    </Modal>
  );
}
