/** What a component's corner says: which filters apply, which collection and version, when computed, whether cut. */
import { Text } from '@mantine/core';
import type { Collection, Component, Filter, Widget } from '@/api/types';
import { duration } from '@/parts/format';
import { RelativeTime } from '@/parts/RelativeTime';
import classes from '../dashboards.module.css';
import type { Rendered } from './useRender';

interface Props {
  component: Component;
  rendered: Rendered | undefined;
  widgets: Widget[];
  filters: Filter[];
  collections: Collection[];
}

export function Details({ component, rendered, widgets, filters, collections }: Props) {
  const { content } = component;
  if (content.kind === 'text') return null;
  const line = rendered?.line;
  const versions = Object.entries(line?.versions ?? {});
  const name = (id: string) => collections.find((collection) => collection.id === id)?.name ?? 'Collection';
  const applied = widgets.filter((widget) => filters.some((filter) => filter.column === widget.column && filter.collection === widget.collection));
  return (
    <dl className={classes.details}>
      <dt>Collection</dt>
      <dd className="user-text">
        {(versions.length ? versions : [[content.collection, content.version ?? null] as const]).map(([id, version]) => (
          <span key={id}>{name(id)}{version === null ? '' : `, version ${version}`}{content.version ? ' (pinned)' : ''}</span>
        ))}
      </dd>
      <dt>Filters</dt>
      <dd className="user-text">{applied.length ? applied.map((widget) => widget.label).join(', ') : 'None'}</dd>
      <dt>Computed</dt>
      <dd>
        {rendered?.at ? <RelativeTime time={new Date(rendered.at).toISOString()} /> : '–'}
        {line?.duration_ms !== undefined && ` in ${duration(line.duration_ms)}`}
        {line?.cached && ', from the cache'}
      </dd>
      <dt>Rows</dt>
      <dd>{line?.truncated ? 'Cut: some rows were left out' : 'All that match'}</dd>
      {line?.result?.kind === 'figure' && line.result.stdout && (
        <>
          <dt>Printed</dt>
          <dd><Text component="pre" size="xs" className={classes.printed}>{line.result.stdout}</Text></dd>
        </>
      )}
    </dl>
  );
}
