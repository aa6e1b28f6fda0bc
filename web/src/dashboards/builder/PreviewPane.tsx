/** The component as it will be, computed by the server on the real rows. */
import { Skeleton, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api, path } from '@/api/client';
import type { Content, Filter, Preview } from '@/api/types';
import { duration } from '@/parts/format';
import { ProblemPanel } from '@/parts/ProblemPanel';
import { ResultView } from '../view/ResultView';
import classes from './builder.module.css';

interface Props {
  project: string;
  content: Content;
  title: string;
  filters: Filter[];
  lack: string | null;
}

export function PreviewPane({ project, content, title, filters, lack }: Props) {
  const [asked] = useDebouncedValue(content, 350);
  const { data, error, isFetching, isPlaceholderData, refetch } = useQuery({
    queryKey: ['preview', project, asked, filters],
    queryFn: async ({ signal }) => ({
      content: asked,
      preview: await api.post<Preview>(path`/projects/${project}/components/preview`, { filters, content: asked }, { signal }),
    }),
    enabled: lack === null,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    gcTime: 60_000,
    retry: false,
  });
  // The result of another kind of component would be drawn wrongly; wait for its own.
  const fits = data && data.content.kind === content.kind;
  return (
    <section className={classes.preview} aria-label="Preview" aria-busy={isFetching} data-kind={content.kind}>
      {lack ? (
        <div className={classes.previewEmpty}><Text c="dimmed">{lack}</Text></div>
      ) : error && !isPlaceholderData ? (
        <ProblemPanel error={error} title="The preview could not be computed" compact onRetry={() => void refetch()} />
      ) : fits ? (
        <>
          <div className={classes.previewBody} data-stale={isPlaceholderData || undefined}>
            <ResultView project={project} component={{ title, content: data.content }} line={data.preview} result={data.preview.result} filters={filters} />
          </div>
          <Text size="xs" c="dimmed" className={`${classes.previewNote} num`}>
            {data.preview.duration_ms !== undefined && `Computed in ${duration(data.preview.duration_ms)}`}
            {data.preview.cached ? ', from the cache' : ''}
            {data.preview.truncated ? ', rows were cut' : ''}
          </Text>
        </>
      ) : (
        <Skeleton height="100%" />
      )}
    </section>
  );
}
