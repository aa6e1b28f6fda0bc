/** How much of the history is kept. Older versions go for good, but for those that a dashboard is pinned to. */
import { Button, Group, Modal, NumberInput, Radio, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, path } from '@/api/client';
import { keys } from '@/api/queries';
import type { Collection, Kept, Project, Version } from '@/api/types';
import { count, plural } from '@/parts/format';
import { GuardedButton } from '@/parts/GuardedButton';
import { done } from '@/parts/notify';
import { ProblemPanel } from '@/parts/ProblemPanel';
import { whyNot } from '@/projects/useProject';
import classes from './collections.module.css';

/** What is kept, as a sentence. */
export function keptWords(keep: number | null): string {
  if (keep === null) return 'Every version is kept.';
  const which = keep === 1 ? 'Only the latest version is kept' : `The latest ${count(keep)} versions are kept`;
  return `${which}, and those that a dashboard is pinned to.`;
}

export function KeepVersions({ project, collection, versions }: { project: Project; collection: Collection; versions: Version[] }) {
  const [opened, setOpened] = useState(false);
  const reason = whyNot(project, 'collection.retention');
  return (
    <section className={classes.keep} aria-labelledby="keep-versions">
      <Title order={2} id="keep-versions">History kept</Title>
      <Group justify="space-between" gap={12}>
        <Text>{keptWords(collection.keep_versions)}</Text>
        <GuardedButton variant="default" reason={reason} onClick={() => setOpened(true)}>Change what is kept</GuardedButton>
      </Group>
      <Modal opened={opened} onClose={() => setOpened(false)} title="History kept">
        {opened && <KeepForm project={project} collection={collection} versions={versions} onClose={() => setOpened(false)} />}
      </Modal>
    </section>
  );
}

function KeepForm({ project, collection, versions, onClose }: { project: Project; collection: Collection; versions: Version[]; onClose: () => void }) {
  const client = useQueryClient();
  const [some, setSome] = useState(collection.keep_versions !== null);
  const [number, setNumber] = useState<number | string>(collection.keep_versions ?? 10);
  const keep = some ? Number(number) : null;
  const ready = keep === null || (Number.isInteger(keep) && keep >= 1);
  const beyond = keep === null || !ready ? 0 : versions.slice(keep).filter((version) => !version.removed).length;
  const save = useMutation({
    mutationFn: () => api.put<Kept>(path`/projects/${project.id}/collections/${collection.id}/retention`, { keep_versions: keep }),
    onSuccess: (kept) => {
      void client.invalidateQueries({ queryKey: keys.project(project.id) });
      done(keptWords(kept.keep_versions));
      onClose();
    },
  });
  return (
    <form onSubmit={(event) => { event.preventDefault(); if (ready) save.mutate(); }}>
      <Stack gap={16}>
        <Radio.Group label="Keep" value={some ? 'some' : 'all'} onChange={(value) => setSome(value === 'some')}>
          <Stack gap={8} mt={8}>
            <Radio value="all" label="Every version" />
            <Radio value="some" label="The latest versions only" />
          </Stack>
        </Radio.Group>
        {some && <NumberInput label="How many" value={number} onChange={setNumber} min={1} max={1_000_000} allowDecimal={false} allowNegative={false} thousandSeparator="," error={ready ? undefined : '1 or more'} data-autofocus />}
        <Text size="sm" c="dimmed">
          {beyond > 0
            ? `${plural(beyond, 'version')} older than that can no longer be asked for, and the data goes for good a few minutes later. A version that a dashboard is pinned to stays.`
            : 'Each upload makes a version. What is older goes when a new one comes; a version that a dashboard is pinned to stays.'}
        </Text>
        {save.isError && <ProblemPanel error={save.error} title="What is kept was not changed" unchanged compact />}
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button type="submit" color={beyond > 0 ? 'red.8' : undefined} loading={save.isPending} disabled={!ready}>
            {beyond > 0 ? `Remove ${plural(beyond, 'version')}` : 'Save'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
