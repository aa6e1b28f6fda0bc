import { Button, Group, Modal, Stack, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '@/api/client';
import { fieldError } from '@/api/problem';
import { keys } from '@/api/queries';
import type { Project } from '@/api/types';
import { done } from '@/parts/notify';
import { ProblemPanel } from '@/parts/ProblemPanel';

export function CreateProject({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const client = useQueryClient();
  const navigate = useNavigate();
  const create = useMutation({
    mutationFn: () => api.post<Project>('/projects', { name: name.trim(), ...(description.trim() ? { description: description.trim() } : {}) }),
    onSuccess: async (project) => {
      await client.invalidateQueries({ queryKey: keys.projects });
      done('Project created');
      await navigate({ to: '/projects/$project/collections', params: { project: project.id } });
    },
  });
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Create project"
      onExitTransitionEnd={() => {
        setName('');
        setDescription('');
        create.reset();
      }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <Stack gap={16}>
          <TextInput label="Name" required maxLength={200} data-autofocus value={name} onChange={(event) => setName(event.currentTarget.value)} error={fieldError(create.error, 'name')} />
          <Textarea label="Description" autosize minRows={2} maxRows={6} value={description} onChange={(event) => setDescription(event.currentTarget.value)} error={fieldError(create.error, 'description')} />
          {create.isError && <ProblemPanel error={create.error} title="The project was not created" unchanged compact />}
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button type="submit" loading={create.isPending} disabled={!name.trim()}>Create project</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
