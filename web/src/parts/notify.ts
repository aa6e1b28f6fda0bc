/** Toasts: what was done, with undo where undo exists; what failed, in one sentence. */
import { notifications } from '@mantine/notifications';
import { asProblem, sentence } from '@/api/problem';
import { UndoMessage } from './UndoMessage';
import { createElement } from 'react';

export function done(message: string, undo?: () => void): void {
  const id = notifications.show({
    message: undo
      ? createElement(UndoMessage, {
          message,
          onUndo: () => {
            notifications.hide(id);
            undo();
          },
        })
      : message,
    color: 'accent',
    autoClose: undo ? 10_000 : 4_000,
    withBorder: true,
  });
}

export function failed(what: string, error: unknown): void {
  const id = asProblem(error).request_id;
  notifications.show({
    title: what,
    message: sentence(error) + (id ? ` (request ${id})` : ''),
    color: 'red',
    autoClose: 12_000,
    withBorder: true,
  });
}
