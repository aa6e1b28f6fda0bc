/** When a token ends, and when and from where it was last used. */
import type { Token } from '@/api/types';
import { Mark } from '@/parts/Mark';
import { RelativeTime } from '@/parts/RelativeTime';

export function Expires({ time }: { time: string }) {
  return Date.parse(time) > Date.now() ? <RelativeTime time={time} /> : <Mark tone="warn">expired</Mark>;
}

export function LastUsed({ of: { last_used_at, last_used_from } }: { of: Pick<Token, 'last_used_at' | 'last_used_from'> }) {
  return last_used_at ? <span title={last_used_from ?? undefined}><RelativeTime time={last_used_at} /></span> : 'never';
}
