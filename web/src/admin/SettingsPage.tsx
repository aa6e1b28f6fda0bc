/** What an administrator decides for the whole server. */
import { Switch, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { settingsQuery } from '@/api/queries';
import type { Settings } from '@/api/types';
import { done, failed } from '@/parts/notify';
import { Page } from '@/parts/Page';
import { ProblemPanel } from '@/parts/ProblemPanel';
import { RowsSkeleton } from '@/parts/Rows';
import section from '@/projects/projects.module.css';

const REGISTRATION: Record<string, string> = {
  closed: 'Closed. Administrators make accounts.',
  invite: 'By invitation. People with an invitation make their own account.',
  open: 'Open. Anyone who reaches the server can make an account.',
};

const registration = (value: string) => REGISTRATION[value] ?? value;

export function SettingsPage() {
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(settingsQuery);
  const save = useMutation({
    mutationFn: (part: Pick<Settings, 'public_projects'>) => api.patch<Settings>('/settings', part),
    onSuccess: (next) => {
      client.setQueryData(settingsQuery.queryKey, next);
      done('Settings saved');
    },
    onError: (failure) => failed('The settings were not saved', failure),
  });
  return (
    <Page title="Settings" description="For the whole server.">
      {error ? (
        <ProblemPanel error={error} title="The settings could not be loaded" onRetry={() => void refetch()} />
      ) : !data ? (
        <RowsSkeleton rows={2} height={120} />
      ) : (
        <>
          <section className={section.section} aria-labelledby="public">
            <Title order={2} id="public">Public projects</Title>
            <Switch
              label="Owners may open a project to anyone"
              description="Turning this off closes every public project at once."
              checked={data.public_projects}
              disabled={save.isPending}
              onChange={(event) => save.mutate({ public_projects: event.currentTarget.checked })}
            />
          </section>
          <section className={section.section} aria-labelledby="registration">
            <Title order={2} id="registration">Registration</Title>
            <Text>{registration(data.registration)}</Text>
            <Text size="xs" c="dimmed">Set by the configuration of the server, DEPICTIO_REGISTRATION.</Text>
          </section>
        </>
      )}
    </Page>
  );
}
