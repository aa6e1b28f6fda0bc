/** The builder: a drawer on the right with the real component as its preview. Nothing is stored before the dashboard is saved. */
import { Button, Drawer, Group, SegmentedControl, Stack, Tabs, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { statusQuery } from '@/api/queries';
import type { Collection, Component, Content, ContentKind, Filter, Project } from '@/api/types';
import { RowsSkeleton } from '@/parts/Rows';
import { ConfirmDialog } from '@/parts/ConfirmDialog';
import { GuardedButton } from '@/parts/GuardedButton';
import { Empty } from '@/parts/Empty';
import { whyNot } from '@/projects/useProject';
import { LinkButton } from '@/shell/NavLink';
import { newId, startContent, startSizes } from '../content';
import classes from './builder.module.css';
import { DataPart } from './DataPart';
import { FormPart } from './FormPart';
import { missing } from './missing';
import { PreviewPane } from './PreviewPane';
import { StylePart } from './StylePart';
import { suggestTitle } from './suggestTitle';

const CodePart = lazy(() => import('./CodePart').then((module) => ({ default: module.CodePart })));

interface Props {
  project: Project;
  collections: Collection[];
  component: Component | null;
  /** The component as it was last saved. */
  saved?: Component;
  filters: Filter[];
  onApply: (component: Component) => void;
  onClose: () => void;
}

const KINDS: { value: ContentKind; label: string }[] = [
  { value: 'figure', label: 'Figure' }, { value: 'card', label: 'Card' }, { value: 'table', label: 'Table' }, { value: 'text', label: 'Text' },
];

export function Builder({ project, collections, component, saved, filters, onApply, onClose }: Props) {
  const filled = collections.filter((collection) => collection.version !== null);
  const [content, setContent] = useState<Content>(() => component?.content ?? startContent(filled.length ? 'figure' : 'text', filled[0]));
  const [title, setTitle] = useState(component?.title ?? '');
  const [named, setNamed] = useState(component !== null);
  const [part, setPart] = useState<string>(component?.content.kind === 'code' ? 'code' : component ? 'form' : 'data');
  const [leaving, setLeaving] = useState(false);
  const [covered, setCovered] = useState(false);
  const { data: status } = useQuery(statusQuery);
  const collection = content.kind === 'text' ? undefined : collections.find((item) => item.id === content.collection);
  const shownTitle = named ? title : suggestTitle(content);
  const lack = missing(content);
  const isFigure = content.kind === 'figure' || content.kind === 'code';
  const codeOff = whyNot(project, 'code.write') ?? (status && !status.code_mode.on ? `Code Mode is off: ${status.code_mode.reason ?? 'the server says not why'}.` : null);
  const wide = part === 'code' && isFigure;

  // A form is made again in a moment; code is not.
  const unsaved = content.kind === 'code' && content.code !== (component?.content.kind === 'code' ? component.content.code : '');
  const leave = () => (unsaved ? setLeaving(true) : onClose());

  function apply() {
    const kind = content.kind;
    onApply({
      id: component?.id ?? newId('cmp'),
      title: shownTitle.trim(),
      layout: component?.layout ?? { x: 0, y: 0, ...startSizes[kind] },
      content,
    });
  }
  return (
    <Drawer
      opened
      onClose={leave}
      // Escape closes the dialog on top, not what lies below it.
      closeOnEscape={!covered && !leaving}
      position="right"
      size={wide ? 'min(1040px, 100vw)' : 'min(560px, 100vw)'}
      title={component ? 'Edit component' : 'Add component'}
      classNames={{ content: classes.drawer, body: classes.body }}
    >
      <div className={classes.scroll}>
        {component === null && part !== 'code' && (
          <SegmentedControl
            fullWidth
            aria-label="Kind of component"
            value={content.kind === 'code' ? 'figure' : content.kind}
            onChange={(kind) => {
              setContent(startContent(kind as ContentKind, collection ?? filled[0]));
              setPart(kind === 'text' ? 'form' : 'data');
            }}
            data={KINDS.map((kind) => ({ ...kind, disabled: kind.value !== 'text' && filled.length === 0 }))}
          />
        )}
        {filled.length === 0 && content.kind !== 'text' ? (
          <Empty action={<LinkButton variant="default" to="/projects/$project/collections" params={{ project: project.id }}>Go to collections</LinkButton>}>
            No collection of this project has rows yet. Upload a table first.
          </Empty>
        ) : (
          <>
            {!wide && (
              <TextInput
                label="Title"
                maxLength={200}
                value={shownTitle}
                onChange={(event) => {
                  setNamed(true);
                  setTitle(event.currentTarget.value);
                }}
              />
            )}
            {!wide && <PreviewPane project={project.id} content={content} title={shownTitle} filters={filters} lack={lack} />}
            <Tabs value={part} onChange={(next) => next && setPart(next)} keepMounted={false} className={classes.parts}>
              <Tabs.List aria-label="Parts of the component">
                {content.kind !== 'text' && <Tabs.Tab value="data">Data</Tabs.Tab>}
                {content.kind !== 'code' && <Tabs.Tab value="form">Form</Tabs.Tab>}
                {isFigure && <Tabs.Tab value="code">Code</Tabs.Tab>}
                {content.kind !== 'text' && content.kind !== 'code' && <Tabs.Tab value="style">Style</Tabs.Tab>}
              </Tabs.List>
              <Tabs.Panel value="data" pt={16}>
                {content.kind !== 'text' && <DataPart project={project.id} collections={filled} content={content} onChange={setContent} />}
              </Tabs.Panel>
              <Tabs.Panel value="form" pt={16}>
                <FormPart content={content} columns={collection?.columns ?? []} onChange={setContent} />
              </Tabs.Panel>
              <Tabs.Panel value="style" pt={16}><StylePart content={content} onChange={setContent} /></Tabs.Panel>
              <Tabs.Panel value="code" pt={16} className={classes.codePanel}>
                <Suspense fallback={<RowsSkeleton rows={6} />}>
                  {isFigure && <CodePart project={project} collection={collection} content={content} saved={saved?.content.kind === 'code' ? saved.content.code : undefined} title={shownTitle} filters={filters} off={codeOff} onChange={setContent} onDialog={setCovered} />}
                </Suspense>
              </Tabs.Panel>
            </Tabs>
          </>
        )}
      </div>
      <Stack gap={0} className={classes.foot}>
        <Group justify="flex-end" gap={8}>
          <Text size="xs" c="dimmed" mr="auto">Stored when the dashboard is saved.</Text>
          <Button variant="default" onClick={leave}>Cancel</Button>
          <GuardedButton reason={lack} onClick={apply}>{component ? 'Apply' : 'Add to dashboard'}</GuardedButton>
        </Group>
      </Stack>
      <ConfirmDialog opened={leaving} onClose={() => setLeaving(false)} title="Discard the code?" verb="Discard code" onConfirm={onClose}>
        What you wrote has not been applied to the dashboard.
      </ConfirmDialog>
    </Drawer>
  );
}
