/** JSON lines as they arrive: each line is handed over at once, however the network cuts the bytes. */

export async function* jsonLines<T>(body: ReadableStream<Uint8Array>): AsyncGenerator<T> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
      let cut = rest.indexOf('\n');
      while (cut >= 0) {
        const line = rest.slice(0, cut).trim();
        rest = rest.slice(cut + 1);
        if (line) yield JSON.parse(line) as T;
        cut = rest.indexOf('\n');
      }
      if (done) {
        if (rest.trim()) yield JSON.parse(rest) as T;
        return;
      }
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}
