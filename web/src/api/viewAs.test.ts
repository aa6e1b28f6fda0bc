import { afterEach, describe, expect, it } from 'vitest';
import { setViewAs, viewAsHeaders } from './viewAs';

describe('looking at a project as a role', () => {
  afterEach(() => setViewAs(null));

  it('marks the requests on that project and no others', () => {
    expect(viewAsHeaders('/projects/prj_1')).toEqual({});
    setViewAs({ project: 'prj_1', name: 'Birds', role: 'viewer' });
    expect(viewAsHeaders('/projects/prj_1')).toEqual({ 'depictio-view-as': 'viewer' });
    expect(viewAsHeaders('/projects/prj_1/dashboards')).toEqual({ 'depictio-view-as': 'viewer' });
    for (const route of ['/projects', '/projects/prj_10', '/projects/prj_2/dashboards', '/auth/me']) {
      expect(viewAsHeaders(route)).toEqual({});
    }
    setViewAs(null);
    expect(viewAsHeaders('/projects/prj_1')).toEqual({});
  });
});
