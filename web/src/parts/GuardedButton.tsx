/**
 * A button that, when it may not be used, stays visible and reachable and says why.
 * A truly `disabled` button takes no focus, so a keyboard user would never learn the reason.
 */
import { Button, Popover, Text, Tooltip, type ButtonProps } from '@mantine/core';
import { useId, useState, type ComponentPropsWithoutRef, type ReactNode } from 'react';

type Props = ButtonProps &
  Omit<ComponentPropsWithoutRef<'button'>, keyof ButtonProps> & {
    reason?: string | false | null;
    /** More of the reason, shown when the button is pressed. */
    why?: ReactNode;
  };

export function GuardedButton({ reason, why, onClick, ...rest }: Props) {
  const id = useId();
  const [opened, setOpened] = useState(false);
  if (!reason) return <Button {...rest} onClick={onClick} />;
  const button = (
    <Button
      {...rest}
      type="button"
      data-disabled
      aria-disabled="true"
      aria-describedby={id}
      onClick={(event) => {
        event.preventDefault();
        setOpened((before) => !before);
      }}
    />
  );
  const words = <span id={id} className="visually-hidden">{reason}</span>;
  if (!why) {
    return (
      <>
        <Tooltip label={reason}>{button}</Tooltip>
        {words}
      </>
    );
  }
  return (
    <>
      <Popover opened={opened} onChange={setOpened} width={320} withArrow trapFocus={false} shadow="md">
        <Tooltip label={reason} disabled={opened}>
          <Popover.Target>{button}</Popover.Target>
        </Tooltip>
        <Popover.Dropdown>
          <Text size="sm" fw={600} mb={4}>{reason}</Text>
          {opened && why}
        </Popover.Dropdown>
      </Popover>
      {words}
    </>
  );
}
