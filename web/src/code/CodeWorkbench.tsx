/** Code Mode: editor above, figure below, between them a strip with Run, the time taken and what was printed. */
import { Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useImperativeHandle, useMemo, useRef, type Ref } from 'react';
import { api, path } from '@/api/client';
import type { CodeCheck, CodeContent, CodeLimits, Column, Filter } from '@/api/types';
import { Plot } from '@/charts/Plot';
import classes from './code.module.css';
import { CodeEditor, type CodeMark, type CodeMarks, type EditorHandle } from './CodeEditor';
import { explain, plainly } from './explain';
import { Printed } from './Printed';
import { Problems } from './Problems';
import { RunStrip } from './RunStrip';
import { useRun } from './useRun';

const CHECK_AFTER_MS = 300;

export interface WorkbenchHandle {
  /** Runs this code instead of what is shown. */
  run: (code: string) => void;
  focus: () => void;
}

interface Props {
  project: string;
  content: CodeContent;
  columns: Column[];
  filters: Filter[];
  limits: CodeLimits;
  title: string;
  onCode: (code: string) => void;
  ref?: Ref<WorkbenchHandle>;
}

export function CodeWorkbench({ project, content, columns, filters, limits, title, onCode, ref }: Props) {
  const editor = useRef<EditorHandle>(null);
  const { phase, ran, start, stop } = useRun(project, filters);
  const [asked] = useDebouncedValue(content.code, CHECK_AFTER_MS);
  const { data: checked } = useQuery({
    queryKey: ['check', project, asked],
    queryFn: async ({ signal }) => ({ code: asked, items: (await api.post<{ items: CodeCheck[] }>(path`/projects/${project}/figures/check`, { code: asked }, { signal })).items }),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    retry: false,
  });
  useImperativeHandle(ref, () => ({ run: (code) => void start({ ...content, code }), focus: () => editor.current?.focus() }), [start, content]);

  const changed = ran !== null && ran.code !== content.code;
  const explanation = useMemo(() => (ran?.problem ? explain(ran.problem, { columns: columns.map((column) => column.name), code: ran.code }) : null), [ran, columns]);
  const found = useMemo(
    // Where reading stops once, what follows is read wrongly: only the first of these is a finding.
    () => (checked?.items ?? []).filter((item, place, all) => item.code !== 'syntax' || all.findIndex((other) => other.code === 'syntax') === place).map((item): CodeMark => ({ line: item.line, column: item.column, endLine: item.end_line, endColumn: item.end_column, message: plainly(item.message), severity: 'error' })),
    [checked],
  );
  const marks = useMemo((): CodeMarks => {
    const items = [...found];
    const problem = ran?.problem;
    // The run's own error stands until the code changes; what the check says of the same line is not said twice.
    if (problem?.line && explanation && ran?.code === checked?.code && !found.some((mark) => mark.line === problem.line)) {
      items.push({ line: problem.line, column: problem.column, message: [explanation.says, explanation.next].filter(Boolean).join(' '), severity: 'error', fix: explanation.fix });
    }
    return { code: checked?.code ?? '', items };
  }, [checked, found, ran, explanation]);

  const result = ran?.preview?.result;
  const figure = result?.kind === 'figure' ? result : undefined;
  const failed = ran?.problem !== undefined;
  const stdout = failed ? ran?.problem?.stdout : ran?.stopped ? undefined : figure?.stdout;
  const cut = failed ? ran?.problem?.stdout_cut : figure?.stdout_cut;
  const goTo = (line: number, column?: number) => editor.current?.goTo(line, column);
  return (
    <div className={classes.workbench}>
      <CodeEditor ref={editor} value={content.code} onChange={onCode} onRun={() => void start(content)} marks={marks} columns={columns} label="Python code" />
      <div className={classes.between}>
        <Problems marks={failed && !changed ? found.filter((mark) => mark.line !== ran?.problem?.line) : found} onGoTo={goTo} />
        <RunStrip
          phase={phase}
          ran={ran}
          changed={changed}
          explanation={explanation}
          wallMs={limits.code_wall_ms_max}
          onRun={() => void start(content)}
          onStop={stop}
          onGoTo={goTo}
          onFix={(line, fix) => editor.current?.replace(line, fix)}
        />
        {stdout && phase.kind === 'idle' && <Printed text={stdout} cut={cut ?? false} limit={limits.code_text_bytes_max} />}
      </div>
      <div className={classes.figure} data-stale={(figure && (phase.kind !== 'idle' || failed || ran?.stopped)) || undefined} aria-busy={phase.kind !== 'idle'}>
        {figure ? (
          <Plot figure={figure.figure} label={`${title || 'Figure'}, drawn by code`} />
        ) : (
          <div className={classes.figureEmpty}>
            <Text c="dimmed">{failed ? 'No figure: the code did not run to its end.' : 'Run the code to see its figure.'}</Text>
          </div>
        )}
      </div>
    </div>
  );
}
