/** The tabs of a dashboard; a single one needs no bar. */
import { Tabs } from '@mantine/core';
import type { ReactNode } from 'react';
import type { DashboardTab } from '@/api/types';

interface Props {
  tabs: DashboardTab[];
  active: string | undefined;
  onSelect: (id: string) => void;
  after?: ReactNode;
}

export function TabBar({ tabs, active, onSelect, after }: Props) {
  if (tabs.length < 2 && !after) return null;
  return (
    <Tabs value={active ?? null} onChange={(id) => id && onSelect(id)} mb={12} keepMounted={false}>
      <Tabs.List aria-label="Tabs of the dashboard">
        {tabs.map((tab) => <Tabs.Tab key={tab.id} value={tab.id}><span className="user-text">{tab.title}</span></Tabs.Tab>)}
        {after}
      </Tabs.List>
    </Tabs>
  );
}
