/** Skeleton of a list in its final size. */
import { Skeleton, Stack } from '@mantine/core';

export function RowsSkeleton({ rows = 5, height = 44 }: { rows?: number; height?: number }) {
  return (
    <Stack gap={8} role="status" aria-busy="true" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => <Skeleton key={row} height={height} />)}
    </Stack>
  );
}
