import { Avatar, Menu, Text, UnstyledButton } from '@mantine/core';
import { IconDevices, IconKey, IconLogout } from '@/icons';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { meQuery } from '@/api/queries';
import { useSignOut } from '@/account/signOut';

export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  return ((words[0]?.[0] ?? '?') + (words.length > 1 ? (words.at(-1)?.[0] ?? '') : '')).toUpperCase();
}

export function AccountMenu() {
  const { data: me } = useQuery(meQuery);
  const navigate = useNavigate();
  const signOut = useSignOut();
  const name = me?.user.display_name ?? '';
  return (
    <Menu width={240}>
      <Menu.Target>
        <UnstyledButton aria-label={`Account of ${name}`} style={{ borderRadius: 16 }}>
          <Avatar size={32} radius={16} color="accent" variant="light">{initials(name)}</Avatar>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <div style={{ padding: '8px 12px' }}>
          <Text fw={600} className="user-text">{name}</Text>
          <Text size="xs" c="dimmed" className="user-text">{me?.user.email}</Text>
        </div>
        <Menu.Divider />
        <Menu.Item leftSection={<IconDevices size={16} />} onClick={() => void navigate({ to: '/account' })}>Sessions</Menu.Item>
        <Menu.Item leftSection={<IconKey size={16} />} onClick={() => void navigate({ to: '/account', hash: 'password' })}>Change password</Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut()}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
