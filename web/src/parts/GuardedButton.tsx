/**
 * A button that, when it may not be used, stays visible and reachable and says why.
 * A truly `disabled` button takes no focus, so a keyboard user would never learn the reason.
 */
import { Button, Tooltip, type ButtonProps } from '@mantine/core';
import { useId, type ComponentPropsWithoutRef } from 'react';

type Props = ButtonProps & Omit<ComponentPropsWithoutRef<'button'>, keyof ButtonProps> & { reason?: string | false | null };

export function GuardedButton({ reason, onClick, ...rest }: Props) {
  const id = useId();
  if (!reason) return <Button {...rest} onClick={onClick} />;
  return (
    <>
      <Tooltip label={reason}>
        <Button
          {...rest}
          type="button"
          data-disabled
          aria-disabled="true"
          aria-describedby={id}
          onClick={(event) => event.preventDefault()}
        />
      </Tooltip>
      <span id={id} className="visually-hidden">{reason}</span>
    </>
  );
}
