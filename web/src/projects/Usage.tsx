/** How much of what it may hold a project holds. */
import { Progress, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { usageQuery } from '@/api/queries';
import type { Project } from '@/api/types';
import { bytes, count } from '@/parts/format';
import { ProblemPanel } from '@/parts/ProblemPanel';
import { RowsSkeleton } from '@/parts/Rows';
import classes from './projects.module.css';

const NEARLY_FULL = 0.9;

export function Usage({ project }: { project: Project }) {
  const { data, error, refetch } = useQuery(usageQuery(project.id));
  const lines = data && [
    { name: 'Space, all versions', held: data.bytes, max: data.bytes_max, show: bytes },
    { name: 'Rows, latest versions', held: data.rows, max: data.rows_max, show: count },
    { name: 'Collections', held: data.collections, max: data.collections_max, show: count },
  ];
  return (
    <section className={classes.section} aria-labelledby="usage">
      <Title order={2} id="usage">Usage</Title>
      {error ? (
        <ProblemPanel error={error} title="The usage could not be loaded" onRetry={() => void refetch()} compact />
      ) : !lines ? (
        <RowsSkeleton rows={3} />
      ) : (
        lines.map(({ name, held, max, show }) => (
          <div key={name} className={classes.usage}>
            <Text>{name}</Text>
            <Text c="dimmed">{show(held)} of {show(max)}</Text>
            <Progress value={(held / max) * 100} color={held / max > NEARLY_FULL ? 'red' : undefined} aria-label={`${name}: ${show(held)} of ${show(max)}`} />
          </div>
        ))
      )}
    </section>
  );
}
