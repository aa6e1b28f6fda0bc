/** From a form to code: first the Python that does the same, then, when wanted, the editor. */
import { Alert, Button, Group, Kbd, Skeleton, Stack, Text } from '@mantine/core';
import { IconArrowBackUp, IconArrowsDiff, IconChartDots, IconCode, IconForms } from '@/icons';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useRef, useState } from 'react';
import { api, path } from '@/api/client';
import type { CodeContent, Collection, Content, FigureContent, Filter, Project } from '@/api/types';
import { CodeEditor } from '@/code/CodeEditor';
import { CodeWorkbench, type WorkbenchHandle } from '@/code/CodeWorkbench';
import codeClasses from '@/code/code.module.css';
import { GuardedButton } from '@/parts/GuardedButton';
import { ProblemPanel } from '@/parts/ProblemPanel';
import classes from './builder.module.css';

const Compare = lazy(() => import('@/code/Compare').then((module) => ({ default: module.Compare })));
const Gallery = lazy(() => import('@/code/gallery/Gallery').then((module) => ({ default: module.Gallery })));

interface Props {
  project: Project;
  collection: Collection | undefined;
  content: FigureContent | CodeContent;
  /** The component's code as it was last saved. */
  saved?: string;
  title: string;
  filters: Filter[];
  /** Why code may not be written here; null when it may. */
  off: string | null;
  onChange: (content: Content) => void;
  /** A dialog over the drawer has opened or closed. */
  onDialog: (open: boolean) => void;
}

export function CodePart({ project, collection, content, saved, title, filters, off, onChange, onDialog }: Props) {
  // Kept while the drawer is open, so that the form can be taken back.
  const [form, setForm] = useState<FigureContent | null>(content.kind === 'figure' ? content : null);
  const [dialog, setDialog] = useState<'gallery' | 'compare' | null>(null);
  // What stood here before an example or the saved code took its place, until the person writes on.
  const [before, setBefore] = useState<{ code: string; now: string } | null>(null);
  const workbench = useRef<WorkbenchHandle>(null);
  if (content.kind === 'figure') {
    return (
      <Equivalent
        project={project.id}
        content={content}
        off={off}
        onEdit={(code) => {
          setForm(content);
          onChange({ kind: 'code', collection: content.collection, ...(content.version === undefined ? {} : { version: content.version }), code });
        }}
      />
    );
  }
  const replace = (code: string) => {
    setBefore(content.code.trim() && content.code !== code ? { code: content.code, now: code } : null);
    onChange({ ...content, code });
  };
  const show = (kind: 'gallery' | 'compare') => {
    setDialog(kind);
    onDialog(true);
  };
  const close = () => {
    setDialog(null);
    onDialog(false);
    // Back to where one was writing.
    setTimeout(() => workbench.current?.focus(), 0);
  };
  return (
    <div className={classes.codePart}>
      {off && <Alert color="yellow" variant="light">{off}</Alert>}
      <Group justify="space-between" gap={8}>
        <Text size="xs" c="dimmed" className={classes.codeHint}>
          <code>df</code> holds the filtered rows; <code>pd</code>, <code>np</code>, <code>px</code>, <code>go</code> are there; the figure is the variable <code>fig</code>. <Kbd size="xs">Ctrl Space</Kbd> offers names, <Kbd size="xs">Esc</Kbd> then <Kbd size="xs">Tab</Kbd> leaves the editor.
        </Text>
        <Group gap={8}>
          {before?.now === content.code && <Button size="xs" variant="subtle" leftSection={<IconArrowBackUp size={14} aria-hidden />} onClick={() => onChange({ ...content, code: before.code })}>Bring back my code</Button>}
          {form && <Button size="xs" variant="subtle" leftSection={<IconForms size={14} aria-hidden />} onClick={() => onChange(form)}>Back to the form</Button>}
          <GuardedButton size="xs" variant="default" leftSection={<IconArrowsDiff size={14} aria-hidden />} reason={saved === undefined ? 'This code has not been saved yet.' : null} onClick={() => show('compare')}>Compare with saved</GuardedButton>
          <GuardedButton size="xs" variant="default" leftSection={<IconChartDots size={14} aria-hidden />} reason={off ?? (collection ? null : 'Choose a collection first.')} onClick={() => show('gallery')}>Start from a chart</GuardedButton>
        </Group>
      </Group>
      <CodeWorkbench ref={workbench} project={project.id} content={content} columns={collection?.columns ?? []} filters={filters} limits={project.code_limits_effective} title={title} onCode={(code) => onChange({ ...content, code })} />
      <Suspense fallback={null}>
        {dialog === 'gallery' && collection && (
          <Gallery
            project={project.id}
            collection={collection}
            version={content.version}
            onClose={close}
            onPick={(code) => {
              replace(code);
              workbench.current?.run(code);
              close();
            }}
          />
        )}
        {dialog === 'compare' && saved !== undefined && (
          <Compare
            saved={saved}
            code={content.code}
            onClose={close}
            onRevert={() => {
              replace(saved);
              close();
            }}
          />
        )}
      </Suspense>
    </div>
  );
}

function Equivalent({ project, content, off, onEdit }: { project: string; content: FigureContent; off: string | null; onEdit: (code: string) => void }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['figure-code', project, content.collection, content.spec],
    queryFn: ({ signal }) => api.post<{ code: string }>(path`/projects/${project}/figures/code`, { collection: content.collection, spec: content.spec }, { signal }),
    staleTime: Infinity,
    retry: false,
  });
  if (error) return <ProblemPanel error={error} title="The code of this form could not be made" onRetry={() => void refetch()} />;
  if (!data) return <Skeleton height={260} />;
  return (
    <Stack gap={12}>
      <Text c="dimmed">This Python draws the same figure. As code it can do what no form can; the form is then left behind.</Text>
      <div className={codeClasses.readOnly}><CodeEditor value={data.code} label="Code of this form" readOnly /></div>
      <Group><GuardedButton leftSection={<IconCode size={16} aria-hidden />} reason={off} onClick={() => onEdit(data.code)}>Edit as code</GuardedButton></Group>
    </Stack>
  );
}
