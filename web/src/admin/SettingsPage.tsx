/** What an administrator decides for the whole server. */
import { Select, Switch, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { registrationQuery, settingsQuery } from '@/api/queries';
import type { Settings } from '@/api/types';
import { done, failed } from '@/parts/notify';
import { Page } from '@/parts/Page';
import { ProblemPanel } from '@/parts/ProblemPanel';
import { RowsSkeleton } from '@/parts/Rows';
import section from '@/projects/projects.module.css';
import { ProjectLimitsForm } from './ProjectLimitsForm';

const REGISTRATION = [
  { value: 'closed', label: 'Closed. Administrators make accounts.' },
  { value: 'invite', label: 'By invitation. People with an invitation make their own account.' },
  { value: 'open', label: 'Open. Anyone who reaches the server can make an account.' },
];
const SHARING = [
  { value: 'owners', label: 'Owners of a project share it' },
  { value: 'admins', label: 'Only administrators share projects' },
];

export function SettingsPage() {
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(settingsQuery);
  const save = useMutation({
    mutationFn: (part: Partial<Settings>) => api.patch<Settings>('/settings', part),
    onSuccess: (next) => {
      client.setQueryData(settingsQuery.queryKey, next);
      // What may be done in projects, and who may come in, follows from them.
      void client.invalidateQueries({ queryKey: ['project'] });
      void client.invalidateQueries({ queryKey: registrationQuery.queryKey });
      done('Settings saved');
    },
    onError: (failure) => failed('The settings were not saved', failure),
  });
  return (
    <Page title="Settings" description="For the whole server.">
      {error ? (
        <ProblemPanel error={error} title="The settings could not be loaded" onRetry={() => void refetch()} />
      ) : !data ? (
        <RowsSkeleton rows={3} height={120} />
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
            <Select
              label="New accounts"
              description="The configuration of the server gives the value it starts with."
              data={REGISTRATION}
              value={data.registration}
              onChange={(next) => next && next !== data.registration && save.mutate({ registration: next as Settings['registration'] })}
              maw={560}
            />
          </section>
          <section className={section.section} aria-labelledby="sharing">
            <Title order={2} id="sharing">Sharing</Title>
            <Select
              label="Roles in projects"
              description="Whoever shares a project gives roles in it and makes its service accounts."
              data={SHARING}
              value={data.sharing}
              onChange={(next) => next && next !== data.sharing && save.mutate({ sharing: next as Settings['sharing'] })}
              maw={560}
            />
          </section>
          <ProjectLimitsForm key={JSON.stringify(data.project_limits)} settings={data} />
        </>
      )}
    </Page>
  );
}
