/** The card that stands before the house: signing in, and what links open. */
import { Stack, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { Logo } from '@/shell/Logo';
import classes from './account.module.css';

interface Props {
  title: string;
  /** A line under the card. */
  foot?: ReactNode;
  /** What else stands there. */
  below?: ReactNode;
  children: ReactNode;
  onSubmit?: () => void;
}

export function Door({ title, foot, below, children, onSubmit }: Props) {
  useDocumentTitle(`${title} · Depictio`);
  const body = (
    <Stack gap={16}>
      <div className={classes.loginBrand}>
        <Logo size={36} />
        <Title order={1}>{title}</Title>
      </div>
      {children}
    </Stack>
  );
  return (
    <main className={classes.login}>
      {onSubmit ? (
        <form
          className={classes.loginCard}
          onSubmit={(event) => {
            event.preventDefault();
            onSubmit();
          }}
        >
          {body}
        </form>
      ) : (
        <div className={classes.loginCard}>{body}</div>
      )}
      {foot && <p className={classes.loginFoot}>{foot}</p>}
      {below}
    </main>
  );
}
