/** The frame of a page: title, what it is, its actions, at most 1,120 px wide unless it is a dashboard. */
import { Group, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';
import classes from './parts.module.css';

interface Props {
  title: string;
  description?: ReactNode;
  mark?: ReactNode;
  actions?: ReactNode;
  wide?: boolean;
  children: ReactNode;
}

export function Page({ title, description, mark, actions, wide, children }: Props) {
  useDocumentTitle(`${title} · Depictio`);
  return (
    <div className={classes.page} data-wide={wide || undefined}>
      <header className={classes.pageHeader}>
        <div className={classes.pageTitle}>
          <Group gap={8} wrap="nowrap">
            <Title order={1} className="user-text">{title}</Title>
            {mark}
          </Group>
          {description && <Text c="dimmed" className="user-text" component="div">{description}</Text>}
        </div>
        {actions && <Group gap={8} className={classes.pageActions}>{actions}</Group>}
      </header>
      {children}
    </div>
  );
}
