/** The frame around every page behind the door: rail, bar, content. A visitor has neither rail nor search. */
import { Outlet } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useVisitor } from '@/account/useVisitor';
import { Rail } from './Rail';
import { TopBar } from './TopBar';
import { ViewAsBar } from './ViewAsBar';
import classes from './shell.module.css';

const Palette = lazy(() => import('./Palette').then((module) => ({ default: module.Palette })));

const STORED = 'depictio.rail';

export function Frame() {
  const [open, setOpen] = useState(() => localStorage.getItem(STORED) === 'open');
  const [palette, setPalette] = useState(false);
  const visitor = useVisitor();

  useEffect(() => {
    localStorage.setItem(STORED, open ? 'open' : 'folded');
  }, [open]);

  useEffect(() => {
    if (visitor) return;
    function onKey(event: KeyboardEvent) {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        setPalette(true);
      }
    }
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [visitor]);

  return (
    <div className={classes.frame} data-rail={visitor ? 'none' : open ? 'open' : 'folded'}>
      <a className="skip-link" href="#content">Skip to content</a>
      {!visitor && <Rail open={open} onToggle={() => setOpen(!open)} />}
      <TopBar visitor={visitor} onSearch={() => setPalette(true)} />
      <main id="content" className={classes.content} tabIndex={-1}>
        <ViewAsBar />
        <Outlet />
      </main>
      {palette && <Suspense fallback={null}><Palette opened onClose={() => setPalette(false)} /></Suspense>}
    </div>
  );
}
