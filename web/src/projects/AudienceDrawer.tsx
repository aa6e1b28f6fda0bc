/** Everyone who can see a project, and through what. */
import { Drawer, Stack, Text, TextInput } from '@mantine/core';
import { IconUser, IconWorld } from '@/icons';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { audienceQuery } from '@/api/queries';
import { DataTable } from '@/parts/DataTable';
import { plural } from '@/parts/format';
import { Mark } from '@/parts/Mark';
import { ProblemPanel } from '@/parts/ProblemPanel';
import { RowsSkeleton } from '@/parts/Rows';
import { through } from './reasons';

/** A table of more rows than this is not read but searched. */
const SHOWN = 200;

export function AudienceDrawer({ project, onClose }: { project: string; onClose: () => void }) {
  const { data, error, refetch } = useQuery(audienceQuery(project));
  const [text, setText] = useState('');
  const found = (data ?? []).filter((one) => one.name.toLowerCase().includes(text.trim().toLowerCase()));
  const people = found.filter((one) => one.kind === 'user').length;
  return (
    <Drawer opened onClose={onClose} position="right" size={560} title="Who can see this project">
      {error ? (
        <ProblemPanel error={error} title="It could not be found out" onRetry={() => void refetch()} />
      ) : !data ? (
        <RowsSkeleton rows={4} />
      ) : (
        <Stack gap={16}>
          <TextInput label="Search" placeholder="A part of a name" value={text} onChange={(event) => setText(event.currentTarget.value)} />
          <Text c="dimmed" size="sm">{plural(people, 'person', 'people')}{found.length > SHOWN ? `, the first ${SHOWN} shown` : ''}</Text>
          <DataTable label="Who can see this project" head={<><th>Name</th><th>Role</th><th>Through</th></>}>
            {found.slice(0, SHOWN).map((one) => {
              const Icon = one.kind === 'user' ? IconUser : IconWorld;
              return (
                <tr key={one.id}>
                  <td className="user-text"><Icon size={16} stroke={1.6} aria-hidden /> {one.name}</td>
                  <td>{one.role} {one.capped && <Mark hint="Their account may only look, whatever they were given here.">held to viewing</Mark>}</td>
                  <td className="user-text">{one.grants.map(through).join('; ')}</td>
                </tr>
              );
            })}
          </DataTable>
        </Stack>
      )}
    </Drawer>
  );
}
