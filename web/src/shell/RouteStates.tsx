/** What stands in for a page that loads, failed or does not exist. */
import { Skeleton, Stack } from '@mantine/core';
import { IconCompass } from '@/icons';
import { useRouter, type ErrorComponentProps } from '@tanstack/react-router';
import { ApiError } from '@/api/problem';
import { Empty } from '@/parts/Empty';
import { Page } from '@/parts/Page';
import { ProblemPanel } from '@/parts/ProblemPanel';
import { LinkButton } from './NavLink';

export function NotFound() {
  return (
    <Page title="Not found">
      <Empty icon={<IconCompass />} action={<LinkButton to="/projects" variant="default">Go to projects</LinkButton>}>
        There is nothing at this address. It may have been deleted, or it was never shared with you.
      </Empty>
    </Page>
  );
}

export function RouteError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  if (error instanceof ApiError && error.status === 404) return <NotFound />;
  return (
    <Page title="This page cannot be shown">
      <ProblemPanel
        error={error}
        onRetry={() => {
          reset();
          void router.invalidate();
        }}
      />
    </Page>
  );
}

export function RoutePending() {
  return (
    <div style={{ maxWidth: 1120, margin: '0 auto', padding: 24 }} role="status" aria-busy="true" aria-label="Loading">
      <Stack gap={16}>
        <Skeleton height={28} width={240} />
        <Skeleton height={20} width={360} />
        <Skeleton height={280} mt={16} />
      </Stack>
    </div>
  );
}
