/** Two people saved. The second sees both, decides, and nothing is lost: what is replaced stays in the revisions. */
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import type { Dashboard } from '@/api/types';
import { RelativeTime } from '@/parts/RelativeTime';
import classes from './edit.module.css';
import { changes, type Change } from './compare';

interface Props {
  base: Dashboard;
  mine: Dashboard;
  theirs: Dashboard;
  busy: boolean;
  onKeepTheirs: () => void;
  onOverwrite: () => void;
  onCopy: () => void;
  onClose: () => void;
}

export function ConflictDialog({ base, mine, theirs, busy, onKeepTheirs, onOverwrite, onCopy, onClose }: Props) {
  return (
    <Modal opened onClose={onClose} title="Someone else saved this dashboard" size="lg">
      <Stack gap={16}>
        <Text className="user-text">
          {theirs.updated_by?.name ?? 'Someone'} saved revision {theirs.revision} <RelativeTime time={theirs.updated_at} />. You began from revision {base.revision}. Nothing of yours has been saved yet.
        </Text>
        <div className={classes.conflict}>
          <Side title="Yours" heading={mine.title} list={changes(base, mine)} />
          <Side title="Theirs" heading={theirs.title} list={changes(base, theirs)} />
        </div>
        <Stack gap={8}>
          <Choice text="Your edits become a dashboard of their own; theirs stays as it is.">
            <Button onClick={onCopy} loading={busy}>Save mine as a copy</Button>
          </Choice>
          <Choice text={`Yours becomes the newest revision. Theirs stays in the history as revision ${theirs.revision}.`}>
            <Button variant="default" onClick={onOverwrite} disabled={busy}>Save mine over theirs</Button>
          </Choice>
          <Choice text="The page shows theirs. Your edits can be brought back with Undo until you leave.">
            <Button variant="default" onClick={onKeepTheirs} disabled={busy}>Keep theirs</Button>
          </Choice>
        </Stack>
      </Stack>
    </Modal>
  );
}

function Side({ title, heading, list }: { title: string; heading: string; list: Change[] }) {
  return (
    <section className={classes.conflictSide} aria-label={title}>
      <Text fw={600}>{title}</Text>
      <Text c="dimmed" className="user-text">{heading}</Text>
      <ul>
        {list.map((change, index) => <li key={index} className="user-text"><strong>{change.what}</strong> {change.thing}</li>)}
        {list.length === 0 && <li>no difference</li>}
      </ul>
    </section>
  );
}

function Choice({ text, children }: { text: string; children: React.ReactNode }) {
  return (
    <Group wrap="nowrap" gap={16} className={classes.choice}>
      <div className={classes.choiceButton}>{children}</div>
      <Text size="xs" c="dimmed">{text}</Text>
    </Group>
  );
}
