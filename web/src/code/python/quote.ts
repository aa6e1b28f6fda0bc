/** Text as Python source. Column names come from people's files and hold quotes, backslashes, line ends, anything. */

const SHORT: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The inside of a string between `mark`s. Letters of any script stay as they are; what cannot be seen is escaped. */
export function inside(text: string, mark: '"' | "'"): string {
  let out = '';
  for (const letter of text) {
    const code = letter.codePointAt(0) ?? 0;
    if (letter === mark) out += `\\${mark}`;
    else if (SHORT[letter]) out += SHORT[letter];
    // Control characters, line separators, direction marks, zero widths, halves of pairs.
    else if (code < 0x20 || (code >= 0x7f && code < 0xa0)) out += `\\x${code.toString(16).padStart(2, '0')}`;
    else if (/[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(letter)) out += code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
    else out += letter;
  }
  return out;
}

export function quote(text: string): string {
  return `"${inside(text, '"')}"`;
}

/** `["a", "b"]` */
export function quoteList(texts: readonly string[]): string {
  return `[${texts.map(quote).join(', ')}]`;
}

/** What a literal without prefix holds; the escapes that `inside` writes, and those that people do. */
export function unquote(literal: string): string | null {
  const mark = /^("""|'''|"|')/.exec(literal)?.[1];
  if (!mark) return null;
  const body = literal.endsWith(mark) && literal.length >= 2 * mark.length ? literal.slice(mark.length, -mark.length) : literal.slice(mark.length);
  return body.replaceAll(/\\(?:\r?\n|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\\'"nrt]))/g, (whole, two?: string, four?: string, eight?: string, one?: string) => {
    const hex = two ?? four ?? eight;
    if (hex !== undefined) {
      const code = Number.parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    }
    if (one === undefined) return '';
    return { n: '\n', r: '\r', t: '\t' }[one] ?? one;
  });
}
