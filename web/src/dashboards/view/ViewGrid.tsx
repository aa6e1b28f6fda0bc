/** The grid as readers see it; plain CSS with the editor's geometry. */
import type { CSSProperties } from 'react';
import type { Component } from '@/api/types';
import { compact, inOrder } from '../layout';
import classes from '../dashboards.module.css';

export function ViewGrid({ components, children }: { components: Component[]; children: (component: Component) => React.ReactNode }) {
  return (
    <div className={classes.viewGrid}>
      {inOrder(compact(components)).map((component) => {
        const { x, y, w, h } = component.layout;
        const style = { '--x': x + 1, '--y': y + 1, '--w': w, '--h': h } as CSSProperties;
        return <div key={component.id} className={classes.cell} style={style}>{children(component)}</div>;
      })}
    </div>
  );
}
