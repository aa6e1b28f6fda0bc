/** The frame of every list that is a table: a label for assistive technology, a scroll area one can reach by keyboard. */
import type { ReactNode } from 'react';
import classes from './parts.module.css';

export function DataTable({ label, head, children }: { label: string; head: ReactNode; children: ReactNode }) {
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a wide table scrolls sideways, also by keyboard
    <div className={classes.tableWrap} tabIndex={0} role="region" aria-label={label}>
      <table className={classes.table} aria-label={label}>
        <thead>
          <tr>{head}</tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
