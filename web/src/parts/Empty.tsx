/** Nothing here yet: one sentence and the one action that helps. */
import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './parts.module.css';

export function Empty({ icon, children, action }: { icon?: ReactNode; children: ReactNode; action?: ReactNode }) {
  return (
    <div className={classes.empty}>
      {icon && <div className={classes.emptyIcon} aria-hidden>{icon}</div>}
      <Text c="dimmed" maw={440}>{children}</Text>
      {action}
    </div>
  );
}
