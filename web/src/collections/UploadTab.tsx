/** Drop files, look at what was understood, correct the types, upload; each step can be cancelled and nothing is left behind. */
import { ActionIcon, Button, Checkbox, Group, Progress, SegmentedControl, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconFileSpreadsheet, IconUpload, IconX } from '@/icons';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, type DragEvent } from 'react';
import { isAbort } from '@/api/problem';
import { keys } from '@/api/queries';
import type { Collection, Column, Project, UploadPreview, UploadResult } from '@/api/types';
import { upload } from '@/api/upload';
import { Empty } from '@/parts/Empty';
import { bytes, count, plural } from '@/parts/format';
import { done } from '@/parts/notify';
import { ProblemPanel } from '@/parts/ProblemPanel';
import { RowsSkeleton } from '@/parts/Rows';
import { whyNot } from '@/projects/useProject';
import classes from './collections.module.css';
import { ColumnNotes } from './ColumnNotes';
import { PreviewTable } from './PreviewTable';

const ACCEPT = '.csv,.tsv,.txt,.gz,.zst,.parquet,.arrow,.feather,.xlsx';

export function UploadTab({ project, collection, onDone }: { project: Project; collection: Collection; onDone: () => void }) {
  const [files, setFiles] = useState<File[]>([]);
  const [mode, setMode] = useState<'append' | 'overwrite' | 'upsert'>('append');
  const [key, setKey] = useState<string | null>(null);
  const [types, setTypes] = useState<Column[] | null>(null);
  const [progress, setProgress] = useState<{ sent: number; total: number } | null>(null);
  const [sheet, setSheet] = useState<string | undefined>(undefined);
  const [missing, setMissing] = useState('');
  const [setAside, setSetAside] = useState(false);
  const abort = useRef<AbortController | null>(null);
  const client = useQueryClient();
  useEffect(() => () => abort.current?.abort(), []);

  const preview = useMutation({
    mutationFn: ({ chosen, from, markers }: { chosen: File[]; from: string | undefined; markers: string }) => {
      abort.current?.abort();
      abort.current = new AbortController();
      return upload<UploadPreview>({
        project: project.id, collection: collection.id, files: chosen, mode: mode === 'upsert' ? 'append' : mode, dryRun: true, sheet: from, missing: markers, signal: abort.current.signal,
        onProgress: (sent, total) => setProgress({ sent, total }),
      });
    },
    onSuccess: (result) => setTypes(result.columns),
    onSettled: () => setProgress(null),
  });
  const corrected = types && preview.data && JSON.stringify(types) !== JSON.stringify(preview.data.columns);
  const send = useMutation({
    mutationFn: () => {
      abort.current = new AbortController();
      return upload<UploadResult>({
        project: project.id, collection: collection.id, files, mode, key: key ?? undefined, sheet, missing, setAside, signal: abort.current.signal,
        schema: corrected && types ? types : undefined,
        onProgress: (sent, total) => setProgress({ sent, total }),
      });
    },
    onSuccess: async (result) => {
      await client.invalidateQueries({ queryKey: keys.project(project.id) });
      const aside = result.set_aside ? `; ${plural(result.set_aside, 'row')} set aside, see Versions` : '';
      done(`Version ${result.version}: ${plural(result.rows, 'row')} uploaded, ${count(result.total_rows)} in all${aside}`);
      reset();
      onDone();
    },
    onSettled: () => setProgress(null),
  });

  function reset() {
    abort.current?.abort();
    setFiles([]);
    setTypes(null);
    setSheet(undefined);
    setMissing('');
    setSetAside(false);
    preview.reset();
    send.reset();
  }
  function take(chosen: File[]) {
    if (chosen.length === 0) return;
    const all = [...files, ...chosen];
    setFiles(all);
    send.reset();
    look(all, sheet, missing);
  }
  function look(chosen: File[], from: string | undefined, markers: string) {
    preview.mutate({ chosen, from, markers });
  }

  const reason = whyNot(project, 'collection.write');
  if (reason) return <Empty icon={<IconUpload />}>{reason}</Empty>;
  const total = files.reduce((sum, file) => sum + file.size, 0);
  const first = collection.version === null;
  return (
    <Stack gap={16}>
      {!send.isPending && <Dropzone onFiles={take} some={files.length > 0} />}
      {files.length > 0 && (
        <ul className={classes.files} aria-label="Chosen files">
          {files.map((file, index) => (
            <li key={`${file.name}-${index}`} className={classes.file}>
              <IconFileSpreadsheet size={18} stroke={1.6} aria-hidden />
              <span className="user-text">{file.name}</span>
              <Text c="dimmed" size="xs" className="num" ml="auto">{bytes(file.size)}</Text>
              {!send.isPending && (
                <ActionIcon
                  aria-label={`Remove ${file.name}`}
                  onClick={() => {
                    const rest = files.filter((_, item) => item !== index);
                    if (rest.length === 0) reset();
                    else {
                      setFiles(rest);
                      look(rest, sheet, missing);
                    }
                  }}
                >
                  <IconX size={16} />
                </ActionIcon>
              )}
            </li>
          ))}
        </ul>
      )}
      {progress && (
        <div role="group" aria-label="Upload progress">
          <Group justify="space-between" mb={4}>
            <Text size="xs" c="dimmed" className="num" role="status">
              {send.isPending ? 'Uploading' : 'Reading'}: {bytes(progress.sent)} of {bytes(progress.total)}
              {progress.sent >= progress.total ? ', being checked by the server' : ''}
            </Text>
            <Button size="compact-xs" variant="subtle" onClick={() => abort.current?.abort()}>Cancel</Button>
          </Group>
          <Progress value={progress.total ? (progress.sent / progress.total) * 100 : 0} aria-label="Bytes sent" animated={progress.sent >= progress.total} />
        </div>
      )}
      {preview.isPending && !progress && <RowsSkeleton rows={4} height={32} />}
      {preview.isError && !isAbort(preview.error) && <ProblemPanel error={preview.error} title="This file cannot be read as a table" unchanged onRetry={() => look(files, sheet, missing)} />}
      {preview.isError && isAbort(preview.error) && <Text c="dimmed">Cancelled. Nothing was changed. <Button size="compact-sm" variant="subtle" onClick={() => look(files, sheet, missing)}>Read again</Button></Text>}
      {preview.data && types && (
        <>
          <Group gap={16} align="flex-end">
            {preview.data.sheets.length > 1 && (
              <Select
                label="Sheet"
                w={220}
                data={preview.data.sheets}
                value={preview.data.sheet}
                allowDeselect={false}
                disabled={send.isPending}
                onChange={(next) => {
                  setSheet(next ?? undefined);
                  look(files, next ?? undefined, missing);
                }}
              />
            )}
            <TextInput
              label="Cells that mean nothing was measured"
              description="Beside empty ones and NA, separated by commas"
              placeholder="-, ?, 999"
              w={320}
              value={missing}
              disabled={send.isPending}
              onChange={(event) => setMissing(event.currentTarget.value)}
              onBlur={() => look(files, sheet, missing)}
            />
          </Group>
          <ColumnNotes notes={preview.data.notes} types={types} onTypes={setTypes} locked={!first && mode !== 'overwrite'} />
          <PreviewTable preview={preview.data} types={types} onTypes={setTypes} locked={!first && mode !== 'overwrite'} />
          {!first && (
            <div>
              <Text fw={600} mb={4} id="upload-mode">What to do with the rows that are there</Text>
              <SegmentedControl
                aria-labelledby="upload-mode"
                value={mode}
                onChange={(next) => setMode(next as 'append' | 'overwrite' | 'upsert')}
                data={[{ value: 'append', label: 'Append to them' }, { value: 'upsert', label: 'Update them by a key' }, { value: 'overwrite', label: 'Overwrite them' }]}
              />
              <Text c="dimmed" size="xs" mt={4}>
                {mode === 'append'
                  ? `The new version has the ${plural(collection.rows, 'row')} of version ${collection.version} and these.`
                  : mode === 'upsert'
                    ? 'Rows with a key that is there already take the place of those; the others are added.'
                  : `The new version has only these rows. Version ${collection.version} stays in the history.`}
              </Text>
            </div>
          )}
          {!first && mode === 'upsert' && (
            <Select
              label="Key"
              description="The column whose value says which row is which"
              w={280}
              searchable
              data={collection.columns.map((column) => column.name)}
              value={key}
              disabled={send.isPending}
              onChange={setKey}
            />
          )}
          <Checkbox
            label="Set aside rows that do not fit, instead of refusing the upload"
            description="They can be downloaded beside the version, each with what is wrong with it"
            checked={setAside}
            disabled={send.isPending}
            onChange={(event) => setSetAside(event.currentTarget.checked)}
          />
          {send.isError && !isAbort(send.error) && <ProblemPanel error={send.error} title="The table was not uploaded" unchanged />}
          {send.isError && isAbort(send.error) && <Text c="dimmed">Cancelled. No version was made.</Text>}
          <Group gap={8}>
            <Button leftSection={<IconUpload size={16} aria-hidden />} loading={send.isPending} disabled={mode === 'upsert' && key === null} onClick={() => send.mutate()}>
              {first ? 'Upload table' : mode === 'append' ? 'Append rows' : mode === 'upsert' ? 'Update rows' : 'Overwrite rows'}
            </Button>
            <Button variant="default" onClick={reset} disabled={send.isPending}>Start over</Button>
            <Text c="dimmed" size="xs" className="num">{plural(files.length, 'file')}, {bytes(total)}</Text>
          </Group>
        </>
      )}
    </Stack>
  );
}

function Dropzone({ onFiles, some }: { onFiles: (files: File[]) => void; some: boolean }) {
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const handlers = {
    onDragOver: (event: DragEvent) => {
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      setOver(false);
      onFiles([...event.dataTransfer.files]);
    },
  };
  return (
    <div className={classes.dropzone} data-over={over || undefined} data-some={some || undefined} {...handlers} role="group" aria-label="Upload area">
      <IconUpload size={28} stroke={1.5} aria-hidden />
      <Text>{some ? 'Drop more files of the same shape here' : 'Drop CSV, TSV, Excel, Parquet or Arrow files here'}</Text>
      <Button variant="default" onClick={() => input.current?.click()}>Choose files</Button>
      <input
        ref={input}
        type="file"
        multiple
        accept={ACCEPT}
        aria-label="Files to upload"
        className="visually-hidden"
        tabIndex={-1}
        onChange={(event) => {
          onFiles([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = '';
        }}
      />
    </div>
  );
}
