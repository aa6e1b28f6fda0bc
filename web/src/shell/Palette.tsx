/** Ctrl-K: projects, dashboards, collections, people and actions, by typing a part of the name. */
import { Modal, useMantineColorScheme } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconBolt, IconFolder, IconLayoutDashboard, IconTable, IconUser } from '@/icons';
import { useQueries, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useId, useMemo, useState, type KeyboardEvent } from 'react';
import { collectionsQuery, dashboardsQuery, directoryQuery, meQuery, projectsQuery } from '@/api/queries';
import { useSignOut } from '@/account/signOut';
import { rank, type Entry } from './rank';
import classes from './shell.module.css';

const ICONS = {
  Actions: IconBolt, Projects: IconFolder, Dashboards: IconLayoutDashboard, Collections: IconTable, People: IconUser,
} as const;
/** Contents are looked up for this many projects; beyond, open the project first. */
const PROJECTS_MAX = 20;

export function Palette({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal.Root opened={opened} onClose={onClose} padding={0} size={600} yOffset="12vh" centered={false}>
      <Modal.Overlay backgroundOpacity={0.4} />
      <Modal.Content aria-label="Search">
        <Modal.Body>
          <PaletteBody onClose={onClose} />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

function useEntries(search: string): Entry[] {
  const navigate = useNavigate();
  const signOut = useSignOut();
  const { setColorScheme } = useMantineColorScheme();
  const { data: me } = useQuery(meQuery);
  const { data: projects = [] } = useQuery(projectsQuery);
  const known = projects.slice(0, PROJECTS_MAX);
  const dashboards = useQueries({ queries: known.map((project) => dashboardsQuery(project.id)) });
  const collections = useQueries({ queries: known.map((project) => collectionsQuery(project.id)) });
  const [asked] = useDebouncedValue(search, 250);
  const { data: people } = useQuery({ ...directoryQuery(asked), enabled: asked.length >= 2 });

  const actions: Entry[] = [
    { id: 'go-projects', group: 'Actions', label: 'Go to projects', run: () => void navigate({ to: '/projects' }) },
    { id: 'go-dashboards', group: 'Actions', label: 'Go to dashboards', run: () => void navigate({ to: '/dashboards' }) },
    { id: 'light', group: 'Actions', label: 'Use the light theme', run: () => setColorScheme('light') },
    { id: 'dark', group: 'Actions', label: 'Use the dark theme', run: () => setColorScheme('dark') },
    { id: 'account', group: 'Actions', label: 'Open my sessions and password', run: () => void navigate({ to: '/account' }) },
    { id: 'out', group: 'Actions', label: 'Sign out', run: () => void signOut() },
  ];
  if (me?.permissions.create_project) {
    actions.unshift({ id: 'new', group: 'Actions', label: 'Create project', run: () => void navigate({ to: '/projects', search: { create: true } }) });
  }
  if (me?.permissions.admin) {
    actions.push(
      { id: 'users', group: 'Actions', label: 'Manage users', run: () => void navigate({ to: '/admin/users' }) },
      { id: 'audit', group: 'Actions', label: 'Open the audit log', run: () => void navigate({ to: '/admin/audit' }) },
    );
  }
  return [
    ...actions,
    ...projects.map((project): Entry => ({
      id: project.id, group: 'Projects', label: project.name,
      run: () => void navigate({ to: '/projects/$project', params: { project: project.id } }),
    })),
    ...known.flatMap((project, index) => (dashboards[index]?.data ?? []).map((dashboard): Entry => ({
      id: dashboard.id, group: 'Dashboards', label: dashboard.title, hint: project.name,
      run: () => void navigate({ to: '/projects/$project/dashboards/$dashboard', params: { project: project.id, dashboard: dashboard.id } }),
    }))),
    ...known.flatMap((project, index) => (collections[index]?.data ?? []).map((collection): Entry => ({
      id: collection.id, group: 'Collections', label: collection.name, hint: project.name,
      run: () => void navigate({ to: '/projects/$project/collections/$collection', params: { project: project.id, collection: collection.id } }),
    }))),
    ...(people?.items ?? []).map((person): Entry => ({ id: person.id, group: 'People', label: person.name, hint: person.kind })),
  ];
}

function PaletteBody({ onClose }: { onClose: () => void }) {
  const [search, setSearch] = useState('');
  const [active, setActive] = useState(0);
  const listId = useId();
  const entries = useEntries(search);
  const shown = useMemo(() => rank(entries, search), [entries, search]);
  const at = Math.min(active, shown.length - 1);

  useEffect(() => {
    document.getElementById(`${listId}-${at}`)?.scrollIntoView({ block: 'nearest' });
  }, [at, listId]);

  function choose(entry: Entry | undefined) {
    if (!entry?.run) return;
    onClose();
    entry.run();
  }

  function onKey(event: KeyboardEvent) {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step && shown.length > 0) {
      event.preventDefault();
      setActive((at + step + shown.length) % shown.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      choose(shown[at]);
    }
  }

  return (
    <div className={classes.palette}>
      <input
        className={classes.paletteInput}
        placeholder="Search projects, dashboards, collections, people, actions"
        aria-label="Search projects, dashboards, collections, people and actions"
        role="combobox"
        aria-expanded
        aria-controls={listId}
        aria-activedescendant={shown.length ? `${listId}-${at}` : undefined}
        value={search}
        onChange={(event) => {
          setSearch(event.currentTarget.value);
          setActive(0);
        }}
        onKeyDown={onKey}
        data-autofocus
      />
      <div id={listId} role="listbox" aria-label="Results" className={classes.paletteList} tabIndex={-1}>
        {shown.map((entry, index) => {
          const Icon = ICONS[entry.group];
          return (
            // The combobox above handles the keys (aria-activedescendant); options take no focus of their own.
            // eslint-disable-next-line jsx-a11y/click-events-have-key-events
            <div
              key={entry.id}
              id={`${listId}-${index}`}
              role="option"
              aria-selected={index === at}
              tabIndex={-1}
              className={classes.paletteItem}
              onMouseMove={() => setActive(index)}
              onClick={() => choose(entry)}
            >
              <Icon size={16} aria-hidden />
              <span className="user-text">{entry.label}</span>
              <span className={classes.paletteHint}>{entry.hint ?? entry.group.replace(/s$/, '')}</span>
            </div>
          );
        })}
        {shown.length === 0 && <div className={classes.paletteGroup}>Nothing is called that.</div>}
      </div>
    </div>
  );
}
