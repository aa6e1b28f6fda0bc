/** Text from people is text, wherever it is shown. */
import { MantineProvider } from '@mantine/core';
import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { ApiError } from '@/api/problem';
import { Chips } from '@/dashboards/filters/Chips';
import { ConfirmDialog } from './ConfirmDialog';
import { GuardedButton } from './GuardedButton';
import { Mark } from './Mark';
import { ProblemPanel } from './ProblemPanel';
import { SanitisedHtml } from './SanitisedHtml';

const HOSTILE = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>';
const show = (node: React.ReactNode) => render(<MantineProvider>{node}</MantineProvider>);
afterEach(cleanup);

describe('hostile text', () => {
  it('is shown letter by letter and makes no element', () => {
    const { container } = show(
      <>
        <Mark>{HOSTILE}</Mark>
        <ProblemPanel error={new ApiError({ title: HOSTILE, status: 422, detail: HOSTILE + '!', request_id: HOSTILE })} />
        <Chips
          widgets={[{ id: 'w', label: HOSTILE, collection: 'c', column: 'x', kind: 'multi_select' }]}
          state={{ w: { in: [HOSTILE] } }}
          onRemove={() => undefined}
        />
      </>,
    );
    expect(screen.getAllByText(HOSTILE, { exact: false }).length).toBeGreaterThanOrEqual(4);
    expect(container.querySelector('img, script')).toBeNull();
  });

  it('is inserted as markup in one place only: what the server has sanitised', () => {
    const { container } = show(<SanitisedHtml html="<h2>About</h2><p>Two <strong>words</strong></p>" />);
    expect(container.querySelector('h2')?.textContent).toBe('About');
    expect(container.querySelector('strong')?.textContent).toBe('words');
  });
});

describe('controls', () => {
  it('a control one may not use is reachable, says why and does nothing', () => {
    let clicks = 0;
    show(<GuardedButton reason="Only owners may do this." onClick={() => (clicks += 1)}>Delete</GuardedButton>);
    const button = screen.getByRole('button', { name: 'Delete' });
    expect(button.getAttribute('aria-disabled')).toBe('true');
    expect(document.getElementById(button.getAttribute('aria-describedby') ?? '')?.textContent).toBe('Only owners may do this.');
    button.click();
    expect(clicks).toBe(0);
  });

  it('and without a reason it works', () => {
    let clicks = 0;
    show(<GuardedButton reason={null} onClick={() => (clicks += 1)}>Delete</GuardedButton>);
    screen.getByRole('button', { name: 'Delete' }).click();
    expect(clicks).toBe(1);
  });

  it('what cannot be undone waits for the name', async () => {
    show(<ConfirmDialog opened onClose={() => undefined} title="Delete project" verb="Delete it" name="Penguins" onConfirm={() => undefined}>Gone.</ConfirmDialog>);
    const button = await screen.findByRole('button', { name: 'Delete it' });
    expect((button as HTMLButtonElement).disabled).toBe(true);
  });
});
