/** Router links in Mantine's clothes. */
import { Anchor, Button, type AnchorProps, type ButtonProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import { forwardRef, type AnchorHTMLAttributes } from 'react';

const AnchorBase = forwardRef<HTMLAnchorElement, AnchorProps & Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof AnchorProps>>(
  function AnchorBase(props, ref) {
    return <Anchor ref={ref} {...props} />;
  },
);
const ButtonBase = forwardRef<HTMLAnchorElement, ButtonProps & Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof ButtonProps>>(
  function ButtonBase(props, ref) {
    return <Button component="a" ref={ref} {...props} />;
  },
);

export const LinkText = createLink(AnchorBase);
export const LinkButton = createLink(ButtonBase);
