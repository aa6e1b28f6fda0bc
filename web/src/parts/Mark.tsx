/** A small word in a box; colour only ever repeats what the word or the icon says. */
import { Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './parts.module.css';

type Tone = 'plain' | 'accent' | 'good' | 'warn' | 'bad';

export function Mark({ tone = 'plain', icon, children, hint }: { tone?: Tone; icon?: ReactNode; children: ReactNode; hint?: string }) {
  const mark = (
    <span className={classes.mark} data-tone={tone}>
      {icon}
      {children}
    </span>
  );
  return hint ? <Tooltip label={hint} multiline maw={320}>{mark}</Tooltip> : mark;
}

export function SyntheticMark() {
  return <Mark tone="warn" hint="Made by a program for trying things out. It describes nothing real.">Synthetic data</Mark>;
}
