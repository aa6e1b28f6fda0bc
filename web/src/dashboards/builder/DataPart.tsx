/** Which collection, at which version. */
import { Select, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { versionsQuery } from '@/api/queries';
import type { Collection, Content } from '@/api/types';
import { count, plural, relative, typeNames } from '@/parts/format';
import { startContent, startSpec } from '../content';
import classes from './builder.module.css';

interface Props {
  project: string;
  collections: Collection[];
  content: Exclude<Content, { kind: 'text' }>;
  onChange: (content: Content) => void;
}

export function DataPart({ project, collections, content, onChange }: Props) {
  const collection = collections.find((item) => item.id === content.collection);
  const { data: versions } = useQuery({ ...versionsQuery(project, content.collection), enabled: !!content.collection });
  return (
    <Stack gap={16}>
      <Select
        label="Collection"
        searchable
        data={collections.map((item) => ({ value: item.id, label: item.name }))}
        value={content.collection || null}
        onChange={(id) => {
          const next = collections.find((item) => item.id === id);
          if (!next || next.id === content.collection) return;
          if (content.kind === 'figure') onChange({ ...content, collection: next.id, version: undefined, spec: startSpec(content.spec.chart, next.columns, undefined) });
          else if (content.kind === 'code') onChange({ ...content, collection: next.id, version: undefined });
          else onChange(startContent(content.kind, next));
        }}
      />
      <Select
        label="Version"
        description="The newest follows each upload; a fixed one never changes."
        data={[
          { value: 'newest', label: 'Always the newest' },
          ...(versions ?? []).filter((item) => !item.removed || item.version === content.version).map((item) => ({ value: String(item.version), label: `Version ${item.version}, ${plural(item.rows, 'row')}, ${relative(item.created_at)}` })),
        ]}
        value={content.version === undefined ? 'newest' : String(content.version)}
        onChange={(next) => onChange({ ...content, version: next === 'newest' || next === null ? undefined : Number(next) })}
      />
      {collection && (
        <div>
          <Text size="xs" c="dimmed" mb={4}>{count(collection.rows)} rows, {plural(collection.columns.length, 'column')}</Text>
          <ul className={classes.columns} aria-label="Columns">
            {collection.columns.slice(0, 60).map((column) => (
              <li key={column.name}><span className="user-text">{column.name}</span><span>{typeNames[column.type]}</span></li>
            ))}
          </ul>
        </div>
      )}
    </Stack>
  );
}
