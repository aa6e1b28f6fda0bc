import type { Dashboard } from '@/api/types';

/** Says in a few words for whom a narrowed dashboard is. */
export function narrowedWords({ narrowing }: Pick<Dashboard, 'narrowing'>): string | null {
  if (!narrowing) return null;
  if (narrowing.to === 'editors') return 'Only editors and owners of the project see this dashboard.';
  const names = [...narrowing.users, ...narrowing.groups].map((one) => one.name).filter(Boolean);
  return names.length === 0 ? 'Only owners of the project see this dashboard.' : `Only owners and these see this dashboard: ${names.join(', ')}.`;
}
