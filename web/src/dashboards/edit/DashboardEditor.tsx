/** The editor: the same page with handles. Saving names the revision one began from, so nobody overwrites unseen work. */
import { Button, Group, Menu, TextInput, Tooltip, ActionIcon, Text } from '@mantine/core';
import { IconArrowBackUp, IconCopy, IconDots, IconGripVertical, IconHistory, IconLayoutDashboard, IconPencil, IconPlus, IconResize, IconTrash } from '@/icons';
import { useBlocker, useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useState, type KeyboardEvent } from 'react';
import type { Component, Dashboard, Project, Widget } from '@/api/types';
import { ColourBook } from '@/charts/colours';
import { ConfirmDialog } from '@/parts/ConfirmDialog';
import { Empty } from '@/parts/Empty';
import { GuardedButton } from '@/parts/GuardedButton';
import { done } from '@/parts/notify';
import { Chips } from '../filters/Chips';
import { FilterPanel } from '../filters/FilterPanel';
import classes from '../dashboards.module.css';
import { newId } from '../content';
import { freePlace, place } from '../layout';
import { RevisionsDrawer } from '../RevisionsDrawer';
import { TabBar } from '../TabBar';
import { useDashboardFilters } from '../useDashboardFilters';
import { ComponentFrame } from '../view/ComponentFrame';
import { Lens } from '../view/Lens';
import { useRender } from '../view/useRender';
import { isDirty } from './compare';
import { ConflictDialog } from './ConflictDialog';
import own from './edit.module.css';
import { EditGrid } from './EditGrid';
import { FilterForm } from './FilterForm';
import { PositionForm } from './PositionForm';
import { TabForm } from './TabForm';
import { useDraft } from './useDraft';
import { useSave } from './useSave';

const Builder = lazy(() => import('../builder/Builder').then((module) => ({ default: module.Builder })));

const ARROWS: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

type Dialog =
  | { kind: 'build'; component: Component | null }
  | { kind: 'position'; component: Component }
  | { kind: 'filter'; widget: Widget | null }
  | { kind: 'tab'; add: boolean }
  | { kind: 'history' }
  | { kind: 'lens'; view: 'data' | 'full'; component: Component }
  | { kind: 'delete' };

export function DashboardEditor({ project, stored }: { project: Project; stored: Dashboard }) {
  const search = useSearch({ from: '/frame/projects/$project/dashboards/$dashboard' });
  const navigate = useNavigate({ from: '/projects/$project/dashboards/$dashboard' });
  const { base, draft, apply, applyTab, undo, canUndo, rebase } = useDraft(stored);
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const [book] = useState(() => new ColourBook());
  const tab = draft.tabs.find((item) => item.id === search.tab) ?? draft.tabs[0];
  const filters = useDashboardFilters(project.id, tab);
  const dirty = isDirty(base, draft);
  const render = useRender({ project: project.id, dashboard: draft.id, tab: filters.ready ? tab : undefined, filters: filters.filters, draft: dirty, revision: base.revision });
  const leave = () => void navigate({ search: ({ edit: _edit, ...rest }) => rest });
  const save = useSave({ project, base, draft, rebase, onSaved: leave });
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => dirty && !save.saved.current && (current.pathname !== next.pathname || !(next.search as { edit?: boolean }).edit),
    enableBeforeUnload: () => dirty,
    withResolver: true,
  });
  const close = () => setDialog(null);
  const newer = stored.revision > base.revision && !save.conflict;

  if (!tab) return null;
  const setComponents = (change: (before: Component[]) => Component[]) => applyTab(tab.id, (before) => ({ ...before, components: change(before.components) }));
  const move = (component: Component, event: KeyboardEvent) => {
    const arrow = ARROWS[event.key];
    if (!arrow) return;
    event.preventDefault();
    const { x, y, w, h } = component.layout;
    const next = event.shiftKey ? { x, y, w: w + arrow[0], h: h + arrow[1] } : { x: x + arrow[0], y: y + arrow[1], w, h };
    setComponents((before) => place(before, component.id, next));
  };
  const remove = (component: Component) => {
    setComponents((before) => before.filter((item) => item.id !== component.id));
    done(`${component.title || 'Component'} removed`, undo);
  };
  const duplicate = (component: Component) =>
    setComponents((before) => [...before, { ...component, id: newId('cmp'), title: component.title, layout: freePlace(before, component.layout.w, component.layout.h) }]);

  return (
    <div className={classes.screen}>
      <FilterPanel
        project={project.id}
        widgets={tab.filters}
        state={filters.state}
        typeOf={filters.typeOf}
        onChange={filters.change}
        onClear={filters.clear}
        editing={{ onAdd: () => setDialog({ kind: 'filter', widget: null }), onEdit: (widget) => setDialog({ kind: 'filter', widget }) }}
      />
      <div className={classes.stage}>
        <div className={own.bar} role="toolbar" aria-label="Editing">
          <TextInput className={own.title} aria-label="Title of the dashboard" maxLength={200} value={draft.title} onChange={(event) => { const title = event.currentTarget.value; apply((before) => ({ ...before, title })); }} />
          <Group gap={8}>
            <Tooltip label="Undo"><ActionIcon size={36} variant="default" aria-label="Undo" disabled={!canUndo} onClick={undo}><IconArrowBackUp size={16} /></ActionIcon></Tooltip>
            <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setDialog({ kind: 'build', component: null })}>Add component</Button>
            <Menu>
              <Menu.Target><ActionIcon size={36} variant="default" aria-label="More"><IconDots size={16} /></ActionIcon></Menu.Target>
              <Menu.Dropdown>
                <Menu.Item leftSection={<IconPlus size={16} />} onClick={() => setDialog({ kind: 'tab', add: true })}>Add tab</Menu.Item>
                <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => setDialog({ kind: 'tab', add: false })}>Edit this tab</Menu.Item>
                <Menu.Item leftSection={<IconHistory size={16} />} onClick={() => setDialog({ kind: 'history' })}>Revisions</Menu.Item>
                <Menu.Item leftSection={<IconTrash size={16} />} c="var(--d-bad)" disabled={!project.can['dashboard.delete']} onClick={() => setDialog({ kind: 'delete' })}>
                  Delete dashboard{project.can['dashboard.delete'] ? '' : ' (owners only)'}
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
            <Button variant="default" onClick={leave}>{dirty ? 'Discard' : 'Close'}</Button>
            <GuardedButton reason={!draft.title.trim() ? 'A dashboard needs a title.' : dirty ? null : 'Nothing has been changed.'} loading={save.busy} onClick={() => save.save()}>Save</GuardedButton>
          </Group>
        </div>
        {newer && <Text c="var(--d-warn)" mb={12}>{stored.updated_by?.name ?? 'Someone'} has saved a newer revision meanwhile. You will see both when you save.</Text>}
        <TabBar tabs={draft.tabs} active={tab.id} onSelect={(id) => void navigate({ search: (before) => ({ ...before, tab: id }) })} />
        <Chips widgets={tab.filters} state={filters.state} onRemove={(id) => filters.change(id, null)} />
        {tab.components.length === 0 ? (
          <Empty icon={<IconLayoutDashboard />} action={<Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setDialog({ kind: 'build', component: null })}>Add the first component</Button>}>
            A component is a figure, a card, a table or a text.
          </Empty>
        ) : (
          <EditGrid components={tab.components} onArrange={(next) => setComponents(() => next)}>
            {(component) => (
              <ComponentFrame
                project={project.id}
                component={component}
                rendered={render.state[component.id]}
                filters={filters.filters}
                widgets={tab.filters}
                collections={filters.collections}
                book={book}
                onRetry={() => render.retry(component.id)}
                onOpen={(view, opened) => setDialog({ kind: 'lens', view, component: opened })}
                handle={
                  <button type="button" className={own.grip} aria-label={`Move ${component.title || 'text'}: arrow keys move, Shift and arrow keys resize`} onKeyDown={(event) => move(component, event)}>
                    <IconGripVertical size={16} aria-hidden />
                  </button>
                }
                menu={
                  <>
                    <Menu.Divider />
                    <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => setDialog({ kind: 'build', component })}>Edit component</Menu.Item>
                    <Menu.Item leftSection={<IconResize size={16} />} onClick={() => setDialog({ kind: 'position', component })}>Position and size</Menu.Item>
                    <Menu.Item leftSection={<IconCopy size={16} />} onClick={() => duplicate(component)}>Duplicate</Menu.Item>
                    <Menu.Item leftSection={<IconTrash size={16} />} c="var(--d-bad)" onClick={() => remove(component)}>Remove</Menu.Item>
                  </>
                }
              />
            )}
          </EditGrid>
        )}
      </div>
      {dialog?.kind === 'build' && (
        <Suspense fallback={null}>
          <Builder
            project={project}
            collections={filters.collections}
            component={dialog.component}
            saved={base.tabs.flatMap((item) => item.components).find((item) => item.id === dialog.component?.id)}
            filters={filters.filters}
            onClose={close}
            onApply={(component) => {
              setComponents((before) =>
                before.some((item) => item.id === component.id)
                  ? before.map((item) => (item.id === component.id ? component : item))
                  : [...before, { ...component, layout: freePlace(before, component.layout.w, component.layout.h) }],
              );
              close();
            }}
          />
        </Suspense>
      )}
      {dialog?.kind === 'position' && <PositionForm component={dialog.component} onClose={close} onPlace={(layout) => setComponents((before) => place(before, dialog.component.id, layout))} />}
      {dialog?.kind === 'filter' && (
        <FilterForm
          collections={filters.collections}
          widget={dialog.widget}
          onClose={close}
          onApply={(widget) => {
            filters.change(widget.id, null);
            applyTab(tab.id, (before) => ({ ...before, filters: before.filters.some((item) => item.id === widget.id) ? before.filters.map((item) => (item.id === widget.id ? widget : item)) : [...before.filters, widget] }));
          }}
          onRemove={
            dialog.widget
              ? () => {
                  const id = dialog.widget?.id ?? '';
                  filters.change(id, null);
                  applyTab(tab.id, (before) => ({ ...before, filters: before.filters.filter((item) => item.id !== id) }));
                }
              : undefined
          }
        />
      )}
      {dialog?.kind === 'tab' && (
        <TabForm
          tab={dialog.add ? null : tab}
          onClose={close}
          onApply={(title) => {
            if (!dialog.add) return applyTab(tab.id, (before) => ({ ...before, title }));
            const id = newId('tab');
            apply((before) => ({ ...before, tabs: [...before.tabs, { id, title, filters: [], components: [] }] }));
            void navigate({ search: (before) => ({ ...before, tab: id }) });
          }}
          onRemove={!dialog.add && draft.tabs.length > 1 ? () => apply((before) => ({ ...before, tabs: before.tabs.filter((item) => item.id !== tab.id) })) : undefined}
        />
      )}
      <RevisionsDrawer project={project.id} dashboard={base} opened={dialog?.kind === 'history'} onClose={close} onReverted={(next) => rebase(next)} />
      {dialog?.kind === 'lens' && (
        <Lens project={project.id} view={dialog.view} component={dialog.component} line={render.state[dialog.component.id]?.line} filters={filters.filters} collections={filters.collections} book={book} onClose={close} />
      )}
      <ConfirmDialog opened={dialog?.kind === 'delete'} onClose={close} title="Delete dashboard" verb="Delete dashboard" name={base.title} busy={save.deleting} onConfirm={save.remove}>
        The dashboard and its revisions will be gone. The collections stay. This cannot be undone.
      </ConfirmDialog>
      {save.conflict && (
        <ConflictDialog
          base={base}
          mine={draft}
          theirs={save.conflict}
          busy={save.busy}
          onClose={save.dismiss}
          onCopy={save.copy}
          onOverwrite={save.overwrite}
          onKeepTheirs={save.keepTheirs}
        />
      )}
      <ConfirmDialog opened={blocker.status === 'blocked'} onClose={() => blocker.reset?.()} title="Discard your edits" verb="Discard edits" onConfirm={() => blocker.proceed?.()}>
        What you have changed since revision {base.revision} has not been saved.
      </ConfirmDialog>
    </div>
  );
}
