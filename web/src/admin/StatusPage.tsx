/** How the server is: its version, what confines Code Mode, the demo data. */
import { Group, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconCheck } from '@/icons';
import { useQuery } from '@tanstack/react-query';
import { statusQuery } from '@/api/queries';
import { count, plural } from '@/parts/format';
import { Mark } from '@/parts/Mark';
import { Page } from '@/parts/Page';
import { ProblemPanel } from '@/parts/ProblemPanel';
import { RowsSkeleton } from '@/parts/Rows';
import section from '@/projects/projects.module.css';
import classes from './admin.module.css';

const DEMO = { none: 'This server was started without the demo.', done: 'Ready.', failed: 'Could not be made; the log of the server says why.' };

const ENDS: Record<string, string> = { done: 'done', failed: 'failed', syntax: 'no Python', refused: 'refused', no_figure: 'without a figure', timeout: 'too slow', memory: 'too large in memory', output: 'too large a figure', cancelled: 'stopped', busy: 'turned away', off: 'while off' };

function ended(runs: Record<string, number>): string {
  const parts = Object.entries(runs).filter(([, number]) => number > 0).map(([code, number]) => `${count(number)} ${ENDS[code] ?? code}`);
  return parts.length > 0 ? parts.join(', ') : 'no run';
}

export function StatusPage() {
  const { data, error, refetch } = useQuery(statusQuery);
  return (
    <Page title="Status" description={data && `Depictio ${data.version}`}>
      {error ? (
        <ProblemPanel error={error} title="The status could not be loaded" onRetry={() => void refetch()} />
      ) : !data ? (
        <RowsSkeleton rows={4} />
      ) : (
        <>
          <section className={section.section} aria-labelledby="code-mode">
            <Group gap={8}>
              <Title order={2} id="code-mode">Code Mode</Title>
              {data.code_mode.on ? <Mark tone="good" icon={<IconCheck size={12} aria-hidden />}>on</Mark> : <Mark tone="bad" icon={<IconAlertTriangle size={12} aria-hidden />}>off</Mark>}
            </Group>
            {data.code_mode.reason && <Text className="user-text">{data.code_mode.reason}</Text>}
            <Text c="dimmed">The walls around a run. One that cannot be put up turns Code Mode off.</Text>
            <ul className={classes.layers} aria-label="Layers of Code Mode">
              {data.code_mode.layers.map((layer) => (
                <li key={layer.name} className={classes.layer}>
                  <span>{layer.active ? <Mark tone="good" icon={<IconCheck size={12} aria-hidden />}>active</Mark> : <Mark tone="warn" icon={<IconAlertTriangle size={12} aria-hidden />}>not active</Mark>}</span>
                  <Text fw={600} span className="user-text">{layer.name}</Text>
                  <Text c="dimmed" span className="user-text">{layer.detail}</Text>
                </li>
              ))}
              {data.code_mode.layers.length === 0 && <li><Text c="dimmed">The server names none.</Text></li>}
            </ul>
            <Text c="dimmed" className="num">
              {plural(data.code_mode.workers, 'run')} at the same time, {count(data.code_mode.running)} now, {count(data.code_mode.waiting)} of at most {count(data.code_mode.queue)} waiting. Since the start: {ended(data.code_mode.runs)}.
            </Text>
            {data.code_mode.python && <Text c="dimmed" className="user-text">{data.code_mode.python}</Text>}
          </section>
          <section className={section.section} aria-labelledby="demo">
            <Title order={2} id="demo">Demo data</Title>
            <Text c="dimmed" className="num">
              {data.demo.state === 'running' ? `Being made: ${count(data.demo.rows_done ?? 0)} of ${count(data.demo.rows_total ?? 0)} rows.` : DEMO[data.demo.state]}
            </Text>
          </section>
        </>
      )}
    </Page>
  );
}
