/** The reasons of a role, in words. */
import type { Access, GrantReason, Missing, Problem } from '@/api/types';

export const SHARING_CLOSED = 'Only administrators share projects here.';

/** What gives a role: "through the group Field team". */
function source(grant: GrantReason | undefined, whose: 'their' | 'your'): string {
  switch (grant?.via) {
    case 'group':
      return `through the group ${grant.group?.name || 'that was deleted'}`;
    case 'service':
      return 'as a service account';
    case 'system':
      return 'as an administrator';
    case 'view_as':
      return 'as you look at it';
    case 'anyone':
      return 'as everyone is';
    default:
      return `by a role of ${whose} own`;
  }
}

/** "owner as an administrator" */
export function through(grant: GrantReason): string {
  return `${grant.role} ${source(grant, 'their')}`;
}

const article = (role: string) => (/^[aeo]/.test(role) ? `an ${role}` : `a ${role}`);

/** Why the reader has the role they have here. */
export function standing({ role, capped, grants }: Access): string {
  if (!role) return 'You have no role here.';
  const best = grants[0];
  const by = source(best, 'your');
  if (capped) return `You were made ${article(best?.role ?? role)} here ${by}, but your account may only look.`;
  return `You are ${article(role)} here, ${by}.`;
}

/** What would be needed. */
export function needed({ role, grants, decision }: Access): string {
  if (grants[0]?.via === 'view_as') return `Stop looking as ${article(role ?? 'viewer')} to change anything.`;
  return lacking(decision?.missing ?? []);
}

/** Why something was refused, where no role in the project would have helped. */
export function refusal(because: Problem['because']): string | undefined {
  return because?.reason === 'sharing_closed' ? SHARING_CLOSED : undefined;
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
