/** What differs between two states of a dashboard, in words: what a conflict has to show before anyone decides. */
import type { Component, Dashboard } from '@/api/types';

export interface Change {
  what: 'added' | 'removed' | 'changed' | 'moved' | 'renamed';
  thing: string;
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

function name(component: Component): string {
  return component.title || `a ${component.content.kind}`;
}

export function changes(before: Dashboard, after: Dashboard): Change[] {
  const list: Change[] = [];
  if (before.title !== after.title) list.push({ what: 'renamed', thing: `dashboard: “${before.title}” to “${after.title}”` });
  const oldTabs = new Map(before.tabs.map((tab) => [tab.id, tab]));
  const newTabs = new Map(after.tabs.map((tab) => [tab.id, tab]));
  for (const tab of after.tabs) {
    const old = oldTabs.get(tab.id);
    if (!old) list.push({ what: 'added', thing: `tab “${tab.title}”` });
    else if (old.title !== tab.title) list.push({ what: 'renamed', thing: `tab “${old.title}” to “${tab.title}”` });
    const oldFilters = new Map((old?.filters ?? []).map((widget) => [widget.id, widget]));
    for (const widget of tab.filters) {
      const was = oldFilters.get(widget.id);
      if (!was) list.push({ what: 'added', thing: `filter “${widget.label}”` });
      else if (!same(was, widget)) list.push({ what: 'changed', thing: `filter “${widget.label}”` });
      oldFilters.delete(widget.id);
    }
    for (const widget of oldFilters.values()) list.push({ what: 'removed', thing: `filter “${widget.label}”` });
  }
  for (const tab of before.tabs) if (!newTabs.has(tab.id)) list.push({ what: 'removed', thing: `tab “${tab.title}”` });

  const components = (dashboard: Dashboard) => new Map(dashboard.tabs.flatMap((tab) => tab.components.map((component) => [component.id, { component, tab: tab.id }] as const)));
  const oldOnes = components(before);
  const newOnes = components(after);
  for (const [id, { component, tab }] of newOnes) {
    const old = oldOnes.get(id);
    if (!old) list.push({ what: 'added', thing: `“${name(component)}”` });
    else if (!same(old.component.content, component.content) || old.component.title !== component.title) list.push({ what: 'changed', thing: `“${name(component)}”` });
    else if (old.tab !== tab || !same(old.component.layout, component.layout)) list.push({ what: 'moved', thing: `“${name(component)}”` });
  }
  for (const [id, { component }] of oldOnes) if (!newOnes.has(id)) list.push({ what: 'removed', thing: `“${name(component)}”` });
  return list;
}

export function isDirty(before: Dashboard, after: Dashboard): boolean {
  return before.title !== after.title || !same(before.tabs, after.tabs);
}
