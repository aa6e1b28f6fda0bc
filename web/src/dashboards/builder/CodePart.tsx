/** From a form to code: first the Python that does the same, then, when wanted, the editor. */
import { Alert, Button, Group, Skeleton, Stack, Text } from '@mantine/core';
import { IconCode, IconForms } from '@/icons';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, path } from '@/api/client';
import type { CodeContent, Content, FigureContent, Filter } from '@/api/types';
import { CodeEditor } from '@/code/CodeEditor';
import { CodeWorkbench } from '@/code/CodeWorkbench';
import codeClasses from '@/code/code.module.css';
import { GuardedButton } from '@/parts/GuardedButton';
import { ProblemPanel } from '@/parts/ProblemPanel';
import classes from './builder.module.css';

interface Props {
  project: string;
  content: FigureContent | CodeContent;
  title: string;
  filters: Filter[];
  /** Why code may not be written here; null when it may. */
  off: string | null;
  onChange: (content: Content) => void;
}

export function CodePart({ project, content, title, filters, off, onChange }: Props) {
  // Kept while the drawer is open, so that the form can be taken back.
  const [form, setForm] = useState<FigureContent | null>(content.kind === 'figure' ? content : null);
  if (content.kind === 'figure') {
    return (
      <Equivalent
        project={project}
        content={content}
        off={off}
        onEdit={(code) => {
          setForm(content);
          onChange({ kind: 'code', collection: content.collection, ...(content.version === undefined ? {} : { version: content.version }), code });
        }}
      />
    );
  }
  return (
    <div className={classes.codePart}>
      {off && <Alert color="yellow" variant="light">{off}</Alert>}
      <Group justify="space-between" gap={8}>
        <Text size="xs" c="dimmed">
          <code>df</code> holds the filtered rows; <code>pd</code>, <code>np</code>, <code>px</code>, <code>go</code> are there; the figure is the variable <code>fig</code>. Escape, then Tab, leaves the editor.
        </Text>
        {form && <Button size="xs" variant="subtle" leftSection={<IconForms size={14} aria-hidden />} onClick={() => onChange(form)}>Back to the form</Button>}
      </Group>
      <CodeWorkbench project={project} content={content} filters={filters} title={title} onCode={(code) => onChange({ ...content, code })} />
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
