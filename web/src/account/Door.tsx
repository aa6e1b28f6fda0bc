/** The card that stands before the house: signing in, and what links open. */
import { Stack, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { Logo } from '@/shell/Logo';
import classes from './account.module.css';

export function Door({ title, foot, children, onSubmit }: { title: string; foot?: ReactNode; children: ReactNode; onSubmit?: () => void }) {
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
    </main>
  );
}
