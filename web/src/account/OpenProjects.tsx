/** What everyone may look at without signing in. */
import { Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { publicProjectsQuery } from '@/api/queries';
import { LinkText } from '@/shell/NavLink';
import classes from './account.module.css';

export function OpenProjects() {
  const { data } = useQuery(publicProjectsQuery);
  if (!data || data.length === 0) return null;
  return (
    <section className={classes.open} aria-labelledby="open-projects">
      <Title order={2} id="open-projects">Open to everyone</Title>
      <ul className={classes.openList}>
        {data.map((project) => (
          <li key={project.id} className="user-text">
            <LinkText to="/projects/$project" params={{ project: project.id }} fw={600}>{project.name}</LinkText>
            {project.description && <Text size="xs" c="dimmed" lineClamp={2}>{project.description}</Text>}
          </li>
        ))}
      </ul>
    </section>
  );
}
