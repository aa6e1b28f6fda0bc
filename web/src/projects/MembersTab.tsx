/** Who may do what in a project. */
import { Box, Button, Group, Menu, Modal, Select, Stack, Text } from '@mantine/core';
import { IconUser, IconUserPlus, IconUsers, IconUsersGroup, IconWorld } from '@/icons';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { keys, membersQuery, meQuery } from '@/api/queries';
import type { DirectoryEntry, Member, Project, ProjectRole } from '@/api/types';
import { ConfirmDialog } from '@/parts/ConfirmDialog';
import { DataTable } from '@/parts/DataTable';
import { DirectorySearch } from '@/parts/DirectorySearch';
import { plural } from '@/parts/format';
import { GuardedButton } from '@/parts/GuardedButton';
import { Mark } from '@/parts/Mark';
import { done } from '@/parts/notify';
import { ProblemPanel } from '@/parts/ProblemPanel';
import { RowsSkeleton } from '@/parts/Rows';
import { useLookAs } from '@/shell/ViewAsBar';
import classes from './projects.module.css';
import { AudienceDrawer } from './AudienceDrawer';
import { explain, removeMember, setRole } from './members';
import { OpenToEveryone } from './OpenToEveryone';
import { ROLES, roleLabel } from './roles';
import { ServiceAccounts } from './ServiceAccounts';
import { useProject, whyNot } from './useProject';
import { Why } from './Why';

const KINDS = {
  user: { icon: IconUser, label: 'Person' },
  group: { icon: IconUsersGroup, label: 'Group' },
  anyone: { icon: IconWorld, label: 'Public' },
};

export function MembersTab() {
  const project = useProject();
  const client = useQueryClient();
  const { data: me } = useQuery(meQuery);
  const { data, error, refetch } = useQuery(membersQuery(project.id));
  const [inviting, setInviting] = useState(false);
  const [audience, setAudience] = useState(false);
  const look = useLookAs();
  const [leaving, setLeaving] = useState<Member | null>(null);
  const reason = whyNot(project, 'project.members');
  const refresh = () => {
    void client.invalidateQueries({ queryKey: keys.project(project.id) });
  };
  const change = useMutation({
    mutationFn: ({ member, role }: { member: Member; role: ProjectRole }) => setRole(project.id, member, role),
    onSuccess: (_result, { member, role }) => {
      refresh();
      done(`${member.name} is now ${role}`, () => void setRole(project.id, member, member.role).then(refresh).catch((failure: unknown) => explain('The role was not changed back', failure)));
    },
    onError: (failure) => explain('The role was not changed', failure),
  });
  const remove = useMutation({
    mutationFn: (member: Member) => removeMember(project.id, member),
    onSuccess: (_result, member) => {
      setLeaving(null);
      refresh();
      done(member.kind === 'anyone' ? 'Only members see this project now' : `${member.name} was removed`, () => void setRole(project.id, member, member.role).then(refresh).catch((failure: unknown) => explain('The member was not brought back', failure)));
    },
    onError: (failure) => {
      setLeaving(null);
      explain('The member was not removed', failure);
    },
  });
  if (error) return <ProblemPanel error={error} title="The members could not be loaded" onRetry={() => void refetch()} />;
  if (!data) return <RowsSkeleton rows={3} />;
  const open = data.some((member) => member.kind === 'anyone');
  const closing = leaving?.kind === 'anyone';
  return (
    <>
      <div className={classes.toolbar}>
        <Text c="dimmed">{plural(data.filter((member) => member.kind !== 'anyone').length, 'member')}</Text>
        <Group gap={8}>
          {project.can['access.read'] && (
            <Menu>
              <Menu.Target><Button variant="default">View as</Button></Menu.Target>
              <Menu.Dropdown>
                {(['viewer', 'editor'] as const).map((role) => (
                  <Menu.Item key={role} onClick={() => void look({ project: project.id, name: project.name, role })}>{role}</Menu.Item>
                ))}
              </Menu.Dropdown>
            </Menu>
          )}
          {project.can['access.read'] && <Button variant="default" leftSection={<IconUsers size={16} aria-hidden />} onClick={() => setAudience(true)}>Who can see this</Button>}
          {!reason && !open && <OpenToEveryone project={project.id} onChanged={refresh} />}
          <GuardedButton reason={reason} why={<Why project={project.id} action="project.members" />} leftSection={<IconUserPlus size={16} aria-hidden />} onClick={() => setInviting(true)}>Add member</GuardedButton>
        </Group>
      </div>
      <DataTable label="Members" head={<><th>Name</th><th>Role</th><th data-actions><span className="visually-hidden">Actions</span></th></>}>
        {data.map((member) => {
          const { icon: Icon, label } = KINDS[member.kind];
          return (
            <tr key={`${member.kind}-${member.id}`}>
              <td>
                <Group gap={8} wrap="nowrap">
                  <Icon size={16} stroke={1.6} role="img" aria-label={label} />
                  <span className="user-text">{member.name}</span>
                  {member.id === me?.user.id && <Mark>you</Mark>}
                </Group>
              </td>
              <td style={{ width: 220 }}>
                {reason || member.kind === 'anyone' ? (
                  roleLabel(member.role)
                ) : (
                  <Select
                    size="xs"
                    w={160}
                    aria-label={`Role of ${member.name}`}
                    data={ROLES.map(({ value, label }) => ({ value, label }))}
                    value={member.role}
                    disabled={change.isPending}
                    onChange={(role) => role && role !== member.role && change.mutate({ member, role: role as ProjectRole })}
                  />
                )}
              </td>
              <td data-actions>
                {!reason && <Button size="xs" variant="subtle" color="red.8" c="var(--d-bad)" aria-label={`Remove ${member.name}`} onClick={() => setLeaving(member)}>Remove</Button>}
              </td>
            </tr>
          );
        })}
      </DataTable>
      {project.can['services.list'] && <Box mt={24}><ServiceAccounts project={project} /></Box>}
      {audience && <AudienceDrawer project={project.id} onClose={() => setAudience(false)} />}
      <AddMember project={project} members={data} opened={inviting} onClose={() => setInviting(false)} onAdded={refresh} />
      <ConfirmDialog opened={leaving !== null} onClose={() => setLeaving(null)} title={closing ? 'Close this project' : 'Remove member'} verb={closing ? 'Close project' : 'Remove member'} busy={remove.isPending} onConfirm={() => leaving && remove.mutate(leaving)}>
        {closing ? 'Only members will see this project.' : <>{leaving?.name} loses access to this project at once, unless another group gives it.</>}
      </ConfirmDialog>
    </>
  );
}

function AddMember({ project, members, opened, onClose, onAdded }: { project: Project; members: Member[]; opened: boolean; onClose: () => void; onAdded: () => void }) {
  const [entry, setEntry] = useState<DirectoryEntry | null>(null);
  const [role, setRoleChoice] = useState<ProjectRole>('viewer');
  const add = useMutation({
    mutationFn: (chosen: DirectoryEntry) => setRole(project.id, chosen, role),
    onSuccess: (_result, chosen) => {
      onAdded();
      done(`${chosen.name} is now ${role}`);
      onClose();
    },
  });
  return (
    <Modal opened={opened} onClose={onClose} title="Add member" onExitTransitionEnd={() => { setEntry(null); setRoleChoice('viewer'); add.reset(); }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (entry) add.mutate(entry);
        }}
      >
        <Stack gap={16}>
          <DirectorySearch chosen={entry} onChoose={setEntry} hide={members.map((member) => member.id)} />
          <Select
            label="Role"
            data={ROLES.map(({ value, label }) => ({ value, label }))}
            value={role}
            onChange={(next) => next && setRoleChoice(next as ProjectRole)}
            description={ROLES.find((item) => item.value === role)?.hint}
          />
          {add.isError && <ProblemPanel error={add.error} title="The member was not added" unchanged compact />}
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button type="submit" loading={add.isPending} disabled={!entry}>Add member</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
