/** Giving roles in a project and taking them back: to people, to groups, to everyone. */
import { api, path } from '@/api/client';
import { ApiError } from '@/api/problem';
import type { Member, ProjectRole } from '@/api/types';
import { failed } from '@/parts/notify';
import { refusal } from './reasons';

type Who = Pick<Member, 'kind' | 'id'>;

export const EVERYONE: Who = { kind: 'anyone', id: 'anyone' };

export function memberPath(project: string, { kind, id }: Who): string {
  if (kind === 'anyone') return path`/projects/${project}/members/anyone`;
  return path`/projects/${project}/members/${kind === 'user' ? 'users' : 'groups'}/${id}`;
}

export function setRole(project: string, member: Who, role: ProjectRole) {
  return api.put<Member>(memberPath(project, member), { role });
}

export function removeMember(project: string, member: Who) {
  return api.delete(memberPath(project, member));
}

const WORDS: Record<string, string> = {
  last_owner: 'A project always keeps one person who owns it. Make someone else an owner first.',
  public_projects_off: 'Public projects are switched off. An administrator has to switch them on in the settings.',
};

export function explain(title: string, error: unknown): void {
  const detail = error instanceof ApiError ? (refusal(error.problem.because) ?? WORDS[error.code ?? '']) : undefined;
  failed(title, error instanceof ApiError && detail ? new ApiError({ ...error.problem, detail }) : error);
}
