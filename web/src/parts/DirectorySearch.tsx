/** Finds a colleague or a group by the start of the name; the directory tells no addresses. */
import { Combobox, Group, Loader, Text, TextInput, useCombobox } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconUser, IconUsersGroup } from '@/icons';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { directoryQuery } from '@/api/queries';
import type { DirectoryEntry } from '@/api/types';

interface Props {
  chosen: DirectoryEntry | null;
  onChoose: (entry: DirectoryEntry | null) => void;
  /** Ids that are not offered. */
  hide: string[];
  /** Offers people only. */
  people?: boolean;
}

export function DirectorySearch({ chosen, onChoose, hide, people = false }: Props) {
  const [text, setText] = useState('');
  const [asked] = useDebouncedValue(text.trim(), 200);
  const combobox = useCombobox();
  const { data, isFetching } = useQuery({ ...directoryQuery(asked), enabled: asked.length >= 1 && chosen === null });
  const found = (data?.items ?? []).filter((entry) => !hide.includes(entry.id) && (!people || entry.kind === 'user'));
  return (
    <Combobox
      store={combobox}
      onOptionSubmit={(id) => {
        const entry = found.find((item) => item.id === id) ?? null;
        onChoose(entry);
        setText(entry?.name ?? '');
        combobox.closeDropdown();
      }}
    >
      <Combobox.Target>
        <TextInput
          label={people ? 'Person' : 'Person or group'}
          placeholder="Type a name"
          data-autofocus
          autoComplete="off"
          value={text}
          rightSection={isFetching ? <Loader size={14} /> : null}
          onChange={(event) => {
            setText(event.currentTarget.value);
            onChoose(null);
            combobox.openDropdown();
            combobox.resetSelectedOption();
          }}
          onFocus={() => combobox.openDropdown()}
          onBlur={() => combobox.closeDropdown()}
        />
      </Combobox.Target>
      <Combobox.Dropdown hidden={asked === '' || chosen !== null}>
        <Combobox.Options aria-label={people ? 'People' : 'People and groups'}>
          {found.map((entry) => (
            <Combobox.Option value={entry.id} key={entry.id}>
              <Group gap={8} wrap="nowrap">
                {entry.kind === 'user' ? <IconUser size={16} aria-hidden /> : <IconUsersGroup size={16} aria-hidden />}
                <span className="user-text">{entry.name}</span>
                <Text size="xs" c="dimmed" ml="auto">{entry.kind === 'user' ? 'person' : 'group'}</Text>
              </Group>
            </Combobox.Option>
          ))}
          {found.length === 0 && <Combobox.Empty>{isFetching ? 'Looking' : 'Nobody with that name. An administrator makes accounts.'}</Combobox.Empty>}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
