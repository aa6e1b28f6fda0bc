/** What became of the mail that a link was sent by. */
import { Text } from '@mantine/core';
import type { MadeLink } from '@/api/types';

const WORDS: Record<MadeLink['mailed'], string | null> = {
  sent: 'It was also sent by mail.',
  failed: 'The mail could not be sent: hand the link on yourself. The server’s log says why.',
  off: null,
};

export function Mailed({ made }: { made: MadeLink }) {
  const words = WORDS[made.mailed];
  return words && <Text role="status">{words}</Text>;
}
