/** An error as LOOK asks for it: what happened, whether anything was changed, what to do, the id to copy. */
import { ActionIcon, Button, CopyButton, Group, Text, Tooltip } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconCopy, IconRefresh } from '@/icons';
import { asProblem } from '@/api/problem';
import classes from './parts.module.css';

const ADVICE: Record<number, string> = {
  0: 'Check your connection, then try again.',
  403: 'Ask an owner of the project for the role that allows this.',
  404: 'It may have been deleted, or it was never shared with you.',
  413: 'Split the file, or ask an administrator to raise the limit.',
  429: 'Wait a moment, then try again.',
};
/** Refusals that say themselves whom to ask. */
const COMPLETE = ['sharing_closed'];

interface Props {
  error: unknown;
  /** What was being done, as the panel's title: "The table was not uploaded". */
  title?: string;
  /** Said when the request was a change that did not happen. */
  unchanged?: boolean;
  onRetry?: () => void;
  compact?: boolean;
}

export function ProblemPanel({ error, title, unchanged, onRetry, compact }: Props) {
  const problem = asProblem(error);
  const advice = COMPLETE.includes(problem.code ?? '') ? undefined : ADVICE[problem.status] ?? (problem.status >= 500 ? 'Try again. If it stays, give the request id to your administrator.' : undefined);
  const detail = problem.detail && problem.detail !== title ? problem.detail : undefined;
  return (
    <div className={classes.problem} role="alert" data-compact={compact || undefined}>
      <IconAlertTriangle size={18} aria-hidden className={classes.problemIcon} />
      <div className={classes.problemBody}>
        <Text fw={600} className="user-text">{title ?? problem.title}</Text>
        {title && problem.title !== detail && !detail && <Text className="user-text">{problem.title}</Text>}
        {detail && <Text className="user-text">{detail}</Text>}
        {(problem.errors ?? []).filter((entry) => entry.message !== detail).map((entry) => (
          <Text key={entry.pointer + entry.message} className="user-text" c="dimmed">
            {entry.pointer ? `${entry.pointer.replace(/^\//, '')}: ` : ''}{entry.message}
          </Text>
        ))}
        {unchanged && !detail?.includes('Nothing was changed') && <Text c="dimmed">Nothing was changed.</Text>}
        {advice && advice !== detail && <Text c="dimmed">{advice}</Text>}
        {(problem.request_id || onRetry) && (
          <Group gap={8} mt={8}>
            {onRetry && (
              <Button size="xs" variant="default" leftSection={<IconRefresh size={14} aria-hidden />} onClick={onRetry}>
                Try again
              </Button>
            )}
            {problem.request_id && (
              <CopyButton value={problem.request_id}>
                {({ copied, copy }) => (
                  <Group gap={4} wrap="nowrap">
                    <Text size="xs" c="dimmed" className="user-text">Request {problem.request_id}</Text>
                    <Tooltip label={copied ? 'Copied' : 'Copy the request id'}>
                      <ActionIcon size="sm" aria-label="Copy the request id" onClick={copy}>
                        {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
                      </ActionIcon>
                    </Tooltip>
                  </Group>
                )}
              </CopyButton>
            )}
          </Group>
        )}
      </div>
    </div>
  );
}
