/** The second demo project is generated in the background on the first start; the page says so, and that it is synthetic. */
import { Progress, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { keys, statusQuery } from '@/api/queries';
import { count } from '@/parts/format';
import { Mark } from '@/parts/Mark';
import classes from './projects.module.css';

export function DemoProgress() {
  const { data: status } = useQuery(statusQuery);
  const client = useQueryClient();
  const demo = status?.demo;
  const before = useRef(demo?.state);
  useEffect(() => {
    if (before.current === 'running' && demo?.state === 'done') void client.invalidateQueries({ queryKey: keys.projects });
    before.current = demo?.state;
  }, [client, demo?.state]);
  if (!demo || (demo.state !== 'running' && demo.state !== 'failed')) return null;
  const doneRows = demo.rows_done ?? 0;
  const total = demo.rows_total ?? 0;
  const percent = total > 0 ? Math.min(100, (doneRows / total) * 100) : 0;
  return (
    <section className={classes.demo} aria-label="Demo data">
      <div className={classes.demoHead}>
        <Text fw={600}>{demo.state === 'failed' ? 'The synthetic demo project could not be made' : 'Making the synthetic demo project'}</Text>
        <Mark tone="warn">Synthetic data</Mark>
        {demo.state === 'running' && <Text c="dimmed" className="num" ml="auto">{count(doneRows)} of {count(total)} rows</Text>}
      </div>
      {demo.state === 'running' && <Progress value={percent} size="sm" aria-label="Rows of the synthetic project" />}
      <Text c="dimmed" size="xs">
        {demo.state === 'failed' ? 'The rest of Depictio works. The log of the server says why.' : 'You can use everything else meanwhile.'}
      </Text>
    </section>
  );
}
