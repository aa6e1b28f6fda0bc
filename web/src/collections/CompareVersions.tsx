/** What differs between two versions: columns, counts, and by a key which rows. */
import { Button, Group, Select, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, path } from '@/api/client';
import type { Collection, KeyCount, Project, Version, VersionDiff } from '@/api/types';
import { plural, typeNames } from '@/parts/format';
import { ProblemPanel } from '@/parts/ProblemPanel';

interface Props {
  project: Project;
  collection: Collection;
  versions: Version[];
}

function named(keys: KeyCount): string {
  const shown = keys.first.slice(0, 10).join(', ');
  return keys.rows === 0 ? '' : `: ${shown}${keys.rows > 10 ? ' and more' : ''}`;
}

/** The difference as sentences, the most telling first. */
export function sentences(diff: VersionDiff): string[] {
  const found = [`Version ${diff.from.version} has ${plural(diff.from.rows, 'row')}, version ${diff.to.version} has ${plural(diff.to.rows, 'row')}.`];
  if (diff.columns_added.length) found.push(`Columns added: ${diff.columns_added.map((column) => column.name).join(', ')}.`);
  if (diff.columns_removed.length) found.push(`Columns removed: ${diff.columns_removed.map((column) => column.name).join(', ')}.`);
  for (const column of diff.columns_changed) found.push(`${column.name} was ${typeNames[column.before].toLowerCase()} and is ${typeNames[column.after].toLowerCase()}.`);
  if (diff.keys) {
    const { added, removed, changed } = diff.keys;
    found.push(`${plural(added.rows, 'row')} added${named(added)}`, `${plural(removed.rows, 'row')} removed${named(removed)}`, `${plural(changed.rows, 'row')} changed${named(changed)}`);
  }
  return found;
}

export function CompareVersions({ project, collection, versions }: Props) {
  const numbers = versions.map((version) => ({ value: String(version.version), label: `Version ${version.version}` }));
  const [from, setFrom] = useState<string | null>(numbers[1]?.value ?? null);
  const [to, setTo] = useState<string | null>(numbers[0]?.value ?? null);
  const [key, setKey] = useState<string | null>(null);
  const compare = useMutation({
    mutationFn: () => api.get<VersionDiff>(path`/projects/${project.id}/collections/${collection.id}/diff`, { query: { from, to, key } }),
  });
  return (
    <Stack gap={8} mt={24} role="group" aria-label="Compare versions">
      <Text fw={600}>Compare versions</Text>
      <Group gap={8} align="flex-end">
        <Select label="From" w={150} data={numbers} value={from} allowDeselect={false} onChange={setFrom} />
        <Select label="To" w={150} data={numbers} value={to} allowDeselect={false} onChange={setTo} />
        <Select label="Key" placeholder="None: counts only" w={220} clearable searchable data={collection.columns.map((column) => column.name)} value={key} onChange={setKey} />
        <Button variant="default" loading={compare.isPending} disabled={!from || !to} onClick={() => compare.mutate()}>Compare</Button>
      </Group>
      {compare.isError && <ProblemPanel error={compare.error} title="The versions were not compared" compact />}
      {compare.data && (
        <ul role="status" aria-label="Differences" style={{ margin: 0, paddingInlineStart: 20 }}>
          {sentences(compare.data).map((sentence) => <li key={sentence} className="user-text">{sentence}</li>)}
        </ul>
      )}
    </Stack>
  );
}
