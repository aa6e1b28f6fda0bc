import { describe, expect, it } from 'vitest';
import type { Project } from '@/api/types';
import { EVERYONE, memberPath } from './members';
import { whyNot } from './useProject';

describe('members', () => {
  it('have a place by their kind', () => {
    expect(memberPath('prj_1', { kind: 'user', id: 'usr_1' })).toBe('/projects/prj_1/members/users/usr_1');
    expect(memberPath('prj_1', { kind: 'group', id: 'grp_1' })).toBe('/projects/prj_1/members/groups/grp_1');
    expect(memberPath('prj_1', EVERYONE)).toBe('/projects/prj_1/members/anyone');
  });

  it('are not said to be for owners where even an owner may not', () => {
    const project = (role: Project['role'], may: boolean) => ({ role, can: { 'project.members': may, 'services.manage': may } }) as unknown as Project;
    expect(whyNot(project('owner', false), 'project.members')).toBe('Only administrators share projects here.');
    expect(whyNot(project('owner', false), 'services.manage')).toBe('Only administrators share projects here.');
    expect(whyNot(project('editor', false), 'project.members')).toBe('Only owners of the project may change its members.');
    expect(whyNot(project('owner', true), 'project.members')).toBeNull();
  });
});
