/** The rows as they are filtered, as a file. */
import { Button, Menu } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { saveRows, type FileFormat, type Selection } from '@/api/exportRows';
import { IconDownload } from '@/icons';
import { plural } from '@/parts/format';
import { done, failed } from '@/parts/notify';

const FORMATS: [FileFormat, string, string][] = [
  ['csv', 'CSV', 'for spreadsheets'],
  ['parquet', 'Parquet', 'for pandas, R and engines'],
  ['arrow', 'Arrow', 'a stream of record batches'],
  ['jsonl', 'JSON lines', 'one object a row'],
];

export function SaveRows({ project, collection, rows }: { project: string; collection: string; rows: Selection }) {
  const save = useMutation({
    mutationFn: (format: FileFormat) => saveRows(project, collection, format, rows),
    onSuccess: (count) => done(`${plural(count, 'row')} are being saved`),
    onError: (error) => failed('The rows could not be saved', error),
  });
  return (
    <Menu>
      <Menu.Target>
        <Button variant="default" loading={save.isPending} leftSection={<IconDownload size={16} aria-hidden />}>Download</Button>
      </Menu.Target>
      <Menu.Dropdown>
        {FORMATS.map(([format, name, words]) => (
          <Menu.Item key={format} onClick={() => save.mutate(format)}>
            {name}, {words}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
