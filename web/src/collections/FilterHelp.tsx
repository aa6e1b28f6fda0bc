/** The filter language on one page; docs/filters.md says it whole. */
import { Modal } from '@mantine/core';
import classes from './filter.module.css';

const PARTS: [string, [string, string][]][] = [
  ['Comparing', [
    ['age > 30 and condition = "treated"', 'signs are = != < <= > >=; text stands in quotes and is compared as it is'],
    ['age between 18 and 65', 'both ends in'],
    ['condition in ("treated", "recovery")', 'one of these; not in: none of these'],
    ['age is null', 'no value; is not null: there is one. Nothing else finds a missing value'],
    ['expression > mean_expression', 'two columns'],
  ]],
  ['Text', [
    ['sample_id like "S%_1"', '% is any run of characters, _ is one character'],
    ['sample_id contains "00"', 'also starts_with, ends_with, and not before each'],
    ['lower(trim(condition)) = "treated"', 'also upper(..), and length(..) for the number of characters'],
  ]],
  ['Days and moments', [
    ['taken >= "2024-05-01"', 'a day beside moments is all of that day, in UTC'],
    ['sent > "2024-05-01T12:00+02:00"', 'without a zone it is UTC'],
    ['year(taken) = 2024 and weekday(taken) in (6, 7)', 'also month(..), day(..), date(..); Monday is 1'],
  ]],
  ['Joining', [
    ['(age > 60 or age < 20) and not paired', 'and binds more tightly than or'],
    ['`body mass (g)` > 4000', 'a name with spaces or signs stands in backticks'],
  ]],
];

export function FilterHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="How to write a filter" size="lg">
      {PARTS.map(([title, rows]) => (
        <section key={title} className={classes.help}>
          <h3>{title}</h3>
          <dl>
            {rows.map(([example, words]) => (
              <div key={example}>
                <dt><code>{example}</code></dt>
                <dd>{words}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Modal>
  );
}
