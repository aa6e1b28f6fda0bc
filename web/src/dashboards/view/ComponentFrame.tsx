/** The frame of one component: title, its corner, its content in every state. */
import { ActionIcon, Menu, Popover, Skeleton, Text, Tooltip } from '@mantine/core';
import { IconArrowsMaximize, IconCut, IconDots, IconDownload, IconInfoCircle, IconPhoto, IconTable } from '@/icons';
import { useCallback, useRef, useState, type ReactNode } from 'react';
import type { Collection, Component, Filter, Widget } from '@/api/types';
import type { ColourBook } from '@/charts/colours';
import { loadPlotly } from '@/charts/plotly';
import { Mark } from '@/parts/Mark';
import { ProblemPanel } from '@/parts/ProblemPanel';
import { ApiError } from '@/api/problem';
import classes from '../dashboards.module.css';
import { Details } from './Details';
import { ResultView } from './ResultView';
import type { Rendered } from './useRender';

export interface FrameProps {
  project: string;
  component: Component;
  rendered: Rendered | undefined;
  filters: Filter[];
  widgets: Widget[];
  collections: Collection[];
  book: ColourBook;
  onRetry: () => void;
  onOpen: (view: 'data' | 'full', component: Component) => void;
  onExport?: (component: Component) => void;
  /** Edit mode's handle and menu entries. */
  handle?: ReactNode;
  menu?: ReactNode;
}

export function ComponentFrame(props: FrameProps) {
  const { project, component, rendered, filters, widgets, collections, book, onRetry, onOpen, onExport, handle, menu } = props;
  const [details, setDetails] = useState(false);
  const plot = useRef<HTMLElement | null>(null);
  const onFigure = useCallback((root: HTMLElement | null) => {
    plot.current = root;
  }, []);
  const { content } = component;
  const line = rendered?.line;
  const loading = rendered?.loading ?? true;
  const isFigure = content.kind === 'figure' || content.kind === 'code';
  const hasData = content.kind !== 'text';

  async function savePicture() {
    if (!plot.current) return;
    const plotly = await loadPlotly();
    await plotly.downloadImage(plot.current, { format: 'png', filename: component.title || 'figure', scale: 2 });
  }

  return (
    <article className={classes.component} data-kind={content.kind} aria-label={component.title || 'Text'} aria-busy={loading} data-component={component.id}>
      <header className={`${classes.componentHead} ${handle ? 'drag-handle' : ''}`}>
        {handle}
        {component.title ? <h2 className={`${classes.componentTitle} user-text`}>{component.title}</h2> : <span className={classes.componentTitle} />}
        {line?.truncated && <Mark tone="warn" icon={<IconCut size={12} aria-hidden />} hint="There are more rows than this component can show; some were left out.">Cut</Mark>}
        <div className={`${classes.corner} no-drag`}>
          {hasData && (
            <Popover opened={details} onChange={setDetails} position="bottom-end" shadow="md" width={300} withinPortal withRoles={false} returnFocus>
              <Popover.Target>
                <Tooltip label="About this component">
                  <ActionIcon size="sm" aria-label={`About ${component.title}`} aria-expanded={details} onClick={() => setDetails(!details)}>
                    <IconInfoCircle size={16} stroke={1.6} />
                  </ActionIcon>
                </Tooltip>
              </Popover.Target>
              <Popover.Dropdown role="dialog" aria-label={`About ${component.title}`}>
                <Details component={component} rendered={rendered} widgets={widgets} filters={filters} collections={collections} />
              </Popover.Dropdown>
            </Popover>
          )}
          <Menu>
            <Menu.Target>
              <Tooltip label="Actions">
                <ActionIcon size="sm" aria-label={`Actions for ${component.title || 'text'}`}><IconDots size={16} stroke={1.6} /></ActionIcon>
              </Tooltip>
            </Menu.Target>
            <Menu.Dropdown>
              {hasData && <Menu.Item leftSection={<IconTable size={16} />} onClick={() => onOpen('data', component)}>Show data as table</Menu.Item>}
              {hasData && onExport && <Menu.Item leftSection={<IconDownload size={16} />} onClick={() => onExport(component)}>Download data as CSV</Menu.Item>}
              {isFigure && <Menu.Item leftSection={<IconPhoto size={16} />} onClick={() => void savePicture()}>Download picture</Menu.Item>}
              <Menu.Item leftSection={<IconArrowsMaximize size={16} />} onClick={() => onOpen('full', component)}>Full screen</Menu.Item>
              {menu}
            </Menu.Dropdown>
          </Menu>
        </div>
      </header>
      {loading && line && <div className={classes.stale} role="progressbar" aria-label={`Updating ${component.title}`} />}
      <div className={classes.componentBody} data-stale={(loading && !!line) || undefined}>
        {rendered?.problem ? (
          <ProblemPanel error={new ApiError(rendered.problem)} title={codeTitle(component, rendered)} compact onRetry={onRetry} />
        ) : line?.result ? (
          <ResultView project={project} component={component} line={line} result={line.result} filters={filters} book={book} onFigure={onFigure} />
        ) : loading ? (
          <Skeleton height="100%" mih={24} />
        ) : (
          <Text c="dimmed">Nothing to show.</Text>
        )}
      </div>
    </article>
  );
}

/** For code, say where it failed; the author looks for that line. */
function codeTitle(component: Component, rendered: Rendered): string | undefined {
  const line = rendered.problem?.line;
  return component.content.kind === 'code' && line ? `The code failed at line ${line}` : undefined;
}
