/** What the check found, as a list: the same marks as in the text, for those who do not see the text. */
import { Kbd } from '@mantine/core';
import { plural } from '@/parts/format';
import classes from './code.module.css';
import type { CodeMark } from './CodeEditor';

export function Problems({ marks, onGoTo }: { marks: CodeMark[]; onGoTo: (line: number, column?: number) => void }) {
  return (
    <div className={classes.problems} data-empty={marks.length === 0 || undefined}>
      <p className="visually-hidden" role="status">{marks.length === 0 ? 'No problem found.' : `${plural(marks.length, 'problem')} found.`}</p>
      {marks.length > 0 && (
        <>
          <ul aria-label="Problems">
            {marks.map((mark) => (
              <li key={`${mark.line}:${mark.column}:${mark.message}`}>
                <button type="button" onClick={() => onGoTo(mark.line, mark.column)}>
                  <span className="num">Line {mark.line}, column {mark.column ?? 1}</span>
                  <span className="user-text">{mark.message}</span>
                </button>
              </li>
            ))}
          </ul>
          {marks.length > 1 && <span className={classes.problemsKey}><Kbd size="xs">F8</Kbd> next</span>}
        </>
      )}
    </div>
  );
}
