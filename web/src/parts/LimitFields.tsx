/** Limits that may be lowered and never raised: a field for each, empty where nothing is lowered. */
import { Group, NumberInput } from '@mantine/core';
import { useState } from 'react';
import { fieldError } from '@/api/problem';

export interface LimitField<Key extends string> {
  key: Key;
  label: string;
  unit: string;
  /** How much of the server's unit one of this field's is. */
  of: number;
}

type Limits<Key extends string> = Partial<Record<Key, number | null>>;

/** A limit in the unit of its field, without needless decimals. */
export function shown(value: number, of: number): number {
  return Math.round((value / of) * 1000) / 1000;
}

/** What is in the fields, and what it means to the server: `null` when nothing is lowered. */
export function useLimits<Key extends string>(fields: readonly LimitField<Key>[], own: Limits<Key>) {
  const start = () => Object.fromEntries(fields.map(({ key, of }) => [key, own[key] ? shown(own[key] ?? 0, of) : ''])) as Record<Key, number | string>;
  const [values, setValues] = useState(start);
  const before = start();
  const given = fields.flatMap(({ key, of }) => (typeof values[key] === 'number' ? [[key, Math.round(values[key] * of)]] : []));
  return {
    values,
    set: (key: Key, value: number | string) => setValues((all) => ({ ...all, [key]: value })),
    changed: fields.some(({ key }) => values[key] !== before[key]),
    limits: given.length > 0 ? (Object.fromEntries(given) as Limits<Key>) : null,
  };
}

interface Props<Key extends string> {
  fields: readonly LimitField<Key>[];
  state: ReturnType<typeof useLimits<Key>>;
  /** What a field says under its label. */
  describe: (field: LimitField<Key>) => string;
  disabled?: boolean;
  error: unknown;
  /** Where the server's problems say that these fields are. */
  under: string;
}

export function LimitFields<Key extends string>({ fields, state, describe, disabled, error, under }: Props<Key>) {
  return (
    <Group align="start" gap={16}>
      {fields.map((field) => (
        <NumberInput
          key={field.key}
          label={field.label}
          description={describe(field)}
          suffix={field.unit && ` ${field.unit}`}
          min={0}
          decimalScale={3}
          thousandSeparator=","
          w={200}
          disabled={disabled}
          value={state.values[field.key]}
          onChange={(value) => state.set(field.key, typeof value === 'bigint' ? Number(value) : value)}
          error={fieldError(error, `${under}/${field.key}`)}
        />
      ))}
    </Group>
  );
}
