/** What stands in the way of a better type, column by column, with the cells at fault and the way to take it. */
import { Button, Text } from '@mantine/core';
import type { Column, ColumnNote } from '@/api/types';
import { count, plural, typeNames } from '@/parts/format';
import classes from './collections.module.css';

interface Props {
  notes: ColumnNote[];
  types: Column[];
  onTypes: (types: Column[]) => void;
  /** Appended rows must fit the types that are there. */
  locked: boolean;
}

const SHOWN_MAX = 8;

/** The notes worth a person's eye: a type that nearly fits, or markers they may not know of. */
export function worthwhile(notes: ColumnNote[], types: Column[]): ColumnNote[] {
  return notes.filter((note) => {
    const chosen = types.find((column) => column.name === note.column)?.type;
    return (note.nearly !== null && note.nearly !== chosen) || note.markers.length > 0;
  });
}

export function sentence(note: ColumnNote): string {
  const parts: string[] = [];
  if (note.nearly === 'category' && note.values !== null) parts.push(`has ${plural(note.values, 'different value')}: a category?`);
  else if (note.nearly !== null) {
    const odd = note.odd.map((cell) => `“${cell.text}” in line ${cell.line}`).join(', ');
    const more = note.odd_cells > note.odd.length ? ' and more' : '';
    parts.push(`is ${typeNames[note.nearly].toLowerCase()} but for ${plural(note.odd_cells, 'cell')}: ${odd}${more}`);
  }
  if (note.markers.length > 0) parts.push(`${count(note.missing)} cells without a value, written ${note.markers.map((text) => `“${text}”`).join(', ')}`);
  return parts.join('; ');
}

export function ColumnNotes({ notes, types, onTypes, locked }: Props) {
  const shown = worthwhile(notes, types);
  if (shown.length === 0) return null;
  return (
    <ul className={classes.notes} aria-label="What to know of the columns">
      {shown.slice(0, SHOWN_MAX).map((note) => {
        const nearly = note.nearly;
        const chosen = types.find((column) => column.name === note.column)?.type;
        return (
          <li key={note.column}>
            <Text span fw={600} className="user-text">{note.column}</Text> <Text span c="dimmed" className="user-text">{sentence(note)}</Text>
            {nearly !== null && nearly !== chosen && !locked && (
              <Button
                size="compact-xs"
                variant="subtle"
                ml={8}
                aria-label={`Make ${note.column} ${typeNames[nearly]}`}
                onClick={() => onTypes(types.map((column) => (column.name === note.column ? { ...column, type: nearly } : column)))}
              >
                Make it {typeNames[nearly].toLowerCase()}
              </Button>
            )}
          </li>
        );
      })}
      {shown.length > SHOWN_MAX && <li><Text span c="dimmed">and {plural(shown.length - SHOWN_MAX, 'more column')}</Text></li>}
    </ul>
  );
}
