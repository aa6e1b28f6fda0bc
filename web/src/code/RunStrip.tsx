/** The strip between code and figure: run, stop, how it goes and how it went, and what went wrong in plain words. */
import { Button, Kbd, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { IconAlertTriangle, IconPlayerPlay, IconPlayerStop } from '@/icons';
import { count, duration, plural } from '@/parts/format';
import classes from './code.module.css';
import type { Explanation, Fix } from './explain';
import type { Phase, Ran } from './useRun';

interface Props {
  phase: Phase;
  ran: Ran | null;
  /** The code has changed since. */
  changed: boolean;
  explanation: Explanation | null;
  wallMs: number;
  onRun: () => void;
  onStop: () => void;
  onGoTo: (line: number, column?: number) => void;
  onFix: (line: number, fix: Fix) => void;
}

export function RunStrip({ phase, ran, changed, explanation, wallMs, onRun, onStop, onGoTo, onFix }: Props) {
  const busy = phase.kind !== 'idle';
  const { problem } = ran ?? {};
  return (
    <div className={classes.strip} role="group" aria-label="Run">
      <div className={classes.stripRow}>
        {busy ? (
          <Button size="xs" variant="default" leftSection={<IconPlayerStop size={14} aria-hidden />} onClick={onStop}>Stop</Button>
        ) : (
          <Button size="xs" leftSection={<IconPlayerPlay size={14} aria-hidden />} onClick={onRun} aria-keyshortcuts="Control+Enter">Run</Button>
        )}
        <Kbd size="xs" aria-hidden className={classes.key}>Ctrl Enter</Kbd>
        <Text size="xs" c="dimmed" role="status" className="num">
          {phase.kind === 'waiting' ? 'Every worker is busy' : phase.kind === 'running' ? 'Running' : ran ? summary(ran) : 'Not run yet'}
        </Text>
        {busy && <Clock phase={phase} wallMs={wallMs} />}
        {!busy && ran && changed && <Text size="xs" c="dimmed">The code has changed since.</Text>}
      </div>
      {!busy && problem && explanation && (
        <div className={classes.stripError} role="alert">
          <IconAlertTriangle size={16} aria-hidden />
          <div>
            <p>
              {problem.line !== undefined && problem.line !== null && (
                <button type="button" className={classes.lineLink} onClick={() => onGoTo(problem.line ?? 1, problem.column)}>Line {problem.line}:</button>
              )}{' '}
              <span className="user-text">{explanation.says}</span> {explanation.next && <span className={`${classes.next} user-text`}>{explanation.next}</span>}
            </p>
            {explanation.fix && !changed && (
              <Button size="compact-xs" variant="default" mt={4} onClick={() => explanation.fix && onFix(problem.line ?? 1, explanation.fix)}>{explanation.fix.label}</Button>
            )}
            {explanation.python && explanation.python !== explanation.says && (
              <details className={classes.python}>
                <summary>What Python said</summary>
                <code className="user-text">{explanation.python}</code>
              </details>
            )}
            {problem.status !== 422 && problem.request_id && <Text size="xs" c="dimmed">Request {problem.request_id}</Text>}
          </div>
        </div>
      )}
    </div>
  );
}

/** `Ran in 84 ms, 344 rows` */
function summary(ran: Ran): string {
  if (ran.stopped) return `Stopped after ${duration(ran.took_ms)}. Nothing was changed.`;
  if (ran.problem) return `Ended after ${duration(ran.took_ms)}`;
  const { preview } = ran;
  if (!preview) return '';
  const rows = preview.result.kind === 'figure' ? preview.result.rows : undefined;
  const parts = [`Ran in ${duration(preview.duration_ms ?? ran.took_ms)}`];
  if (rows !== undefined) parts.push(plural(rows, 'row'));
  if (preview.truncated) parts.push('on cut data');
  if (preview.cached) parts.push('from the cache');
  return parts.join(', ');
}

/** Time that passes, as numbers and a bar; said aloud only as `Running`. */
function Clock({ phase, wallMs }: { phase: Exclude<Phase, { kind: 'idle' }>; wallMs: number }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 100);
    return () => clearInterval(timer);
  }, []);
  const since = Math.max(0, now - phase.since);
  const words = phase.kind === 'waiting' ? `Next try in ${Math.max(0, Math.ceil((phase.until - now) / 1000))} s, try ${count(phase.attempt + 1)}` : `${(since / 1000).toFixed(1)} s of at most ${duration(wallMs)}`;
  return (
    <>
      <Text size="xs" c="dimmed" className="num" aria-hidden>{since < 300 && phase.kind === 'running' ? '' : words}</Text>
      <progress className={classes.clock} max={wallMs} value={phase.kind === 'running' ? Math.min(since, wallMs) : undefined} aria-hidden data-hidden={since < 1000 || undefined} />
    </>
  );
}
