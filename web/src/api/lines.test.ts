import { describe, expect, it } from 'vitest';
import { jsonLines } from './lines';

function stream(chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(control) {
      chunks.forEach((chunk) => control.enqueue(chunk));
      control.close();
    },
  });
}

async function all(chunks: Uint8Array[]) {
  const lines: unknown[] = [];
  for await (const line of jsonLines(stream(chunks))) lines.push(line);
  return lines;
}

describe('jsonLines', () => {
  const bytes = new TextEncoder().encode('{"a":"Grün"}\n\n{"a":2}\n{"a":3}');

  it('gives the same lines however the bytes are cut, also inside a character', async () => {
    const whole = [{ a: 'Grün' }, { a: 2 }, { a: 3 }];
    expect(await all([bytes])).toEqual(whole);
    expect(await all([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(whole);
  });

  it('hands a line over before the stream ends', async () => {
    let push: (text: string) => void = () => undefined;
    const open = new ReadableStream<Uint8Array>({
      start(control) {
        push = (text) => control.enqueue(new TextEncoder().encode(text));
      },
    });
    const lines = jsonLines<{ a: number }>(open);
    push('{"a":1}\n{"a"');
    expect((await lines.next()).value).toEqual({ a: 1 });
    push(':2}\n');
    expect((await lines.next()).value).toEqual({ a: 2 });
    await lines.return(undefined);
  });

  it('fails on a line that is no JSON', async () => {
    await expect(all([new TextEncoder().encode('{"a":\n')])).rejects.toThrow(SyntaxError);
  });
});
