/** The reasons of a role, in words. */
import type { Access, GrantReason, Missing } from '@/api/types';

/** "owner, as an administrator" */
export function through(grant: GrantReason): string {
  switch (grant.via) {
    case 'group':
      return `${grant.role} through the group ${grant.group?.name || 'that was deleted'}`;
    case 'system':
      return `${grant.role} as an administrator`;
    case 'view_as':
      return `${grant.role} as you look at it`;
    case 'anyone':
      return `${grant.role} as everyone is`;
    default:
      return `${grant.role} by a role of their own`;
  }
}

const article = (role: string) => (/^[aeo]/.test(role) ? `an ${role}` : `a ${role}`);

/** Why the reader has the role they have here. */
export function standing({ role, capped, grants }: Access): string {
  if (!role) return 'You have no role here.';
  const best = grants[0];
  const by = !best || best.via === 'user' ? 'by a role of your own' : best.via === 'group' ? `through the group ${best.group?.name ?? ''}` : best.via === 'system' ? 'as an administrator' : best.via === 'view_as' ? 'as you look at it' : 'as everyone is';
  if (capped) return `You were made ${article(best?.role ?? role)} here ${by}, but your account may only look.`;
  return `You are ${article(role)} here, ${by}.`;
}

/** What would be needed. */
export function needed({ role, grants, decision }: Access): string {
  if (grants[0]?.via === 'view_as') return `Stop looking as ${article(role ?? 'viewer')} to change anything.`;
  return lacking(decision?.missing ?? []);
}

export function lacking(missing: Missing[]): string {
  const words = missing.map((one) => {
    if (one.missing === 'role') return `the role ${one.role} in this project, which its owners give`;
    if (one.missing === 'system_role') return one.role === 'admin' ? 'an administrator' : 'an account that may do more than look, which an administrator gives';
    if (one.missing === 'passage') return 'to be named among those this dashboard is for';
    return 'to sign in';
  });
  return words.length === 0 ? '' : `It needs ${words.join(', and ')}.`;
}
