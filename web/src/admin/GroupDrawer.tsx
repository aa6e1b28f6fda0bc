/** Who is in a group, for administrators and for the group's maintainers; who maintains it, for administrators. */
import { ActionIcon, Button, Drawer, Group as Row, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, path } from '@/api/client';
import { groupQuery } from '@/api/queries';
import type { DirectoryEntry, Group } from '@/api/types';
import { IconX } from '@/icons';
import { DirectorySearch } from '@/parts/DirectorySearch';
import { failed } from '@/parts/notify';
import { ProblemPanel } from '@/parts/ProblemPanel';
import { RowsSkeleton } from '@/parts/Rows';
import classes from '@/collections/collections.module.css';

interface Props {
  group: Pick<Group, 'id' | 'name'> | null;
  /** May also name maintainers. */
  administers?: boolean;
  onClose: () => void;
}

export function GroupDrawer({ group, administers = false, onClose }: Props) {
  return (
    <Drawer opened={group !== null} onClose={onClose} position="right" size={420} title={<span className="user-text">Members of {group?.name}</span>}>
      {group && <GroupPeople group={group.id} administers={administers} />}
    </Drawer>
  );
}

function GroupPeople({ group, administers }: { group: string; administers: boolean }) {
  const { data, error, refetch } = useQuery(groupQuery(group));
  if (error) return <ProblemPanel error={error} title="The group could not be loaded" onRetry={() => void refetch()} />;
  if (!data) return <RowsSkeleton rows={3} />;
  return (
    <Stack gap={24}>
      <People group={group} part="members" people={data.members ?? []} label="Members" verb="Add member" none="Nobody is in this group yet." />
      {administers && (
        <section aria-labelledby="maintainers">
          <Title order={2} size="h4" id="maintainers">Maintainers</Title>
          <Text c="dimmed" size="sm" mb={8}>They add people to this group and take them out. Its name and what projects grant it stay with others.</Text>
          <People group={group} part="maintainers" people={data.maintainers ?? []} label="Maintainers" verb="Add maintainer" none="Only administrators edit this group." />
        </section>
      )}
    </Stack>
  );
}

interface PeopleProps {
  group: string;
  part: 'members' | 'maintainers';
  people: NonNullable<Group['members']>;
  label: string;
  verb: string;
  none: string;
}

function People({ group, part, people, label, verb, none }: PeopleProps) {
  const client = useQueryClient();
  const [chosen, setChosen] = useState<DirectoryEntry | null>(null);
  // A new search field after each addition: it keeps the text of what was chosen.
  const [added, setAdded] = useState(0);
  const change = useMutation({
    mutationFn: ({ user, there }: { user: string; there: boolean }) =>
      there ? api.put(path`/groups/${group}/${part}/${user}`, {}) : api.delete(path`/groups/${group}/${part}/${user}`),
    onSuccess: () => {
      setChosen(null);
      setAdded((count) => count + 1);
      void client.invalidateQueries({ queryKey: groupQuery(group).queryKey });
    },
    onError: (failure) => failed('The group was not changed', failure),
  });
  return (
    <Stack gap={8}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (chosen) change.mutate({ user: chosen.id, there: true });
        }}
      >
        <Row align="flex-end" gap={8} wrap="nowrap">
          <div style={{ flex: 1 }}>
            <DirectorySearch key={added} people chosen={chosen} onChoose={setChosen} hide={people.map((person) => person.id)} />
          </div>
          <Button type="submit" variant="default" loading={change.isPending} disabled={!chosen}>{verb}</Button>
        </Row>
      </form>
      {people.length === 0 && <Text c="dimmed">{none}</Text>}
      <ul className={classes.files} aria-label={label}>
        {people.map((person) => (
          <li key={person.id} className={classes.file}>
            <span className="user-text">{person.display_name}</span>
            <ActionIcon ml="auto" aria-label={`Remove ${person.display_name}`} onClick={() => change.mutate({ user: person.id, there: false })}><IconX size={16} /></ActionIcon>
          </li>
        ))}
      </ul>
    </Stack>
  );
}
