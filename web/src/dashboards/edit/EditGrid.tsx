/** The grid with handles. Narrow screens keep the single column; there one arranges by the position form. */
import { useMediaQuery } from '@mantine/hooks';
import ReactGridLayout, { useContainerWidth, verticalCompactor, type Layout as GridLayout } from 'react-grid-layout';
import 'react-grid-layout/css/styles.css';
import { useMemo, type ReactNode, type RefObject } from 'react';
import type { Component } from '@/api/types';
import { COLUMNS, compact, GAP_PX, ROW_PX } from '../layout';
import { ViewGrid } from '../view/ViewGrid';
import classes from './edit.module.css';

interface Props {
  components: Component[];
  onArrange: (components: Component[]) => void;
  children: (component: Component) => ReactNode;
}

export function EditGrid({ components, onArrange, children }: Props) {
  const wide = useMediaQuery('(min-width: 768px)', true, { getInitialValueInEffect: false });
  const { width, containerRef, mounted } = useContainerWidth();
  const settled = useMemo(() => compact(components), [components]);
  if (!wide) return <ViewGrid components={components}>{children}</ViewGrid>;

  function arrange(layout: GridLayout) {
    const places = new Map(layout.map((item) => [item.i, item]));
    const next = components.map((component) => {
      const item = places.get(component.id);
      return item ? { ...component, layout: { x: item.x, y: item.y, w: item.w, h: item.h } } : component;
    });
    if (JSON.stringify(next) !== JSON.stringify(components)) onArrange(next);
  }
  return (
    <div ref={containerRef as RefObject<HTMLDivElement>} className={classes.grid}>
      {mounted && (
        <ReactGridLayout
          width={width}
          layout={settled.map((component) => ({ i: component.id, ...component.layout, minW: 2, minH: 2 }))}
          gridConfig={{ cols: COLUMNS, rowHeight: ROW_PX, margin: [GAP_PX, GAP_PX], containerPadding: [0, 0] }}
          dragConfig={{ enabled: true, handle: '.drag-handle', cancel: '.no-drag' }}
          resizeConfig={{ enabled: true, handles: ['se'] }}
          compactor={verticalCompactor}
          onDragStop={(layout) => arrange(layout)}
          onResizeStop={(layout) => arrange(layout)}
        >
          {settled.map((component) => <div key={component.id} data-grid-item={component.id}>{children(component)}</div>)}
        </ReactGridLayout>
      )}
    </div>
  );
}
