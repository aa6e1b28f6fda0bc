/** What a component shows: a number, a figure, rows, a text. */
import { Skeleton } from '@mantine/core';
import { lazy, Suspense } from 'react';
import type { Component, Filter, Preview, RenderLine, Result } from '@/api/types';
import { Plot } from '@/charts/Plot';
import type { ColourBook } from '@/charts/colours';
import { describeFigure } from '@/charts/describe';
import { filtersFor } from '@/api/queries';
import { count, measure } from '@/parts/format';
import { SanitisedHtml } from '@/parts/SanitisedHtml';
import classes from '../dashboards.module.css';

const RowsGrid = lazy(() => import('@/collections/RowsGrid').then((module) => ({ default: module.RowsGrid })));

interface Props {
  project: string;
  component: Pick<Component, 'title' | 'content'>;
  line: RenderLine | Preview;
  result: Result;
  filters: Filter[];
  book?: ColourBook;
  onFigure?: (root: HTMLElement | null) => void;
}

export function ResultView({ project, component, line, result, filters, book, onFigure }: Props) {
  const { content } = component;
  switch (result.kind) {
    case 'card':
      return <CardValue result={result} content={content} />;
    case 'figure':
      return <Plot figure={result.figure} label={describeFigure(component.title, content, result.figure)} book={book} onReady={onFigure} />;
    case 'text':
      return <div className={classes.text}><SanitisedHtml html={result.html} /></div>;
    case 'table': {
      if (content.kind !== 'table') return null;
      const version = content.version ?? line.versions?.[content.collection] ?? undefined;
      return (
        <Suspense fallback={<Skeleton height="100%" />}>
          <RowsGrid
            project={project}
            collection={content.collection}
            columns={result.columns}
            version={version ?? undefined}
            filters={filtersFor(content.collection, filters)}
            sort={content.sort}
            label={`Rows of ${component.title}`}
            first={{ columns: result.columns, rows: result.rows, total_rows: result.total_rows, version: version ?? null, truncated: false, next_cursor: null }}
          />
        </Suspense>
      );
    }
  }
}

function CardValue({ result, content }: { result: Extract<Result, { kind: 'card' }>; content: Component['content'] }) {
  const card = content.kind === 'card' ? content : undefined;
  const value =
    result.value === null ? '–' : typeof result.value === 'number' ? measure(result.value, card?.decimals) : result.value;
  const whole = card?.aggregate === 'count';
  return (
    <div className={classes.cardValue}>
      <p className={classes.cardNumber}>
        <span className="user-text">{value}</span>
        {card?.unit && <span className={classes.cardUnit}>{card.unit}</span>}
      </p>
      {!whole && <p className={classes.cardNote}>from {count(result.count)} {result.count === 1 ? 'row' : 'rows'}</p>}
    </div>
  );
}
