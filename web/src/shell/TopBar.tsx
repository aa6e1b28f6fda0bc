/** Breadcrumbs, search, theme, account. */
import { Kbd } from '@mantine/core';
import { IconSearch } from '@/icons';
import { AccountMenu } from './AccountMenu';
import { Breadcrumbs } from './Breadcrumbs';
import { ThemeMenu } from './ThemeMenu';
import classes from './shell.module.css';

export function TopBar({ onSearch }: { onSearch: () => void }) {
  return (
    <header className={classes.bar}>
      <Breadcrumbs />
      <div className={classes.barTools}>
        <button type="button" className={classes.search} onClick={onSearch} aria-label="Search" aria-keyshortcuts="Control+K">
          <IconSearch size={16} aria-hidden />
          <span className={classes.searchWord}>Search</span>
          <Kbd size="xs" className={classes.searchKey} aria-hidden>Ctrl K</Kbd>
        </button>
        <ThemeMenu />
        <AccountMenu />
      </div>
    </header>
  );
}
