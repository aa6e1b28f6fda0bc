/** Breadcrumbs, search, theme, account; for a visitor the way to sign in. */
import { Kbd } from '@mantine/core';
import { IconSearch } from '@/icons';
import { useRouterState } from '@tanstack/react-router';
import { loginSearch } from '@/account/next';
import { AccountMenu } from './AccountMenu';
import { Breadcrumbs } from './Breadcrumbs';
import { LinkButton } from './NavLink';
import { ThemeMenu } from './ThemeMenu';
import classes from './shell.module.css';

function SignIn() {
  const here = useRouterState({ select: (state) => state.location.href });
  return <LinkButton to="/login" search={loginSearch(here)} size="xs">Sign in</LinkButton>;
}

export function TopBar({ visitor, onSearch }: { visitor: boolean; onSearch: () => void }) {
  return (
    <header className={classes.bar}>
      <Breadcrumbs />
      <div className={classes.barTools}>
        {!visitor && (
          <button type="button" className={classes.search} onClick={onSearch} aria-label="Search" aria-keyshortcuts="Control+K">
            <IconSearch size={16} aria-hidden />
            <span className={classes.searchWord}>Search</span>
            <Kbd size="xs" className={classes.searchKey} aria-hidden>Ctrl K</Kbd>
          </button>
        )}
        <ThemeMenu />
        {visitor ? <SignIn /> : <AccountMenu />}
      </div>
    </header>
  );
}
