/** Answers "why can I not ...?" where a control is disabled: the role and what gave it, what is needed, whom to ask. */
import { Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useVisitor } from '@/account/useVisitor';
import { accessQuery, membersQuery } from '@/api/queries';
import type { ProjectAction } from '@/api/types';
import { needed, standing } from './reasons';

export function Why({ project, action }: { project: string; action: ProjectAction }) {
  const { data, isError } = useQuery(accessQuery(project, action));
  const visitor = useVisitor();
  const { data: members } = useQuery({ ...membersQuery(project), enabled: !visitor });
  if (isError) return null;
  if (!data) return <Text size="sm" c="dimmed">Looking up why</Text>;
  // An owner who may not is helped by no other owner.
  const owners = data.role === 'owner' ? [] : (members ?? []).filter((member) => member.role === 'owner').map((member) => member.name).filter(Boolean);
  return (
    <Stack gap={4}>
      <Text size="sm" className="user-text">{standing(data)}</Text>
      <Text size="sm">{needed(data)}</Text>
      {owners.length > 0 && <Text size="sm" c="dimmed" className="user-text">Owners: {owners.join(', ')}</Text>}
    </Stack>
  );
}
