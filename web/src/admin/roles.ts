/** The roles on the server, in words. */
import type { SystemRole } from '@/api/types';

export const ROLES = [{ value: 'admin', label: 'Admin' }, { value: 'user', label: 'User' }, { value: 'viewer', label: 'Viewer' }];
export const HINTS: Record<SystemRole, string> = {
  admin: 'Acts as owner everywhere; every such act is recorded.',
  user: 'Creates projects and works in those shared with them.',
  viewer: 'Only ever looks, whatever projects grant.',
};
