/** Code Mode: editor above, figure below, between them a strip with Run, the time taken and what was printed. */
import { Button, Kbd, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconAlertTriangle, IconPlayerPlay, IconPlayerStop } from '@/icons';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo, useRef, useState } from 'react';
import { api, path } from '@/api/client';
import { asProblem, isAbort } from '@/api/problem';
import type { CodeCheck, CodeContent, Filter, Preview, Problem } from '@/api/types';
import { Plot } from '@/charts/Plot';
import { duration } from '@/parts/format';
import classes from './code.module.css';
import { CodeEditor, type CodeMark } from './CodeEditor';
import { say } from './say';

interface Props {
  project: string;
  content: CodeContent;
  filters: Filter[];
  title: string;
  onCode: (code: string) => void;
}

interface Run {
  code: string;
  preview?: Preview;
  problem?: Problem;
}

export function CodeWorkbench({ project, content, filters, title, onCode }: Props) {
  const [run, setRun] = useState<Run | null>(null);
  const [running, setRunning] = useState(false);
  const abort = useRef<AbortController | null>(null);
  const [asked] = useDebouncedValue(content.code, 400);
  const { data: checks } = useQuery({
    queryKey: ['check', project, asked],
    queryFn: ({ signal }) => api.post<{ items: CodeCheck[] }>(path`/projects/${project}/figures/check`, { code: asked }, { signal }),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    retry: false,
  });

  async function start() {
    abort.current?.abort();
    const control = new AbortController();
    abort.current = control;
    setRunning(true);
    try {
      const preview = await api.post<Preview>(path`/projects/${project}/components/preview`, { filters, content }, { signal: control.signal });
      setRun({ code: content.code, preview });
    } catch (error) {
      if (!isAbort(error)) setRun((before) => ({ code: content.code, preview: before?.preview, problem: asProblem(error) }));
    } finally {
      if (abort.current === control) setRunning(false);
    }
  }

  const marks = useMemo(() => {
    const found = (checks?.items ?? []).map((item): CodeMark => ({
      line: item.line, column: item.column, endLine: item.end_line, endColumn: item.end_column, message: item.message, severity: 'error',
    }));
    const problem = run?.problem;
    // The run's own error stands until the code changes; what the check says of the same line is not said twice.
    if (problem?.line && run?.code === content.code && !found.some((mark) => mark.line === problem.line)) {
      found.push({ line: problem.line, column: problem.column, message: say(problem), severity: 'error' });
    }
    return found;
  }, [checks, run, content.code]);

  const result = run?.preview?.result;
  const figure = result?.kind === 'figure' ? result : undefined;
  const stdout = run?.problem?.stdout ?? (run?.problem ? undefined : figure?.stdout);
  return (
    <div className={classes.workbench}>
      <CodeEditor value={content.code} onChange={onCode} onRun={() => void start()} marks={marks} label="Python code" />
      <div className={classes.strip} role="group" aria-label="Run">
        {running ? (
          <Button size="xs" variant="default" leftSection={<IconPlayerStop size={14} aria-hidden />} onClick={() => abort.current?.abort()}>Stop</Button>
        ) : (
          <Button size="xs" leftSection={<IconPlayerPlay size={14} aria-hidden />} onClick={() => void start()} aria-keyshortcuts="Control+Enter">Run</Button>
        )}
        <Kbd size="xs" aria-hidden>Ctrl Enter</Kbd>
        {run?.problem ? (
          <div className={classes.stripError} role="alert">
            <IconAlertTriangle size={16} aria-hidden />
            <span>{run.problem.line ? `Line ${run.problem.line}: ` : ''}{say(run.problem)}</span>
          </div>
        ) : (
          <Text size="xs" c="dimmed" role="status" className="num">
            {running ? 'Running' : run?.preview ? `Ran${run.preview.duration_ms === undefined ? '' : ` in ${duration(run.preview.duration_ms)}`}${run.preview.cached ? ', from the cache' : ''}${run.preview.truncated ? ', on cut data' : ''}` : 'Not run yet'}
          </Text>
        )}
        {!run?.problem && !running && run && run.code !== content.code && <Text size="xs" c="dimmed">The code has changed since.</Text>}
        {stdout && (
          // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolls, also by keyboard
          <pre className={classes.printed} aria-label="Printed text" tabIndex={0}>{stdout}</pre>
        )}
      </div>
      <div className={classes.figure} data-stale={(figure && (running || !!run?.problem)) || undefined}>
        {figure ? (
          <Plot figure={figure.figure} label={`${title || 'Figure'}, drawn by code`} />
        ) : (
          <div className={classes.figureEmpty}>
            <Text c="dimmed">{run?.problem ? 'No figure: the code did not run to its end.' : 'Run the code to see its figure.'}</Text>
          </div>
        )}
      </div>
    </div>
  );
}
