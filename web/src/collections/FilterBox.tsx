/**
 * A filter as text above the rows. It is read on the server while one types, after a pause; what cannot be read is
 * shown with its place and is not applied.
 */
import { Button, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconFilter } from '@/icons';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useId, useRef, useState } from 'react';
import { filterQuery } from '@/api/queries';
import { asProblem } from '@/api/problem';
import type { Column, Problem } from '@/api/types';
import classes from './filter.module.css';
import { FilterHelp } from './FilterHelp';
import { columnName, completed, completions, type Completion } from './filterWords';

const PAUSE_MS = 350;

interface Props {
  project: string;
  collection: string;
  version: number;
  columns: Column[];
  /** What is applied. */
  value: string | undefined;
  onApply: (filter: string | undefined) => void;
}

export function FilterBox({ project, collection, version, columns, value, onApply }: Props) {
  const [text, setText] = useState(value ?? '');
  const [cursor, setCursor] = useState<number | null>(null);
  const [active, setActive] = useState(-1);
  const [help, setHelp] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  // Going back in the browser changes what is applied.
  useEffect(() => setText(value ?? ''), [value]);

  const [settled] = useDebouncedValue(text.trim(), PAUSE_MS);
  const check = useQuery({ ...filterQuery(project, collection, settled, version), enabled: settled !== '' });
  const current = settled === text.trim();
  const problem = settled !== '' && current && check.isError ? asProblem(check.error) : null;
  const wrong = problem?.code === 'invalid_filter';
  const form = settled !== '' && current && check.data && check.data.filter !== settled ? check.data.filter : null;

  const offered = cursor === null ? null : completions(text, cursor, columns);
  const isOpen = offered !== null;
  const put = (item: Completion) => {
    if (!offered) return;
    const next = completed(text, offered, item);
    setText(next.text);
    setActive(-1);
    setCursor(null);
    // The field shows the new text only after this; then the cursor can be put into it.
    requestAnimationFrame(() => {
      input.current?.focus();
      input.current?.setSelectionRange(next.cursor, next.cursor);
    });
  };
  const apply = () => {
    setCursor(null);
    if (wrong) input.current?.focus();
    else onApply(text.trim() === '' ? undefined : text.trim());
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (!offered) return;
    const last = offered.items.length - 1;
    if (event.key === 'ArrowDown') setActive(active >= last ? 0 : active + 1);
    else if (event.key === 'ArrowUp') setActive(active <= 0 ? last : active - 1);
    else if (event.key === 'Escape') setCursor(null);
    else if ((event.key === 'Enter' || event.key === 'Tab') && active >= 0) put(offered.items[active]!);
    else return;
    event.preventDefault();
  };

  return (
    <form className={classes.box} role="search" aria-label="Filter rows" onSubmit={(event) => { event.preventDefault(); apply(); }}>
      <div className={classes.line}>
        <TextInput
          ref={input}
          className={classes.field}
          classNames={{ input: classes.input }}
          label="Filter"
          placeholder={columns[0] ? `for example ${columnName(columns[0].name)} is not null` : undefined}
          leftSection={<IconFilter size={16} aria-hidden />}
          value={text}
          error={wrong}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          role="combobox"
          aria-autocomplete="list"
          aria-expanded={isOpen}
          aria-controls={`${id}-list`}
          aria-activedescendant={isOpen && active >= 0 ? `${id}-${active}` : undefined}
          aria-describedby={`${id}-told`}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setCursor(event.currentTarget.selectionStart);
            setActive(-1);
          }}
          onKeyDown={onKeyDown}
          onBlur={() => setCursor(null)}
        />
        <Button type="submit" variant="default" disabled={text.trim() === (value ?? '')}>Apply</Button>
        {(value !== undefined || text !== '') && (
          <Button variant="subtle" onClick={() => { setText(''); onApply(undefined); input.current?.focus(); }}>Clear</Button>
        )}
        <Button variant="subtle" onClick={() => setHelp(true)}>How to write a filter</Button>
        <ul id={`${id}-list`} role="listbox" aria-label="Completions" className={classes.list} hidden={!isOpen}>
          {offered?.items.map((item, index) => (
            <li
              key={item.kind + item.label}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === active}
              onMouseDown={(event) => { event.preventDefault(); put(item); }}
            >
              {item.label}
              <span>{item.kind}</span>
            </li>
          ))}
        </ul>
      </div>
      <div id={`${id}-told`} role="status" className={classes.told}>
        {problem && (wrong ? <Wrong problem={problem} /> : <p>The filter could not be checked: {problem.detail ?? problem.title}</p>)}
        {form !== null && <p>Read as <code>{form}</code></p>}
      </div>
      <FilterHelp opened={help} onClose={() => setHelp(false)} />
    </form>
  );
}

function Wrong({ problem }: { problem: Problem }) {
  const [line = '', carets = ''] = (problem.excerpt ?? '').split('\n');
  return (
    <div className={classes.wrong}>
      {problem.excerpt !== undefined && <pre aria-hidden>{line}{'\n'}<b>{carets}</b></pre>}
      <p>
        <span className="visually-hidden">Mistake at character {problem.column}: </span>
        {problem.errors?.[0]?.message ?? problem.detail}
      </p>
    </div>
  );
}
