import { describe, expect, it } from 'vitest';
import { lineChanges } from './lineChanges';

describe('lineChanges', () => {
  it('counts lines, not letters', () => {
    expect(lineChanges('a\nb\nc', 'a\nb\nc')).toEqual({ added: 0, removed: 0 });
    expect(lineChanges('a\nb\nc', 'a\nB\nc')).toEqual({ added: 1, removed: 1 });
    expect(lineChanges('a\nc', 'a\nb\nb\nc')).toEqual({ added: 2, removed: 0 });
    expect(lineChanges('a\nb\n', '')).toEqual({ added: 0, removed: 2 });
  });
});
