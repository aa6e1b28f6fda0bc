import { describe, expect, it } from 'vitest';
import type { Component, Layout } from '@/api/types';
import { clampLayout, compact, freePlace, overlaps, place } from './layout';

const component = (id: string, x: number, y: number, w: number, h: number): Component => ({ id, title: id, layout: { x, y, w, h }, content: { kind: 'text', markdown: id } });
const at = (components: Component[], id: string) => components.find((item) => item.id === id)?.layout;

function free(components: Component[]): boolean {
  return components.every((a, index) => components.every((b, other) => index >= other || !overlaps(a.layout, b.layout)));
}

describe('layout', () => {
  it('closes gaps upward without overlap and keeps the order of the document', () => {
    const result = compact([component('b', 0, 9, 6, 2), component('a', 0, 0, 12, 2), component('c', 6, 30, 6, 4)]);
    expect(result.map((item) => item.id)).toEqual(['b', 'a', 'c']);
    expect(at(result, 'b')).toEqual({ x: 0, y: 2, w: 6, h: 2 });
    expect(at(result, 'c')).toEqual({ x: 6, y: 2, w: 6, h: 4 });
  });

  it('parts what a document laid on top of each other', () => {
    expect(free(compact([component('a', 0, 0, 6, 4), component('b', 3, 1, 6, 4), component('c', 0, 0, 12, 1)]))).toBe(true);
  });

  it('finds the first free place of a size', () => {
    const components = [component('a', 0, 0, 6, 4), component('b', 9, 0, 3, 2)];
    expect(freePlace(components, 3, 2)).toEqual({ x: 6, y: 0, w: 3, h: 2 });
    expect(freePlace(components, 12, 1)).toEqual({ x: 0, y: 4, w: 12, h: 1 });
  });

  it('puts a component where it is wanted and moves others down', () => {
    const result = place([component('a', 0, 0, 6, 4), component('b', 6, 0, 6, 4)], 'b', { x: 0, y: 0, w: 6, h: 2 });
    expect(at(result, 'b')).toEqual({ x: 0, y: 0, w: 6, h: 2 });
    expect(at(result, 'a')).toEqual({ x: 0, y: 2, w: 6, h: 4 });
  });

  it('stays inside the grid', () => {
    const wild: Layout = { x: 40, y: -3, w: 90, h: 0 };
    expect(clampLayout(wild)).toEqual({ x: 0, y: 0, w: 12, h: 1 });
    expect(clampLayout({ x: 11, y: 2, w: 4, h: 3 })).toEqual({ x: 8, y: 2, w: 4, h: 3 });
  });
});
