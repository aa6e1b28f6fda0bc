/** Name, description, and the end of a project. */
import { Group, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, path } from '@/api/client';
import { fieldError } from '@/api/problem';
import { keys } from '@/api/queries';
import type { Project } from '@/api/types';
import { ConfirmDialog } from '@/parts/ConfirmDialog';
import { plural } from '@/parts/format';
import { GuardedButton } from '@/parts/GuardedButton';
import { done, failed } from '@/parts/notify';
import { ProblemPanel } from '@/parts/ProblemPanel';
import { CodeLimitsForm } from './CodeLimitsForm';
import classes from './projects.module.css';
import { Usage } from './Usage';
import { useProject, whyNot } from './useProject';

export function SettingsTab() {
  const project = useProject();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState(project.name);
  const [description, setDescription] = useState(project.description ?? '');
  const [deleting, setDeleting] = useState(false);
  const reason = whyNot(project, 'project.settings');
  const save = useMutation({
    mutationFn: () => api.patch<Project>(path`/projects/${project.id}`, { name: name.trim(), description: description.trim() }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.project(project.id) });
      void client.invalidateQueries({ queryKey: keys.projects });
      done('Settings saved');
    },
  });
  const remove = useMutation({
    mutationFn: () => api.delete(path`/projects/${project.id}`),
    onSuccess: async () => {
      done('Project deleted');
      await navigate({ to: '/projects' });
      client.removeQueries({ queryKey: keys.project(project.id) });
      void client.invalidateQueries({ queryKey: keys.projects });
    },
    onError: (error) => failed('The project was not deleted', error),
  });
  const changed = name.trim() !== project.name || description.trim() !== (project.description ?? '');
  return (
    <>
      <form className={classes.section} onSubmit={(event) => { event.preventDefault(); save.mutate(); }}>
        <Title order={2}>Name and description</Title>
        <TextInput label="Name" required maxLength={200} value={name} onChange={(event) => setName(event.currentTarget.value)} error={fieldError(save.error, 'name')} maw={480} />
        <Textarea label="Description" autosize minRows={3} value={description} onChange={(event) => setDescription(event.currentTarget.value)} error={fieldError(save.error, 'description')} maw={640} />
        {save.isError && <ProblemPanel error={save.error} title="The settings were not saved" unchanged compact />}
        <Group><GuardedButton type="submit" reason={reason ?? (changed ? null : 'Nothing has been changed.')} loading={save.isPending}>Save</GuardedButton></Group>
      </form>
      <Usage project={project} />
      <CodeLimitsForm project={project} />
      <section className={classes.section} aria-labelledby="delete-project">
        <Stack gap={4}>
          <Title order={2} id="delete-project">Delete project</Title>
          <Text c="dimmed">Its {plural(project.collections ?? 0, 'collection')} and {plural(project.dashboards ?? 0, 'dashboard')} are deleted with it.</Text>
        </Stack>
        <Group>
          <GuardedButton variant="default" c="var(--d-bad)" reason={whyNot(project, 'project.delete')} onClick={() => setDeleting(true)}>Delete project</GuardedButton>
        </Group>
      </section>
      <ConfirmDialog opened={deleting} onClose={() => setDeleting(false)} title="Delete project" verb="Delete project" name={project.name} busy={remove.isPending} onConfirm={() => remove.mutate()}>
        Every table, version and dashboard of this project will be gone. This cannot be undone.
      </ConfirmDialog>
    </>
  );
}
