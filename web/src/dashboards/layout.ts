/** The geometry of a dashboard: 12 columns, rows of 40 px, gaps of 12. View and editor share it, so nothing jumps. */
import type { Component, Layout } from '@/api/types';

export const COLUMNS = 12;
export const ROW_PX = 40;
export const GAP_PX = 12;

export function overlaps(a: Layout, b: Layout): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

export function clampLayout(layout: Layout): Layout {
  const w = Math.max(1, Math.min(COLUMNS, Math.round(layout.w)));
  return {
    w,
    h: Math.max(1, Math.round(layout.h)),
    x: Math.max(0, Math.min(COLUMNS - w, Math.round(layout.x))),
    y: Math.max(0, Math.round(layout.y)),
  };
}

/** Reading order: top to bottom, then left to right; also the order of the single column on a phone. */
export function inOrder<T extends { layout: Layout }>(items: T[]): T[] {
  return [...items].sort((a, b) => a.layout.y - b.layout.y || a.layout.x - b.layout.x);
}

/** Moves everything up as far as it goes without overlap, as the editor's grid does while dragging. */
export function compact(components: Component[]): Component[] {
  const placed: Component[] = [];
  for (const component of inOrder(components)) {
    const layout = clampLayout(component.layout);
    while (layout.y > 0 && !placed.some((other) => overlaps({ ...layout, y: layout.y - 1 }, other.layout))) layout.y -= 1;
    while (placed.some((other) => overlaps(layout, other.layout))) layout.y += 1;
    placed.push({ ...component, layout });
  }
  const byId = new Map(placed.map((component) => [component.id, component]));
  return components.map((component) => byId.get(component.id) ?? component);
}

/** Where a new component goes: the first free place of its size, from the top. */
export function freePlace(components: Component[], w: number, h: number): Layout {
  const bottom = components.reduce((most, component) => Math.max(most, component.layout.y + component.layout.h), 0);
  for (let y = 0; y <= bottom; y += 1) {
    for (let x = 0; x + w <= COLUMNS; x += 1) {
      const layout = { x, y, w, h };
      if (!components.some((component) => overlaps(layout, component.layout))) return layout;
    }
  }
  return { x: 0, y: bottom, w, h };
}

/** Puts one component at a new place; what stands there moves down. */
export function place(components: Component[], id: string, wanted: Layout): Component[] {
  const layout = clampLayout(wanted);
  const moved = components.find((component) => component.id === id);
  if (!moved) return components;
  const settled: Component[] = [{ ...moved, layout }];
  for (const component of inOrder(components.filter((other) => other.id !== id))) {
    const next = { ...component.layout };
    while (settled.some((other) => overlaps(next, other.layout))) next.y += 1;
    settled.push({ ...component, layout: next });
  }
  const byId = new Map(settled.map((component) => [component.id, component]));
  return compact(components.map((component) => byId.get(component.id) ?? component));
}
