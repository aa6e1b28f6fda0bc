/** What a run printed: scrolls, can be copied, and says when it was cut. */
import { Button, Text } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy, IconCut } from '@/icons';
import { bytes } from '@/parts/format';
import { Mark } from '@/parts/Mark';
import classes from './code.module.css';

export function Printed({ text, cut, limit }: { text: string; cut: boolean; limit: number }) {
  const clipboard = useClipboard({ timeout: 1500 });
  return (
    <section className={classes.printedPart} aria-label="Output of the run">
      <div className={classes.printedHead}>
        <Text size="xs" fw={600}>Printed text</Text>
        {cut && <Mark tone="warn" icon={<IconCut size={12} aria-hidden />} hint={`A run may print ${bytes(limit)}; what came after is left out.`}>Cut</Mark>}
        <Button
          size="compact-xs"
          variant="subtle"
          ml="auto"
          leftSection={clipboard.copied ? <IconCheck size={12} aria-hidden /> : <IconCopy size={12} aria-hidden />}
          onClick={() => clipboard.copy(text)}
        >
          {clipboard.copied ? 'Copied' : 'Copy'}
        </Button>
      </div>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolls, also by keyboard */}
      <pre className={classes.printed} role="region" aria-label="Printed text" tabIndex={0}>{text}</pre>
    </section>
  );
}
