/** The code beside the saved one, line by line: what was added, what was taken away, and the way back. */
import { python } from '@codemirror/lang-python';
import { MergeView, unifiedMergeView } from '@codemirror/merge';
import { EditorState, type Extension } from '@codemirror/state';
import { EditorView, lineNumbers } from '@codemirror/view';
import { Button, Group, Modal, Text, useComputedColorScheme } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useEffect, useMemo, useState } from 'react';
import { IconArrowBackUp } from '@/icons';
import { plural } from '@/parts/format';
import classes from './code.module.css';
import { colours } from './colours';
import { lineChanges } from './lineChanges';

interface Props {
  saved: string;
  code: string;
  onRevert: () => void;
  onClose: () => void;
}

function parts(dark: boolean, label: string): Extension {
  return [
    lineNumbers(),
    EditorView.lineWrapping,
    python(),
    colours(dark),
    EditorState.readOnly.of(true),
    EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
  ];
}

export function Compare({ saved, code, onRevert, onClose }: Props) {
  const dark = useComputedColorScheme('light') === 'dark';
  const wide = useMediaQuery('(min-width: 900px)', undefined, { getInitialValueInEffect: false });
  const [host, setHost] = useState<HTMLDivElement | null>(null);
  const changes = useMemo(() => lineChanges(saved, code), [saved, code]);

  useEffect(() => {
    if (!host) return;
    const view = wide
      ? new MergeView({ parent: host, a: { doc: saved, extensions: parts(dark, 'Saved code') }, b: { doc: code, extensions: parts(dark, 'Your code') }, highlightChanges: true, gutter: true, collapseUnchanged: { margin: 4, minSize: 8 } })
      : new EditorView({ parent: host, doc: code, extensions: [parts(dark, 'Your code, with what was saved between'), unifiedMergeView({ original: saved, mergeControls: false, gutter: true, collapseUnchanged: { margin: 4, minSize: 8 } })] });
    return () => view.destroy();
  }, [host, wide, saved, code, dark]);

  return (
    <Modal opened onClose={onClose} title="Compare with the saved version" size="min(1120px, 96vw)">
      <Text c="dimmed" mb={12} role="status">
        {changes.added + changes.removed === 0 ? 'The code is as it was saved.' : `${plural(changes.added, 'line')} added, ${plural(changes.removed, 'line')} taken away.`}
      </Text>
      {wide && <div className={classes.compareHead} aria-hidden><span>Saved</span><span>Yours</span></div>}
      <div ref={setHost} className={classes.compare} />
      <Group justify="flex-end" gap={8} mt={16}>
        <Button variant="default" onClick={onClose}>Close</Button>
        <Button leftSection={<IconArrowBackUp size={16} aria-hidden />} disabled={saved === code} onClick={onRevert}>Revert to saved</Button>
      </Group>
    </Modal>
  );
}
