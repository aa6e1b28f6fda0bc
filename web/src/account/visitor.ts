/** Somebody who looks at a project that is open to everyone, without having signed in. */
import type { Me } from '@/api/types';

/** Stands in the cache where the page otherwise keeps who is signed in. */
export const VISITOR: Me = {
  user: { id: 'visitor', email: '', display_name: '', role: 'viewer', disabled: false, created_at: '' },
  expires_in: Infinity,
  permissions: { create_project: false, admin: false },
};

export function isVisitor(me: Me | undefined): boolean {
  return me?.user.id === VISITOR.user.id;
}

/** The project that an address lies below; a visitor may be nowhere else. */
export function projectOf(pathname: string): string | null {
  return /^\/projects\/([^/]+)/.exec(pathname)?.[1] ?? null;
}
