/** Every project one may see. */
import { TextInput } from '@mantine/core';
import { IconFolderPlus, IconFolders, IconSearch } from '@/icons';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { meQuery, projectsQuery } from '@/api/queries';
import type { Project } from '@/api/types';
import { Empty } from '@/parts/Empty';
import { plural } from '@/parts/format';
import { GuardedButton } from '@/parts/GuardedButton';
import { Mark, SyntheticMark } from '@/parts/Mark';
import { Page } from '@/parts/Page';
import { ProblemPanel } from '@/parts/ProblemPanel';
import { RelativeTime } from '@/parts/RelativeTime';
import { RowsSkeleton } from '@/parts/Rows';
import { CreateProject } from './CreateProject';
import { DemoProgress } from './DemoProgress';
import classes from './projects.module.css';

const SEARCH_FROM = 8;

export function ProjectsPage() {
  const { create } = useSearch({ from: '/frame/projects' });
  const navigate = useNavigate();
  const { data: me } = useQuery(meQuery);
  const { data: projects, error, refetch } = useQuery(projectsQuery);
  const [search, setSearch] = useState('');
  const setCreate = (open: boolean) => void navigate({ to: '/projects', search: open ? { create: true } : {}, replace: true });
  const reason = me && !me.permissions.create_project ? 'Your account may view projects, not create them.' : null;
  const shown = (projects ?? []).filter((project) => project.name.toLowerCase().includes(search.trim().toLowerCase()));
  const button = (
    <GuardedButton reason={reason} leftSection={<IconFolderPlus size={16} aria-hidden />} onClick={() => setCreate(true)}>
      Create project
    </GuardedButton>
  );
  return (
    <Page title="Projects" description="Tables, dashboards and the people who share them." actions={button}>
      <DemoProgress />
      {projects && projects.length >= SEARCH_FROM && (
        <TextInput
          aria-label="Find a project"
          placeholder="Find a project"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          maw={320}
          mb={16}
        />
      )}
      {error ? (
        <ProblemPanel error={error} title="The projects could not be loaded" onRetry={() => void refetch()} />
      ) : !projects ? (
        <RowsSkeleton rows={4} height={92} />
      ) : projects.length === 0 ? (
        <Empty icon={<IconFolders />} action={reason ? undefined : button}>
          {reason ? 'No project has been shared with you yet. Ask a colleague to add you to one.' : 'There is no project yet. A project holds tables and the dashboards made from them.'}
        </Empty>
      ) : (
        <ul className={classes.cards} aria-label="Projects">
          {shown.map((project) => <ProjectCard key={project.id} project={project} />)}
          {shown.length === 0 && <li className={classes.none}>No project is called that.</li>}
        </ul>
      )}
      <CreateProject opened={!!create && !reason} onClose={() => setCreate(false)} />
    </Page>
  );
}

function ProjectCard({ project }: { project: Project }) {
  return (
    <li className={classes.card}>
      <div className={classes.cardHead}>
        <Link to="/projects/$project" params={{ project: project.id }} className={classes.cardLink}>{project.name}</Link>
        <span className={classes.cardMarks}>
          {project.synthetic && <SyntheticMark />}
          {project.orphaned && <Mark tone="warn" hint="None of its owners can sign in any more. Give it an owner in its members.">orphaned</Mark>}
          <Mark hint={project.via_admin ? 'You see this project because you are an administrator.' : undefined}>
            {project.via_admin ? 'admin' : project.role}
          </Mark>
        </span>
      </div>
      <p className={classes.cardText}>{project.description || 'No description.'}</p>
      <p className={classes.cardFacts}>
        {project.dashboards != null && <span>{plural(project.dashboards, 'dashboard')}</span>}
        {project.collections != null && <span>{plural(project.collections, 'collection')}</span>}
        <span>changed <RelativeTime time={project.updated_at} /></span>
      </p>
    </li>
  );
}
