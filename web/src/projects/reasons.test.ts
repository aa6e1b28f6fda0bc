import { describe, expect, it } from 'vitest';
import { lacking, needed, refusal, standing, through } from './reasons';

const group = { id: 'grp_1', name: 'Field team' };

describe('the reasons of a role', () => {
  it('names the group that gives it', () => {
    expect(through({ role: 'editor', via: 'group', group })).toBe('editor through the group Field team');
    expect(standing({ role: 'editor', capped: false, grants: [{ role: 'editor', via: 'group', group }] })).toBe('You are an editor here, through the group Field team.');
  });

  it('names a service account, and what everyone has', () => {
    expect(through({ role: 'editor', via: 'service' })).toBe('editor as a service account');
    expect(standing({ role: 'editor', capped: false, grants: [{ role: 'editor', via: 'service' }] })).toBe('You are an editor here, as a service account.');
    expect(standing({ role: 'viewer', capped: false, grants: [{ role: 'viewer', via: 'anyone' }] })).toBe('You are a viewer here, as everyone is.');
  });

  it('says that only administrators share, and leaves other refusals to the server', () => {
    expect(refusal({ reason: 'sharing_closed' })).toBe('Only administrators share projects here.');
    expect(refusal({ reason: 'no_grant' })).toBeUndefined();
    expect(refusal(undefined)).toBeUndefined();
  });

  it('says when the account holds somebody back', () => {
    expect(standing({ role: 'viewer', capped: true, grants: [{ role: 'owner', via: 'user' }] })).toBe('You were made an owner here by a role of your own, but your account may only look.');
    expect(lacking([{ missing: 'system_role', role: 'user' }])).toContain('an administrator gives');
  });

  it('says what is needed, and nothing when nothing is', () => {
    expect(lacking([{ missing: 'role', role: 'editor' }])).toBe('It needs the role editor in this project, which its owners give.');
    expect(lacking([])).toBe('');
    expect(needed({ role: 'viewer', capped: false, grants: [{ role: 'viewer', via: 'view_as' }] })).toBe('Stop looking as a viewer to change anything.');
  });
});
