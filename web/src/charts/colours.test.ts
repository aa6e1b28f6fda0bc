import { describe, expect, it } from 'vitest';
import { ColourBook, OKABE_ITO, OKABE_ITO_DARK, paint } from './colours';

const colourOf = (trace: Record<string, unknown> | undefined) => (trace?.marker as { color?: unknown } | undefined)?.color;

describe('paint', () => {
  it('gives one value one colour in every figure of a dashboard, whatever the order', () => {
    const book = new ColourBook();
    const first = paint([{ type: 'box', name: 'Gentoo' }, { type: 'box', name: 'Adelie' }], book, false);
    const second = paint([{ type: 'scatter', name: 'Adelie' }, { type: 'scatter', name: 'Chinstrap' }, { type: 'scatter', name: 'Gentoo' }], book, false);
    expect(colourOf(first[1])).toBe(OKABE_ITO[0]);
    expect(colourOf(second[0])).toBe(colourOf(first[1]));
    expect(colourOf(second[2])).toBe(colourOf(first[0]));
    expect(colourOf(second[1])).toBe(OKABE_ITO[2]);
  });

  it('replaces what a library chose by default and leaves what the author chose', () => {
    const book = new ColourBook();
    const [byDefault, byAuthor, byData] = paint(
      [{ type: 'bar', marker: { color: '#636EFA' } }, { type: 'bar', marker: { color: 'crimson' } }, { type: 'scatter', marker: { color: [1, 2, 3] } }],
      book,
      false,
    );
    expect(colourOf(byDefault)).toBe(OKABE_ITO[0]);
    expect(colourOf(byAuthor)).toBe('crimson');
    expect(colourOf(byData)).toEqual([1, 2, 3]);
  });

  it('keeps the place of a colour on the dark theme', () => {
    const book = new ColourBook();
    book.learn(['b', 'a']);
    expect(book.colour('a', true)).toBe(OKABE_ITO_DARK[0]);
    expect(book.colour('b', true)).toBe(OKABE_ITO_DARK[1]);
  });
});
