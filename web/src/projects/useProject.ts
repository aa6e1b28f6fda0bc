import { useSuspenseQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { projectQuery } from '@/api/queries';
import type { Project, ProjectAction } from '@/api/types';
import { SHARING_CLOSED } from './reasons';

/** The project of the address; the route has loaded it before the page is drawn. */
export function useProject(): Project {
  const { project } = useParams({ from: '/frame/projects/$project' });
  return useSuspenseQuery(projectQuery(project)).data;
}

const NEEDS: Partial<Record<ProjectAction, string>> = {
  'project.settings': 'Only owners of the project may change its settings.',
  'project.members': 'Only owners of the project may change its members.',
  'services.manage': 'Only owners of the project may make service accounts.',
  'project.delete': 'Only owners of the project may delete it.',
  'dashboard.narrow': 'Only owners of the project may say who sees a dashboard.',
  'dashboard.delete': 'Only owners of the project may delete dashboards.',
  'collection.delete': 'Only owners of the project may delete collections.',
  'code.write': 'Only owners and editors of the project may write code.',
};

/** What an owner always may, unless administrators have kept it for themselves. */
const SHARING: ProjectAction[] = ['project.members', 'services.manage'];

/** Why the caller may not do it; null when they may. The server decides, this only says so early. */
export function whyNot(project: Project, action: ProjectAction): string | null {
  if (project.can[action]) return null;
  if (project.role === 'owner' && SHARING.includes(action)) return SHARING_CLOSED;
  return NEEDS[action] ?? 'Only owners and editors of the project may do this.';
}
