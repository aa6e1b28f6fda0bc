/** Something that is shown once: to copy, or to select by hand where the clipboard is closed to us. */
import { ActionIcon, Code, CopyButton, Group, Text, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@/icons';

export function Secret({ value, label, children }: { value: string; label: string; children: React.ReactNode }) {
  return (
    <div role="group" aria-label={label}>
      <Group gap={8} wrap="nowrap" align="center">
        <Code block fz={13} style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap', flex: 1 }}>{value}</Code>
        <CopyButton value={value}>
          {({ copied, copy }) => (
            <Tooltip label={copied ? 'Copied' : 'Copy'}>
              <ActionIcon variant="default" size="lg" aria-label={`Copy ${label.toLowerCase()}`} onClick={copy}>
                {copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
              </ActionIcon>
            </Tooltip>
          )}
        </CopyButton>
      </Group>
      <Text c="dimmed" size="sm" mt={8}>{children}</Text>
    </div>
  );
}
