/** The active filters, named and removable. */
import { IconX } from '@/icons';
import type { Widget } from '@/api/types';
import classes from '../dashboards.module.css';
import { describe, isEmpty, type FilterState } from './state';

export function Chips({ widgets, state, onRemove }: { widgets: Widget[]; state: FilterState; onRemove: (id: string) => void }) {
  const active = widgets.filter((widget) => !isEmpty(state[widget.id]));
  if (active.length === 0) return null;
  return (
    <ul className={classes.chips} aria-label="Active filters">
      {active.map((widget) => {
        const value = state[widget.id];
        if (!value) return null;
        const text = describe(widget, value);
        return (
          <li key={widget.id} className={classes.chip}>
            <span className="user-text">{text}</span>
            <button type="button" aria-label={`Remove filter ${text}`} onClick={() => onRemove(widget.id)}><IconX size={12} aria-hidden /></button>
          </li>
        );
      })}
    </ul>
  );
}
