/** A project: its dashboards, collections, members and settings. */
import { Link, Outlet } from '@tanstack/react-router';
import { useVisitor } from '@/account/useVisitor';
import { Mark, SyntheticMark } from '@/parts/Mark';
import { Page } from '@/parts/Page';
import classes from './projects.module.css';
import { useProject } from './useProject';

export function ProjectPage() {
  const project = useProject();
  const visitor = useVisitor();
  const params = { project: project.id };
  const active = { 'data-active': true, 'aria-current': 'page' } as object;
  return (
    <Page
      title={project.name}
      description={project.description}
      mark={
        <>
          {project.synthetic && <SyntheticMark />}
          {visitor ? (
            <Mark hint="Everyone who reaches this server may look at it.">public</Mark>
          ) : (
            <Mark hint={project.via_admin ? 'You see this project because you are an administrator.' : 'Your role in this project'}>
              {project.via_admin ? 'admin' : project.role}
            </Mark>
          )}
        </>
      }
    >
      <nav aria-label="Parts of the project">
        <ul className={classes.tabs}>
          <li>
            <Link to="/projects/$project" params={params} activeOptions={{ exact: true }} className={classes.tab} activeProps={active}>
              Dashboards <span className={classes.tabCount}>{project.dashboards}</span>
            </Link>
          </li>
          <li>
            <Link to="/projects/$project/collections" params={params} className={classes.tab} activeProps={active}>
              Collections <span className={classes.tabCount}>{project.collections}</span>
            </Link>
          </li>
          {project.can['members.list'] && (
            <li><Link to="/projects/$project/members" params={params} className={classes.tab} activeProps={active}>Members</Link></li>
          )}
          {project.can['project.settings'] && (
            <li><Link to="/projects/$project/settings" params={params} className={classes.tab} activeProps={active}>Settings</Link></li>
          )}
        </ul>
      </nav>
      <Outlet />
    </Page>
  );
}
