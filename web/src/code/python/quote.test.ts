import { describe, expect, it } from 'vitest';
import { inside, quote, quoteList, unquote } from './quote';

describe('quote', () => {
  it('writes names from files as Python reads them', () => {
    expect(quote('mass')).toBe('"mass"');
    expect(quote('say "hi"')).toBe('"say \\"hi\\""');
    expect(quote("it's")).toBe('"it\'s"');
    expect(inside("it's", "'")).toBe("it\\'s");
    expect(quote('a\\b\nc\td')).toBe('"a\\\\b\\nc\\td"');
    expect(quote('Größe (µm) 質量 🐧')).toBe('"Größe (µm) 質量 🐧"');
    expect(quote('a\u0000b\u202ec\u2028d\u200be')).toBe('"a\\x00b\\u202ec\\u2028d\\u200be"');
    expect(quoteList(['a', '"'])).toBe('["a", "\\""]');
  });

  it('comes back as it was', () => {
    for (const text of ['', 'plain', '"', "'", '\\', '\\n', 'a\r\nb', '\\"', 'π🐧', '\u0000\u007f\u2029', '{x} %s #']) {
      expect(unquote(quote(text)), JSON.stringify(text)).toBe(text);
    }
  });

  it('reads what is still being written', () => {
    expect(unquote('"ab')).toBe('ab');
    expect(unquote("'''a'''")).toBe('a');
    expect(unquote('f"a"')).toBeNull();
  });
});
