/** The rail on the left: 56 px, opens to 220; on narrow screens it stands at the bottom. */
import { Tooltip } from '@mantine/core';
import {
  IconActivityHeartbeat, IconAdjustments, IconFolders, IconLayoutDashboard, IconLayoutSidebarLeftCollapse,
  IconLayoutSidebarLeftExpand, IconListSearch, IconUsers, IconUsersGroup,
} from '@/icons';
import { useQuery } from '@tanstack/react-query';
import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { meQuery } from '@/api/queries';
import { Logo } from './Logo';
import classes from './shell.module.css';

interface Place {
  to: LinkProps['to'];
  label: string;
  icon: ReactNode;
}

const PLACES: Place[] = [
  { to: '/projects', label: 'Projects', icon: <IconFolders size={20} stroke={1.6} aria-hidden /> },
  { to: '/dashboards', label: 'Dashboards', icon: <IconLayoutDashboard size={20} stroke={1.6} aria-hidden /> },
];
const ADMIN: Place[] = [
  { to: '/admin/users', label: 'Users', icon: <IconUsers size={20} stroke={1.6} aria-hidden /> },
  { to: '/admin/groups', label: 'Groups', icon: <IconUsersGroup size={20} stroke={1.6} aria-hidden /> },
  { to: '/admin/audit', label: 'Audit', icon: <IconListSearch size={20} stroke={1.6} aria-hidden /> },
  { to: '/admin/status', label: 'Status', icon: <IconActivityHeartbeat size={20} stroke={1.6} aria-hidden /> },
  { to: '/admin/settings', label: 'Settings', icon: <IconAdjustments size={20} stroke={1.6} aria-hidden /> },
];

export function Rail({ open, onToggle }: { open: boolean; onToggle: () => void }) {
  const { data: me } = useQuery(meQuery);
  const item = (place: Place) => (
    <li key={place.label}>
      <Tooltip label={place.label} position="right" disabled={open}>
        <Link to={place.to} className={classes.railLink} activeProps={{ 'data-active': true, 'aria-current': 'page' } as object}>
          {place.icon}
          <span className={classes.railLabel}>{place.label}</span>
        </Link>
      </Tooltip>
    </li>
  );
  const Toggle = open ? IconLayoutSidebarLeftCollapse : IconLayoutSidebarLeftExpand;
  return (
    <nav className={classes.rail} aria-label="Main">
      <Link to="/projects" className={classes.brand} aria-label="Depictio, all projects">
        <Logo />
        <span className={classes.railLabel} aria-hidden>Depictio</span>
      </Link>
      <ul className={classes.railList}>{PLACES.map(item)}</ul>
      {me?.permissions.admin && (
        <>
          <div className={classes.railHeading} id="rail-admin"><span>Admin</span></div>
          <ul className={classes.railList} aria-labelledby="rail-admin">{ADMIN.map(item)}</ul>
        </>
      )}
      <button type="button" className={classes.railToggle} onClick={onToggle} aria-expanded={open} aria-label={open ? 'Fold the rail' : 'Open the rail'}>
        <Toggle size={20} stroke={1.6} aria-hidden />
      </button>
    </nav>
  );
}
