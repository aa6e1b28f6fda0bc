import { Tooltip } from '@mantine/core';
import { exact, relative } from './format';

export function RelativeTime({ time }: { time: string }) {
  return (
    <Tooltip label={exact(time)}>
      <time dateTime={time}>{relative(time)}</time>
    </Tooltip>
  );
}
