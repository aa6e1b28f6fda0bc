/** Says on every page that a project is looked at as one of its roles, and ends it. */
import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { setViewAs, useViewAs, type ViewAs } from '@/api/viewAs';
import classes from './shell.module.css';

/** Begins or ends looking as a role; what was read as somebody else is read anew. */
export function useLookAs(): (next: ViewAs | null) => Promise<void> {
  const client = useQueryClient();
  const router = useRouter();
  return async (next) => {
    setViewAs(next);
    client.removeQueries({ queryKey: ['project'] });
    await client.invalidateQueries();
    await router.invalidate();
  };
}

export function ViewAsBar() {
  const viewAs = useViewAs();
  const look = useLookAs();
  if (!viewAs) return null;
  return (
    <div className={classes.viewAs} role="status">
      <span className="user-text">You look at {viewAs.name} as its {viewAs.role} would. Nothing can be changed meanwhile.</span>
      <Button size="xs" variant="default" onClick={() => void look(null)}>Stop</Button>
    </div>
  );
}
