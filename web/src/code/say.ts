/** A failed run in one plain sentence. The server says what to write instead; these stand in when it does not. */
import type { Problem } from '@/api/types';

const PLAIN: Record<string, string> = {
  syntax: 'This is not valid Python.',
  refused: 'This is not allowed in Code Mode.',
  failed: 'The code stopped with an error.',
  no_figure: 'The code made no figure. Give the figure the name fig, as in fig = px.scatter(df, ...).',
  timeout: 'The code took too long and was stopped.',
  memory: 'The code used too much memory and was stopped.',
  output: 'The figure or the printed text is too large.',
  cancelled: 'The run was cancelled.',
  busy: 'Every worker is busy. Run it again in a moment.',
};

export function say(problem: Problem): string {
  return problem.detail ?? (problem.code ? PLAIN[problem.code] : undefined) ?? problem.title;
}
